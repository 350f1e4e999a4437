"""A real IRC server (ngircd) on the loopback address, and a person who listens in a channel."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHANNEL, PASSWORD = "#payments", "hunter2-secret"
_WAIT = 10.0


def program() -> str | None:
    """The path of the server's program, or None."""
    return shutil.which("ngircd") or shutil.which("ngircd", path="/usr/sbin")


class Listener:
    """Somebody in the channel; `heard` returns what was said there."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_WAIT)
        self._lines = self._socket.makefile("r", encoding="utf-8", errors="replace", newline="\n")
        self._say(f"PASS {PASSWORD}")
        self._say("NICK ann")
        self._say("USER ann 0 * :Ann Lee")
        self._until(" 001 ")
        self._say(f"JOIN {CHANNEL}")
        self._until(" 366 ")

    def heard(self, last: str) -> str:
        """Everything said until a line holds `last`."""
        lines: list[str] = []
        while not lines or last not in lines[-1]:
            line = self._until(f" PRIVMSG {CHANNEL} :")
            lines.append(line.partition(" PRIVMSG ")[2].partition(" :")[2])
        return "\n".join(lines)

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def _say(self, line: str) -> None:
        self._socket.sendall(f"{line}\r\n".encode())

    def _until(self, part: str) -> str:
        while line := self._lines.readline().rstrip("\r\n"):
            if line.startswith("PING"):
                self._say("PONG" + line[4:])
            elif part in line:
                return line
        raise AssertionError(f"the server ended before {part!r}")


@contextmanager
def ircserver(folder: Path) -> Iterator[int]:
    """The port of a server that runs until the block ends."""
    port = _free_port()
    folder.chmod(0o755)
    config = folder / "ngircd.conf"
    config.write_text(
        "[Global]\nName = irc.example.org\nInfo = Test\nListen = 127.0.0.1\n"
        f"Ports = {port}\nMotdPhrase = Hello\nPassword = {PASSWORD}\n"
        "[Limits]\nMaxConnectionsIP = 0\nMaxNickLength = 30\n"
        "[Options]\nDNS = no\nIdent = no\nPAM = no\nSyslogFacility = local1\n",
        encoding="utf-8",
    )
    config.chmod(0o644)
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [program() or "ngircd", "--nodaemon", "--config", str(config)], stdout=log, stderr=log
    )
    try:
        _wait_for(port, process, folder / "log")
        yield port
    finally:
        # At once and without a time limit: a busy machine must not leave it running.
        process.kill()
        process.wait()
        log.close()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _WAIT
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

"""What must hold before anything is started: a free port and a data directory of our own."""

import fcntl
import os
import re
import socket
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"
LOCK_NAME = "run.lock"
PORT_RANGE = (1, 65535)
_HOLDER = re.compile(r"(https?://[^\s/@?#]+) \(process ([0-9]{1,9})\)\n")


class CannotStart(Exception):
    """The start is refused; the message is one line that says what to do."""


def port_of(text: str) -> int:
    """The port number in `text`. Raises CannotStart."""
    lowest, highest = PORT_RANGE
    if not text.isascii() or not text.isdigit() or not lowest <= int(text[:6]) <= highest:
        raise CannotStart(f"PORT is {text!r}; accepted: a whole number from {lowest} to {highest}")
    return int(text)


def require_free_port(port: int) -> None:
    """Raises CannotStart when another program listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            raise CannotStart(
                f"port {port} cannot be used ({error.strerror}); "
                f"choose another one: make run PORT={_another(port)}"
            ) from None


def lock_data_dir(data_dir: Path, address: str) -> IO[str]:
    """Take the data directory for this process until the returned file is closed.

    Raises CannotStart when another start holds it, or when it cannot be written.
    """
    try:
        file = (data_dir / LOCK_NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"cannot write to {str(data_dir)!r}: {error.strerror}") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        raise CannotStart(
            f"{str(data_dir)!r} is already in use by {holder}; "
            "stop that one first, or set DISPLACE_DATA_DIR to another folder"
        ) from None
    file.truncate(0)
    file.write(f"{address} (process {os.getpid()})\n")
    file.flush()
    return file


def running_address(data_dir: Path) -> str | None:
    """The address of the start that uses the data directory now; None when there is none."""
    try:
        holder = _HOLDER.fullmatch((data_dir / LOCK_NAME).read_text(encoding="utf-8"))
        if holder is None:
            return None
        # Asking for the lock instead could make a start fail that asks at the same moment.
        os.kill(int(holder[2]), 0)
    except (OSError, UnicodeDecodeError):
        return None
    return holder[1]


def _another(port: int) -> int:
    return port + 1 if port < PORT_RANGE[1] else port - 1

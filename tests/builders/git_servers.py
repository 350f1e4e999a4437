"""Real Git servers for tests: a folder, git http-backend, gitolite."""

import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GITOLITE_SHELL = Path("/usr/share/gitolite3/gitolite-shell")

# What ssh would do with the forced command of a key: run it with what the client asked for.
SSH = """#!/bin/sh
while [ "${{1#-}}" != "$1" ]; do
  case "$1" in -o|-p) shift ;; esac
  shift
done
shift
cd {home}
exec env HOME={home} SSH_ORIGINAL_COMMAND="$*" SSH_CONNECTION="127.0.0.1 1 127.0.0.1 22" \\
  PATH="{path}" {shell} ann
"""


def missing_gitolite() -> str:
    """Why gitolite cannot be used here, or an empty text."""
    if shutil.which("gitolite") and GITOLITE_SHELL.exists():
        return ""
    return "gitolite is not installed (on Debian: apt install gitolite3)"


class Backend(BaseHTTPRequestHandler):
    """`git http-backend` as a web server runs it, for whoever comes."""

    environment: Mapping[str, str] = {}

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        size = int(self.headers.get("Content-Length") or 0)
        done = subprocess.run(
            ["git", "http-backend"],
            input=self.rfile.read(size),
            capture_output=True,
            check=True,
            env={
                **self.environment,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(size),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "ann",
                "REMOTE_ADDR": "127.0.0.1",
            },
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")]
        status = next((value for name, _, value in lines if name == "Status"), "200")
        self.send_response(int(status.split()[0]))
        for name, _, value in lines:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def http_backend(root: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve the repositories below a folder; yields the address of that folder."""
    settings = {**environment, "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1"}
    handler = type("Handler", (Backend,), {"environment": settings})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, _running(server):
        yield f"http://127.0.0.1:{server.server_port}"


def gitolite(home: Path, environment: Mapping[str, str]) -> Path:
    """Set gitolite up in a home of its own; returns a program to use as GIT_SSH."""
    home.mkdir(parents=True, exist_ok=True)
    settings = {**environment, "HOME": str(home)}
    subprocess.run(
        ["gitolite", "setup", "-a", "admin"], env=settings, check=True, capture_output=True
    )
    ssh = home / "ssh"
    ssh.write_text(
        SSH.format(home=home, path=environment["PATH"], shell=GITOLITE_SHELL), encoding="utf-8"
    )
    ssh.chmod(0o755)
    return ssh


@contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class Line:
    """A connection to a server that can be cut and mended; its own address stays."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def up(self) -> Iterator[None]:
        """Pass on what comes in, until the block ends."""
        target = self.target

        class Relay(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(target) as there:
                    back = threading.Thread(target=_copy, args=(there, self.request))
                    back.start()
                    _copy(self.request, there)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True

        with Server(("127.0.0.1", self.port), Relay) as server, _running(server):
            yield


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

"""An HTTP server on the loopback address that records requests and answers as a test says."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What a client asked; the names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    status: int = 200
    value: Any = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""
    # Hang up without a word, after what was asked has been done.
    hangs_up: bool = False
    # Say nothing for so many seconds first.
    waits: float = 0.0

    @property
    def body(self) -> bytes:
        if self.data:
            return self.data
        return self.text.encode() if self.value is None else json.dumps(self.value).encode()


@dataclass
class Service:
    """`answer` is called for every request, one after another."""

    answer: Callable[[Request], Reply]
    port: int = 0
    requests: list[Request] = field(default_factory=list, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def service(
    answer: Callable[[Request], Reply], *, tls: ssl.SSLContext | None = None
) -> Iterator[Service]:
    """A server that listens until the block ends."""
    state = Service(answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, body)
            with lock:
                state.requests.append(request)
                reply = state.answer(request)
            time.sleep(reply.waits)
            if reply.hangs_up:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            with suppress(BrokenPipeError):  # whoever asked did not wait
                self.say(reply)

        def say(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = take  # noqa: N815 - the base class's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

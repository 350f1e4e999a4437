"""An HTTP service on loopback that behaves as its address says, well or very badly.

/ok takes a message, /again takes it as well but remembers keys, /429 asks to wait, /500 fails,
/silent never answers, /gone hangs up, /garbage speaks no HTTP, /odd answers something else,
/redirect sends on to a place inside, /huge streams a gigabyte, /claimed names such a length,
/402 and /404 refuse.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GIGABYTE = 1 << 30
_PIECE = b"x" * (1 << 16)


@dataclass
class OddService:
    """What arrived, and how much was sent of what is too large."""

    port: int = 0
    wait: str = "2"
    inside: str = "http://127.0.0.1:1/inside"
    messages: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    streamed: int = 0
    # Called with each message before it is answered.
    on_message: Callable[[dict[str, Any]], None] = lambda _message: None
    ending: threading.Event = field(default_factory=threading.Event)

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.port}/{way}"

    @property
    def keys(self) -> Counter[str]:
        """How often each key arrived and was taken."""
        return Counter(message["key"] for message in self.messages)


class _Handler(BaseHTTPRequestHandler):
    state: OddService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        way = self.path.strip("/").split("/")[0]
        self.state.seen[way] += 1
        message = json.loads(body)
        self.state.on_message(message)
        refusals = {"429": 429, "500": 500, "402": 402, "404": 404}
        if way in ("ok", "again"):
            self.take(message)
        elif way in refusals:
            headers = {"Retry_After": self.state.wait} if way == "429" else {}
            self.answer(refusals[way], {"error": f"no, {way}"}, **headers)
        else:
            getattr(self, f"be_{way}")()

    def take(self, message: dict[str, Any]) -> None:
        self.state.messages.append(message)
        self.state.times.append(time.monotonic())
        self.answer(200, {"id": len(self.state.messages)})

    def be_silent(self) -> None:
        self.state.ending.wait(30)

    def be_gone(self) -> None:
        self.connection.close()

    def be_garbage(self) -> None:
        self.wfile.write(b"\x00\xff\x13 this is no HTTP\r\n\r\n" * 10)

    def be_odd(self) -> None:
        self.answer(200, ["<html>", None])

    def be_redirect(self) -> None:
        self.answer(307, {}, Location=self.state.inside)

    def be_claimed(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(GIGABYTE))
        self.end_headers()
        self.stream()

    def be_huge(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.stream()

    def stream(self) -> None:
        try:
            while self.state.streamed < GIGABYTE:
                self.wfile.write(_PIECE)
                self.state.streamed += len(_PIECE)
        except OSError:
            return  # the client has had enough

    def answer(self, status: int, value: object, **headers: str) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A client that was killed is no news."""


@contextmanager
def odd_service() -> Iterator[OddService]:
    """A service that listens until the block ends."""
    state = OddService()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()

"""A small HTTP server that takes our hook script's events as a Displace server does."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a secret of the tests, long enough"
ENDPOINT = "endpoint-1"


@dataclass
class Receiver:
    """What arrived; `answer` is the status that follows, whatever the signature."""

    port: int = 0
    answer: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    events: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tips(self) -> list[tuple[str, str]]:
        """Ref and new commit of every update that was taken, in order."""
        return [(one["ref"], one["new"]) for event in self.events for one in event["updates"]]

    def take(self, path: str, headers: Any, body: bytes) -> int:
        """The status for a request."""
        time.sleep(self.seconds)
        if self.answer:
            return self.answer
        if path != f"/webhooks/displace/{ENDPOINT}":
            return 404
        parts = dict(part.split("=", 1) for part in headers["X-Displace-Signature"].split(","))
        signed = parts["t"].encode() + b"." + body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        is_fresh = abs(time.time() - int(parts["t"])) < 300
        if not (is_fresh and hmac.compare_digest(expected, parts["v1"])):
            return 401
        if headers["X-Displace-Delivery"] in self.deliveries:
            return 200
        self.deliveries.append(headers["X-Displace-Delivery"])
        self.events.append(json.loads(body))
        return 202


@contextmanager
def receiver(port: int = 0, known: Receiver | None = None) -> Iterator[Receiver]:
    """A receiver that listens until the block ends; give a `known` one to let it come back."""
    state = known or Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = state.take(self.path, self.headers, body)
            state.statuses.append(status)
            self.send_response(status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

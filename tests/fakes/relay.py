"""A relay between a client and an HTTP service on loopback that can stop in the middle.

It takes one whole request, passes it on, and passes the whole answer back. `watch` is called
before and after the request is passed on, and may take its time: to kill the client, say. Where
it returns True, nothing goes on.
"""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

# "request": it has come whole and was not passed on; "answer": the service has answered.
Watch = Callable[[str, bytes], bool]


@dataclass
class Relay:
    target: int
    watch: Watch
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _request(stream: BinaryIO) -> tuple[bytes, bytes]:
    """The first line and the whole of a request; empty where the client has gone."""
    first = head = stream.readline()
    length = 0
    while head and (line := stream.readline()) not in (b"\r\n", b""):
        head += line
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    return first, head + b"\r\n" + stream.read(length)


class _Handler(socketserver.StreamRequestHandler):
    relay: Relay

    def handle(self) -> None:
        try:
            self.pass_on()
        except OSError:
            return  # one of both has gone, as planned

    def pass_on(self) -> None:
        first, request = _request(self.rfile)
        if not first:
            return
        if self.relay.watch("request", first):
            return
        with socket.create_connection(("127.0.0.1", self.relay.target), timeout=30) as service:
            service.sendall(request)
            pieces = []
            while piece := service.recv(1 << 16):
                pieces.append(piece)
        if self.relay.watch("answer", first):
            return
        self.wfile.write(b"".join(pieces))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


@contextmanager
def relay(target: int, watch: Watch) -> Iterator[Relay]:
    """A relay to a port that listens until the block ends."""
    state = Relay(target, watch)
    handler = type("Handler", (_Handler,), {"relay": state})
    with _Server(("127.0.0.1", 0), handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()

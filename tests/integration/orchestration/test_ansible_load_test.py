"""A load-test stage presses on a server of this host, on nothing else, and says what came of it."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from orchestration.adapters.probes import probe
from tests.builders.waiting import until


class Server(ThreadingHTTPServer):
    """Counts what it is asked for."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def loads(stage: Any) -> Mapping[str, float]:
    return probe("load-test", stage.outputs, stage.parameters, seconds=30).loads


@pytest.mark.slow
def test_users_press_on_what_is_named(build: Any, server: Server) -> None:
    given = {"target": f"{server.address}/cart", "run_s": 60, "pause_s": 0.2}
    stage = build("load-test", "stage", given=given)
    assert stage.apply().changed > 0
    until(lambda: len(server.asked) > 50, seconds=60)
    seen = probe("load-test", stage.outputs, stage.parameters, seconds=30)
    assert seen.is_well, seen.sentences
    assert "95% of them" in seen.sentences[0]
    assert seen.loads["users"] == 20
    # Locust counts over the last seconds, and begins with nothing.
    until(lambda: loads(stage)["requests_per_second"] > 0, seconds=30)
    assert set(server.asked) == {"/cart"}
    assert stage.apply().changed == 0
    assert stage.differences() == ()

    # Whoever reaches its page cannot aim it at anybody else.
    with Server() as victim:
        threading.Thread(target=victim.serve_forever, daemon=True).start()
        form = {"user_count": 5, "spawn_rate": 5, "host": victim.address, "run_time": "10s"}
        before = len(server.asked)
        with urlopen(f"{stage.outputs['url']}/swarm", urlencode(form).encode()) as answer:  # noqa: S310 - our own address
            assert answer.status == 200
        until(lambda: len(server.asked) > before + 20, seconds=60)
        assert victim.asked == []
        victim.shutdown()

    server.status = 500
    stage.given = {**given, "pause_s": 0.3}
    assert stage.apply().changed > 0
    seen = probe("load-test", stage.outputs, stage.parameters, seconds=30)
    assert not seen.is_well
    assert "requests failed" in seen.sentences[0]

    stage.destroy()
    assert stage.remains() == ()

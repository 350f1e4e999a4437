"""The guarded HTTP client against real servers that misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from common import http
from common.http import Limits, request, request_json

Talk = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A server on the loopback address that answers as its test says."""

    def __init__(self) -> None:
        self.talk: Talk = lambda handler: respond(handler, b"fine")
        self.seen: list[tuple[str, str, bytes, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.seen.append((self.command, self.path, body, dict(self.headers)))
                server.talk(self)

            do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815 - the base class's names

            def log_message(self, *_: object) -> None:
                return

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                return  # the client went away, as it should

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def respond(
    handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def allowed(settings) -> None:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)


def test_an_allowed_host_is_spoken_to(server: Server, allowed: None) -> None:
    answer = request_json(
        "POST", f"{server.url}/a/b?c=d", value={"n": 1}, headers={"X-Token": "secret"}
    )
    assert (answer.status, answer.body, answer.is_success) == (200, b"fine", True)
    method, path, body, headers = server.seen[0]
    assert (method, path, body) == ("POST", "/a/b?c=d", b'{"n": 1}')
    assert headers["Host"] == f"127.0.0.1:{server.port}"
    assert (headers["X-Token"], headers["Content-Type"]) == ("secret", "application/json")
    with pytest.raises(http.BadAnswer):
        answer.json()


def test_an_error_status_is_an_answer(server: Server, allowed: None) -> None:
    server.talk = lambda handler: respond(handler, b"{}", 404, **{"Retry-After": "7"})
    answer = request("GET", server.url)
    assert (answer.status, answer.headers["retry-after"], answer.json()) == (404, "7", {})


def test_the_loopback_address_is_refused_by_default(server: Server) -> None:
    for url in (
        server.url,
        f"https://127.0.0.1:{server.port}",
        f"https://localhost:{server.port}",
        f"https://[::1]:{server.port}",
        f"https://[::ffff:127.0.0.1]:{server.port}",
        f"https://2130706433:{server.port}",
        f"https://0x7f.1:{server.port}",
        f"https://0:{server.port}",
    ):
        with pytest.raises(http.HttpError) as error:
            request("GET", url)
        assert isinstance(error.value, http.Forbidden | http.Unreachable), url
    assert server.seen == []


def test_a_name_that_leads_inside_is_refused(server: Server) -> None:
    # A name of this very machine, as its own resolver answers it.
    inside = socket.getaddrinfo("localhost", server.port, type=socket.SOCK_STREAM)
    assert inside
    with pytest.raises(http.Forbidden, match="private or special"):
        request("GET", f"https://localhost:{server.port}/")
    assert server.seen == []


def test_a_name_that_answers_twice_is_checked_on_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look-up shows a public address, but the connection ends up inside."""
    real = socket.socket.connect

    class Rebound(socket.socket):
        def connect(self, place):
            return real(self, ("127.0.0.1", server.port))

    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: public)
    monkeypatch.setattr(socket, "socket", Rebound)
    with pytest.raises(http.Forbidden, match="connection leads"):
        request("GET", "https://rebinding.example/")
    assert server.seen == []


def test_a_redirect_is_not_followed(server: Server, allowed: None) -> None:
    server.talk = lambda handler: respond(
        handler, b"", 302, Location="http://169.254.169.254/latest/meta-data"
    )
    with pytest.raises(http.Redirected):
        request("GET", server.url)
    assert len(server.seen) == 1


def announce_a_gigabyte(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 30))
    handler.end_headers()
    pour(handler)


def pour_without_length(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    pour(handler)


def pour(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(1 << 10):
        handler.wfile.write(b"x" * (1 << 20))


@pytest.mark.parametrize("talk", [announce_a_gigabyte, pour_without_length])
def test_a_gigabyte_is_not_read(server: Server, allowed: None, talk: Talk) -> None:
    server.talk = talk
    started = time.monotonic()
    with pytest.raises(http.TooLarge):
        request("GET", server.url)
    assert time.monotonic() - started < 8


def drip_header(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(handler)


def drip_body(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(handler)


def drip(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(200):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


def say_nothing(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(10)


@pytest.mark.parametrize("talk", [drip_header, drip_body, say_nothing])
def test_a_slow_server_is_cut_off(server: Server, allowed: None, talk: Talk) -> None:
    server.talk = talk
    started = time.monotonic()
    with pytest.raises(http.TimedOut) as error:
        request("GET", server.url, limits=Limits(seconds=0.5))
    assert time.monotonic() - started < 8
    assert error.value.is_outcome_unknown


def test_a_resolver_that_does_not_answer_is_left(
    allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(*_: object, **__: object) -> list[object]:
        time.sleep(8)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    started = time.monotonic()
    with pytest.raises(http.TimedOut) as error:
        request("GET", "https://slow.example/", limits=Limits(seconds=0.3))
    assert time.monotonic() - started < 7
    assert not error.value.is_outcome_unknown


def test_an_unknown_name_is_told(allowed: None) -> None:
    with pytest.raises(http.Unreachable, match="not known"):
        request("GET", "https://no-such-host.invalid/")


def test_a_cut_answer_is_no_answer(server: Server, allowed: None) -> None:
    server.talk = lambda handler: handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"
    )
    with pytest.raises(http.Unreachable):
        request("GET", server.url)


def test_what_is_no_http_is_told(server: Server, allowed: None) -> None:
    server.talk = lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n")
    with pytest.raises(http.BadAnswer):
        request("GET", server.url)


def test_a_certificate_is_checked(server: Server, allowed: None) -> None:
    with pytest.raises(http.HttpError):
        request("GET", f"https://127.0.0.1:{server.port}/")


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "https://", "https://user:secret@example.org/", "https://a:99999/",
     "http://example.org/", "//example.org", "https://[::1/"],
)  # fmt: skip
def test_a_bad_address_is_refused(url: str) -> None:
    with pytest.raises(http.Forbidden) as error:
        request("GET", url)
    assert "secret" not in str(error.value)


def test_no_header_can_be_smuggled_in(server: Server, allowed: None) -> None:
    for url, headers in (
        (f"{server.url}/a", {"X-A": "b\r\nX-Evil: 1"}),
        (f"{server.url}/a b", {}),
    ):
        with pytest.raises(http.HttpError):
            request("GET", url, headers=headers)
    assert server.seen == []


def test_plain_http_only_reaches_what_is_allowed(server: Server, settings) -> None:
    settings.INTERNAL_HOSTS = ("10.0.0.0/8",)
    with pytest.raises(http.Forbidden):
        request("GET", server.url)
    settings.INTERNAL_HOSTS = ("localhost",)
    assert request("GET", f"http://localhost:{server.port}/").status == 200


def test_a_closed_port_is_told(allowed: None) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(http.Unreachable):
        request("GET", f"http://127.0.0.1:{port}/")

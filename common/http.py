"""The one HTTP client: guarded against addresses, redirects, sizes and waits that harm.

The address is checked on the socket that is really connected, never on an earlier look-up, so a
name that answers differently the second time gains nothing. Proxies of the environment are not
used: a proxy would connect where this guard does not see it.
"""

import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from common.addresses import Allowance

_CHUNK = 1 << 16
# What getaddrinfo returns.
_Found = tuple[int, int, int, str, tuple[Any, ...]]
_DEFAULT_PORTS = {"http": 80, "https": 443}
_has_networks: ContextVar[bool] = ContextVar("has_networks", default=True)
# What is repeated of an address (characters); no name of a host is longer.
MOST_HOST = 253


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one request may take: seconds from start to end, and bytes of the answer."""

    seconds: float = 10.0
    body: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON. Raises BadAnswer."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise BadAnswer("The server's answer is no JSON.") from None


class HttpError(Exception):
    """Why there is no answer. The message is fit for a page and holds no part of the address.

    `is_permanent`: trying again later will not help. `is_outcome_unknown`: the request may have
    reached the server, so a second one may do its work twice.
    """

    is_permanent = False

    def __init__(self, message: str, *, is_outcome_unknown: bool = False) -> None:
        super().__init__(message)
        self.is_outcome_unknown = is_outcome_unknown


class Forbidden(HttpError):
    """The address is none that may be spoken to."""

    is_permanent = True


class Redirected(HttpError):
    """The server sends on to another address; that one is not followed.

    `location` is that address, for a caller who knows that it must be one and asks it anew.
    """

    is_permanent = True

    def __init__(self, message: str, location: str = "") -> None:
        super().__init__(message)
        self.location = location


class TooLarge(HttpError):
    """The answer is larger than allowed."""

    is_permanent = True


class BadAnswer(HttpError):
    """The server does not speak HTTP, or not the format expected."""


class Unreachable(HttpError):
    """No connection, or one that broke."""


class TimedOut(HttpError):
    """The time allowed is over."""


@dataclass(slots=True)
class _Clock:
    """How much of the time allowed is left, and whether it was cut off."""

    limit: float
    started: float = field(default_factory=time.monotonic)
    is_over: bool = False
    is_sent: bool = False

    def left(self) -> float:
        """The seconds left; raises TimedOut when there are none."""
        left = self.started + self.limit - time.monotonic()
        if left <= 0 or self.is_over:
            raise self.timed_out()
        return left

    def timed_out(self) -> TimedOut:
        return TimedOut(
            f"The server did not answer within {self.limit:g} seconds.",
            is_outcome_unknown=self.is_sent,
        )


@contextmanager
def reach(*, has_networks: bool) -> Iterator[None]:
    """Whether the networks that an operator allows may be spoken to, or single hosts of them only.

    For addresses on the word of people who are not trusted with all that a network holds.
    """
    before = _has_networks.set(has_networks)
    try:
        yield
    finally:
        _has_networks.reset(before)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limits: Limits | None = None,
    allowance: Allowance | None = None,
    trusted: str = "",
) -> Answer:
    """Send one request and return the answer, whatever its status below 300 or from 400 on.

    https to any public host; http, and hosts inside a private network, only where the operator
    allows them (DISPLACE_INTERNAL_HOSTS). `allowance` stands instead of the operator's for an
    address that no person gave, such as a server that we started ourselves. `trusted` holds
    certificates (PEM) of authorities to trust instead of the system's. Raises HttpError.
    """
    limits = limits or Limits()
    allowance = allowance or Allowance.of(settings.INTERNAL_HOSTS)
    if not _has_networks.get():
        allowance = allowance.without_networks()
    parts, host = _checked(url, allowance)
    clock = _Clock(limits.seconds)
    try:
        with _connected(parts, host, allowance, clock, trusted) as connection:
            connection.request(
                method,
                _target(parts),
                body=body or None,
                headers={**_own_headers(parts, host), **(headers or {})},
            )
            clock.is_sent = True
            with connection.getresponse() as response:
                answer = _read(response, limits)
            clock.left()  # an answer without a length just ends where it was cut off
            return answer
    except TimeoutError as error:
        raise clock.timed_out() from error
    except (OSError, HTTPException, ValueError) as error:
        if clock.is_over:
            raise clock.timed_out() from error
        raise _told(error, clock) from error


def request_json(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    value: object = None,
    limits: Limits | None = None,
    trusted: str = "",
) -> Answer:
    """The same with a JSON body, unless `value` is None."""
    own = {"Accept": "application/json"}
    body = b""
    if value is not None:
        own["Content-Type"] = "application/json"
        body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return request(
        method, url, headers={**own, **(headers or {})}, body=body, limits=limits, trusted=trusted
    )


def _checked(url: str, allowance: Allowance) -> tuple[SplitResult, str]:
    """Take the address apart. Raises Forbidden."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        _ = parts.port  # read for its check of the number
    except ValueError:
        raise Forbidden("The address is malformed; correct it.") from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise Forbidden("The address must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("The address holds a user name; give credentials apart from it.")
    if parts.scheme == "http" and not (allowance.names(host) or allowance.networks):
        raise Forbidden(
            "The address must begin with https://; plain http is spoken only to hosts that "
            f"DISPLACE_INTERNAL_HOSTS names. {_remedy(host)}"
        )
    return parts, host


def _remedy(host: str) -> str:
    return (
        "If it is a server of yours, whoever runs Displace adds "
        f"{host[:MOST_HOST]} to DISPLACE_INTERNAL_HOSTS and starts it again."
    )


@contextmanager
def _connected(
    parts: SplitResult, host: str, allowance: Allowance, clock: _Clock, trusted: str
) -> Iterator[HTTPConnection]:
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    plain = _open(host, port, parts.scheme, allowance, clock)
    # Shutting this twin down ends every wait on the connection, in whatever state that is.
    with socket.socket(fileno=os.dup(plain.fileno())) as twin, _cut_off(twin, clock):
        connection = HTTPConnection(host, port)
        connection.sock = plain
        try:
            if parts.scheme == "https":
                context = ssl.create_default_context(cadata=trusted or None)
                connection.sock = context.wrap_socket(plain, server_hostname=host)
            yield connection
        finally:
            connection.close()
            plain.close()


def _open(host: str, port: int, scheme: str, allowance: Allowance, clock: _Clock) -> socket.socket:
    """Connect to the first address of the host that may be spoken to and answers."""
    found = _looked_up(host, port, clock)
    problem: HttpError = Unreachable("The host of the address has no address of its own.")
    for family, kind, protocol, _, place in found:
        address = str(place[0])
        if not _may(host, address, scheme, allowance):
            problem = Forbidden(
                f"The address leads into a private or special network. {_remedy(host)}"
            )
            continue
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(clock.left())
            opened.connect(place)
            if not _may(host, str(opened.getpeername()[0]), scheme, allowance):
                raise Forbidden("The connection leads into a private or special network.")
        except OSError as error:
            opened.close()
            problem = Unreachable(
                f"The server cannot be reached ({error.strerror or 'no answer'})."
            )
        except HttpError:
            opened.close()
            raise
        else:
            return opened
    clock.left()
    raise problem


def _looked_up(host: str, port: int, clock: _Clock) -> list[_Found]:
    """The addresses of a host. A resolver that does not answer is left behind in its thread."""
    found: list[_Found] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):  # there is none
            return

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(clock.left())
    if thread.is_alive():
        raise clock.timed_out()
    if not found:
        raise Unreachable("The host of the address is not known; check its name.")
    return found


def _may(host: str, address: str, scheme: str, allowance: Allowance) -> bool:
    if scheme == "http" and not allowance.names(host):
        # Plain http only inside the networks that are allowed, never to the public.
        return Allowance(networks=allowance.networks).is_inside(address)
    return allowance.covers(host, address)


@contextmanager
def _cut_off(twin: socket.socket, clock: _Clock) -> Iterator[None]:
    """End the connection when the time is over, however slowly the other side keeps talking."""

    def cut() -> None:
        clock.is_over = True
        try:
            twin.shutdown(socket.SHUT_RDWR)
        except OSError:  # it ended by itself just now
            return

    timer = threading.Timer(clock.left(), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(response: HTTPResponse, limits: Limits) -> Answer:
    if 300 <= response.status < 400 and response.status != 304:
        raise Redirected(
            "The server redirects to another address; give the final one.",
            response.getheader("Location", ""),
        )
    if (response.length or 0) > limits.body:
        raise _too_large(limits)
    pieces, size = [], 0
    while chunk := response.read(_CHUNK):
        size += len(chunk)
        if size > limits.body:
            raise _too_large(limits)
        pieces.append(chunk)
    if response.length:
        raise Unreachable("The answer ended too early.", is_outcome_unknown=True)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, b"".join(pieces))


def _too_large(limits: Limits) -> TooLarge:
    # It answers at such length because it was asked, so its work may be done.
    message = f"The server's answer is larger than {limits.body:,} bytes."
    return TooLarge(message, is_outcome_unknown=True)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _own_headers(parts: SplitResult, host: str) -> dict[str, str]:
    shown = f"[{host}]" if ":" in host else host
    is_usual = parts.port in (None, _DEFAULT_PORTS[parts.scheme])
    return {
        "Host": shown if is_usual else f"{shown}:{parts.port}",
        "User-Agent": "displace",
        "Connection": "close",
    }


def _told(error: Exception, clock: _Clock) -> HttpError:
    unknown = clock.is_sent
    match error:
        case ssl.SSLCertVerificationError():
            return Unreachable("The server's certificate is not trusted here.")
        case HTTPException():
            return BadAnswer("The server does not answer in HTTP.", is_outcome_unknown=unknown)
        case OSError():
            return Unreachable("The connection broke.", is_outcome_unknown=unknown)
        case _:
            return Forbidden("The request holds a character that HTTP does not allow.")

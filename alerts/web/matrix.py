"""Where a Matrix homeserver passes on what is written in a room (Application Service API, v1).

Every answer carries its length; without one Synapse sends the same events again.
"""

import json
import logging
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from alerts.models import MatrixRegistration
from alerts.selectors.matrix import registration_at
from alerts.services.matrix_answers import events_take, is_homeserver

log = logging.getLogger(__name__)

# A hundred events of the largest size that there is.
MOST_BYTES = 8 * 1024 * 1024


class _No(Exception):
    """The request is not served: the status, Matrix's code for it, and why."""

    def __init__(self, status: HTTPStatus, code: str, why: str) -> None:
        super().__init__(why)
        self.status, self.code, self.why = status, code, why


@csrf_exempt
@login_not_required
@never_cache
def transaction(request: HttpRequest, key: str, number: str) -> HttpResponse:
    """Take in some events. The homeserver repeats it until it is told 200."""
    try:
        registration = _registration(request, key)
        _require(request, "PUT")
        events_take(registration=registration, events=_events(request))
    except _No as error:
        return _said(error)
    except (OperationalError, InterfaceError) as error:
        log.error("events of a homeserver not taken: %s", error)
        why = "The database does not answer; send the events again."
        return _said(_No(HTTPStatus.SERVICE_UNAVAILABLE, "M_UNKNOWN", why))
    return _json({})


@csrf_exempt
@login_not_required
@never_cache
def ping(request: HttpRequest, key: str) -> HttpResponse:
    """Answer that this is the right place and the right token."""
    try:
        _registration(request, key)
        _require(request, "POST")
    except _No as error:
        return _said(error)
    return _json({})


@csrf_exempt
@login_not_required
@never_cache
def unknown(request: HttpRequest, key: str, rest: str = "") -> HttpResponse:
    """People and rooms: none is ours to make."""
    try:
        _registration(request, key)
    except _No as error:
        return _said(error)
    return _said(_No(HTTPStatus.NOT_FOUND, "M_NOT_FOUND", "There is none of this name here."))


def _registration(request: HttpRequest, key: str) -> MatrixRegistration:
    """Who speaks. An unknown address and a wrong token look alike."""
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        # As homeservers did before 2023, some beside the header.
        token = request.GET.get("access_token", "")
    if not token:
        raise _No(HTTPStatus.UNAUTHORIZED, "M_UNAUTHORIZED", "The homeserver's token is missing.")
    registration = registration_at(key)
    if registration is None or not is_homeserver(registration, token.strip()):
        raise _No(HTTPStatus.FORBIDDEN, "M_FORBIDDEN", "The homeserver's token is not known here.")
    return registration


def _require(request: HttpRequest, method: str) -> None:
    if request.method != method:
        why = f"This address takes {method} only."
        raise _No(HTTPStatus.METHOD_NOT_ALLOWED, "M_UNRECOGNIZED", why)


def _events(request: HttpRequest) -> list[object]:
    try:
        body = request.read(MOST_BYTES + 1)
    except UnreadablePostError:
        raise _No(HTTPStatus.BAD_REQUEST, "M_NOT_JSON", "The body ended too early.") from None
    if len(body) > MOST_BYTES:
        why = f"More than {MOST_BYTES:,} bytes."
        raise _No(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "M_TOO_LARGE", why)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise _No(HTTPStatus.BAD_REQUEST, "M_NOT_JSON", "The body is no JSON.") from None
    events = found.get("events") if isinstance(found, dict) else None
    if not isinstance(events, list):
        raise _No(HTTPStatus.BAD_REQUEST, "M_BAD_JSON", "The body holds no list of events.")
    return events


def _said(error: _No) -> HttpResponse:
    return _json({"errcode": error.code, "error": error.why}, error.status)


def _json(value: dict[str, str], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    body = json.dumps(value).encode("ascii")
    return HttpResponse(
        body,
        status=status,
        content_type="application/json",
        headers={"Content-Length": str(len(body))},
    )

"""Where Git hosts deliver their events: no session, no form, no work."""

import logging
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from common.api.problems import MEDIA_TYPE, problem
from hooks import selectors, services
from hooks.services import Answer

log = logging.getLogger(__name__)

# Bytes read from the connection at a time.
CHUNK = 64 * 1024


class Unacceptable(Exception):
    """The request cannot even be read: what to answer, and why."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@csrf_exempt
@login_not_required
@never_cache
def receive(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Take in one event: 202, or 200 for a known one; a problem document says why not."""
    if request.method != "POST":
        refused = _problem(request, HTTPStatus.METHOD_NOT_ALLOWED, "Events are sent by POST.")
        refused["Allow"] = "POST"
        return refused
    try:
        return _take_in(request, kind, key)
    except Unacceptable as error:
        return _problem(request, error.status, error.detail)
    except OperationalError as error:
        log.error("event not stored: %s", error)
        detail = "The database does not answer; send the event again."
        return _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail)


def _take_in(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    endpoint = selectors.endpoint_at(kind, key)
    if endpoint is None:
        detail = "There is no webhook at this address; it may have been deleted."
        raise Unacceptable(HTTPStatus.NOT_FOUND, detail)
    if endpoint.disabled_at is not None:
        raise Unacceptable(HTTPStatus.NOT_FOUND, "This webhook is switched off.")
    headers = {name.lower(): text for name, text in request.headers.items()}
    receipt = services.delivery_receive(endpoint=endpoint, headers=headers, body=_body(request))
    if receipt.answer is Answer.REFUSED:
        return _problem(request, HTTPStatus.UNAUTHORIZED, receipt.reason)
    status = HTTPStatus.OK if receipt.answer is Answer.KNOWN else HTTPStatus.ACCEPTED
    return JsonResponse({"status": receipt.answer.value, "detail": receipt.reason}, status=status)


def _body(request: HttpRequest) -> bytes:
    """Read the raw body, and no more of it than is allowed."""
    if "Transfer-Encoding" in request.headers:
        # Such a body would be taken for an empty one.
        raise Unacceptable(HTTPStatus.LENGTH_REQUIRED, "Send the body with a Content-Length.")
    declared = request.headers.get("Content-Length", "0")
    size = int(declared[:20]) if declared.isdecimal() else 0
    most: int = settings.HOOKS_LARGEST_BODY
    try:
        if size > most:
            _read_away(request, size, 2 * most)
            raise _too_large(most)
        return _read(request, most)
    except UnreadablePostError:
        raise Unacceptable(HTTPStatus.BAD_REQUEST, "The body ended too early.") from None


def _read(request: HttpRequest, most: int) -> bytes:
    pieces, size = [], 0
    while piece := request.read(CHUNK):
        size += len(piece)
        if size > most:
            raise _too_large(most)
        pieces.append(piece)
    return b"".join(pieces)


def _read_away(request: HttpRequest, size: int, most: int) -> None:
    """Read a body without keeping it, unless even that is too much.

    A sender that is still writing would see a broken connection instead of the answer.
    """
    while size <= most and request.read(CHUNK):
        pass


def _too_large(most: int) -> Unacceptable:
    detail = f"The body is larger than {most // 2**20} MB; the next periodic look makes up for it."
    return Unacceptable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    members = problem(status=status, detail=detail, instance=request.path)
    return JsonResponse(members, status=status, content_type=MEDIA_TYPE)

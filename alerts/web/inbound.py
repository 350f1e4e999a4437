"""What every address that a chat service calls has in common."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from alerts.models import Channel
from alerts.selectors.channels import channel_by_key
from common.api.problems import MEDIA_TYPE, problem
from common.bodies import Unacceptable, body_of
from common.errors import Denied, Refused

log = logging.getLogger(__name__)

# Slack sends the whole message along with a press.
MOST_BODY = 1024 * 1024

Take = Callable[[HttpRequest, Channel, bytes], dict[str, Any] | None]


def inbound(kind: str) -> Callable[[Take], Callable[..., HttpResponse]]:
    """Make a view of what takes in a request to a channel of this kind.

    No session and no form stands behind it; what is refused is a problem document.
    """

    def decorate(take: Take) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @login_not_required
        @never_cache
        @wraps(take)
        def view(request: HttpRequest, key: str) -> HttpResponse:
            if request.method != "POST":
                refused = _problem(request, HTTPStatus.METHOD_NOT_ALLOWED, "Send it by POST.")
                refused["Allow"] = "POST"
                return refused
            try:
                return _answer(request, kind, key, take)
            except Unacceptable as error:
                return _problem(request, error.status, error.detail)
            except Denied as error:
                return _problem(request, HTTPStatus.UNAUTHORIZED, error.message)
            except Refused as error:
                return _problem(request, HTTPStatus.BAD_REQUEST, error.message)
            except OperationalError as error:
                log.error("answer not taken in: %s", error)
                detail = "The database does not answer; try again."
                return _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail)

        return view

    return decorate


def _answer(request: HttpRequest, kind: str, key: str, take: Take) -> HttpResponse:
    body = body_of(request, most=MOST_BODY)
    channel = channel_by_key(kind, key)
    if channel is None:
        raise Unacceptable(HTTPStatus.NOT_FOUND, "There is no channel at this address.")
    said = take(request, channel, body)
    return HttpResponse(status=HTTPStatus.OK) if said is None else JsonResponse(said)


def _problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    # The path holds the channel's key, which is nobody's business.
    members = problem(status=status, detail=detail, instance="/chat/")
    return JsonResponse(members, status=status, content_type=MEDIA_TYPE)

"""Where Git hosts deliver their events: no session, no form, no work."""

import logging
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from common.api.problems import MEDIA_TYPE, problem
from common.bodies import Unacceptable, body_of
from hooks import selectors, services
from hooks.services import Answer

log = logging.getLogger(__name__)


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
    body = body_of(request, most=settings.HOOKS_LARGEST_BODY)
    receipt = services.delivery_receive(endpoint=endpoint, headers=headers, body=body)
    if receipt.answer is Answer.REFUSED:
        return _problem(request, HTTPStatus.UNAUTHORIZED, receipt.reason)
    status = HTTPStatus.OK if receipt.answer is Answer.KNOWN else HTTPStatus.ACCEPTED
    return JsonResponse({"status": receipt.answer.value, "detail": receipt.reason}, status=status)


def _problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    members = problem(status=status, detail=detail, instance=request.path)
    return JsonResponse(members, status=status, content_type=MEDIA_TYPE)

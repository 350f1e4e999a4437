"""Where remote systems report about their orders. Nothing is told to whoever has no right to."""

import logging
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from common.bodies import Unacceptable, body_of
from common.errors import Denied, Refused
from orchestration.services import reports
from orchestration.services.reports import Signed

log = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@never_cache
def report(
    request: HttpRequest, target_key: str, run_key: str, resource_name: str, token: str
) -> HttpResponse:
    """Take one signed report."""
    if request.method != "POST":
        refused = _said(HTTPStatus.METHOD_NOT_ALLOWED, "Send it by POST.")
        refused["Allow"] = "POST"
        return refused
    try:
        message = Signed(
            message_id=request.headers.get("webhook-id", ""),
            timestamp=request.headers.get("webhook-timestamp", ""),
            signatures=request.headers.get("webhook-signature", ""),
            body=body_of(request, most=reports.MOST_BYTES),
        )
        reports.report_take(
            target_key=target_key,
            run_key=run_key,
            resource_name=resource_name,
            token=token,
            message=message,
        )
    except Unacceptable as error:
        return _said(error.status, error.detail)
    except Denied as error:
        return _said(HTTPStatus.UNAUTHORIZED, error.message)
    except Refused as error:
        return _said(HTTPStatus.BAD_REQUEST, error.message)
    except OperationalError as error:
        log.error("report not taken in: %s", error)
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer; try again.")
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _said(status: HTTPStatus, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")

"""The HTTP backend for the states of OpenTofu and Terraform: GET, POST, LOCK and UNLOCK.

As developer.hashicorp.com/terraform/language/backend/http describes it: basic authentication, 423
with what the holder of the lock said.
"""

import base64
import binascii
import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from common.bodies import Unacceptable, body_of
from common.encryption import CannotOpen
from common.errors import Denied, Refused
from orchestration.services import state_files
from orchestration.services.state_files import Access, Held

log = logging.getLogger(__name__)

_MOST_LOCK = 16 * 1024


@csrf_exempt
@login_not_required
@never_cache
def state(request: HttpRequest, environment_key: str, resource_name: str) -> HttpResponse:
    """The state of one resource, and its lock."""
    method = _METHODS.get(str(request.method))
    if method is None:
        refused = _said(HTTPStatus.METHOD_NOT_ALLOWED, "GET, POST, LOCK or UNLOCK.")
        refused["Allow"] = ", ".join(_METHODS)
        return refused
    try:
        run_key, token = _credentials(request)
        access = state_files.state_access(
            environment_key=environment_key,
            resource_name=resource_name,
            run_key=run_key,
            token=token,
        )
        return method(request, access)
    except Held as error:
        return JsonResponse(dict(error.lock), status=HTTPStatus.LOCKED)
    except Denied as error:
        refused = _said(HTTPStatus.UNAUTHORIZED, error.message)
        refused["WWW-Authenticate"] = 'Basic realm="state"'
        return refused
    except Unacceptable as error:
        return _said(error.status, error.detail)
    except Refused as error:
        return _said(HTTPStatus.CONFLICT, error.message)
    except (OperationalError, CannotOpen) as error:
        log.error("state not given or taken: %s", error)
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, "The state cannot be reached; try again.")


def _get(_: HttpRequest, access: Access) -> HttpResponse:
    text = state_files.state_read(access=access)
    if text is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return HttpResponse(text, content_type="application/json")


def _post(request: HttpRequest, access: Access) -> HttpResponse:
    body = body_of(request, most=state_files.MOST_BYTES)
    state_files.state_write(access=access, lock_id=request.GET.get("ID", ""), body=body)
    return HttpResponse(status=HTTPStatus.OK)


def _lock(request: HttpRequest, access: Access) -> HttpResponse:
    state_files.lock_take(access=access, info=_lock_info(request))
    return HttpResponse(status=HTTPStatus.OK)


def _unlock(request: HttpRequest, access: Access) -> HttpResponse:
    state_files.lock_release(access=access, lock_id=str(_lock_info(request).get("ID", "")))
    return HttpResponse(status=HTTPStatus.OK)


_METHODS: Mapping[str, Callable[[HttpRequest, Access], HttpResponse]] = {
    "GET": _get,
    "POST": _post,
    "LOCK": _lock,
    "UNLOCK": _unlock,
}


def _lock_info(request: HttpRequest) -> Mapping[str, Any]:
    try:
        found = json.loads(body_of(request, most=_MOST_LOCK))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unacceptable(HTTPStatus.BAD_REQUEST, "That is no information about a lock.")
    return found


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """Name and password of basic authentication. Raises Denied."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise Denied("Give the name and the token of a run.")
    return name, password


def _said(status: HTTPStatus, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")

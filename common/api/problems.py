"""Errors of the HTTP API as problem details (RFC 9457)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from common import errors
from common.api.exceptions import Conflict, PreconditionFailed, Refusal, TooLarge

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"
TYPE_PREFIX = "urn:displace:problem:"

# The last part of `type` for each status; a view may name a finer one.
CODES = {
    400: "invalid",
    401: "not-authenticated",
    403: "denied",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    411: "length-required",
    412: "stale",
    413: "too-large",
    415: "unsupported-media-type",
    422: "refused",
    428: "precondition-required",
    429: "throttled",
    500: "failed",
}


def exception_handler(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an expected error into a problem; None (a failure of the program) for any other."""
    request: Request = context["request"]
    known = _as_api_exception(exception, request)
    if known is None:
        return None
    set_rollback()
    status = HTTPStatus(known.status_code)
    field_errors = dict(_field_errors(known.detail))
    general = field_errors.pop("", [])
    return Response(
        problem(
            status=status,
            detail=" ".join(general) or _summary(field_errors),
            instance=request.path,
            errors=field_errors,
            code=_finer_code(known),
        ),
        status=status,
        content_type=MEDIA_TYPE,
        headers=_headers(known),
    )


@contextmanager
def fields_named(**names: str) -> Iterator[None]:
    """Give the field of a refusal the name that callers of the API know it by."""
    try:
        yield
    except errors.Refused as refusal:
        field = refusal.field
        raise errors.Refused(refusal.message, names.get(field, field) if field else None) from None


def problem(
    *,
    status: HTTPStatus,
    detail: str,
    instance: str,
    errors: Mapping[str, Sequence[str]] | None = None,
    code: str | None = None,
) -> dict[str, Any]:
    """Return the members of a problem; `errors` maps the name of a field to its messages."""
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + (code or CODES.get(status, "invalid")),
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "instance": quote(instance),
    }
    if errors:
        document["errors"] = {name: list(messages) for name, messages in errors.items()}
    return document


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The handler of status 400 of the whole site: a problem below /api/, a page elsewhere."""
    if not request.path.startswith(API_PREFIX):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return _plain_problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TooLarge.default_detail)
    return _plain_problem(request, HTTPStatus.BAD_REQUEST, "The request cannot be understood.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The handler of status 404 of the whole site."""
    if not request.path.startswith(API_PREFIX):
        return defaults.page_not_found(request, exception)
    detail = "There is nothing at this address; /api/docs/ lists what there is."
    return _plain_problem(request, HTTPStatus.NOT_FOUND, detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """The handler of status 500 of the whole site; Django has logged the failure."""
    if not request.path.startswith(API_PREFIX):
        return defaults.server_error(request)
    detail = "Displace failed to answer. Its log says why; trying again is safe."
    return _plain_problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def _plain_problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    members = problem(status=status, detail=detail, instance=request.path)
    return JsonResponse(members, status=status, content_type=MEDIA_TYPE)


def _as_api_exception(exception: Exception, request: Request) -> exceptions.APIException | None:
    match exception:
        case exceptions.APIException():
            return exception
        case errors.DisplaceError():
            return _of_domain(exception, request)
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied(*exception.args)
        case RequestDataTooBig():
            return TooLarge()
        case SuspiciousOperation():
            return exceptions.ParseError("The request cannot be understood.")
        case _:
            return None


def _of_domain(exception: errors.DisplaceError, request: Request) -> exceptions.APIException | None:
    match exception:
        case errors.Refused(field=str(field)) if field:
            # A value that was sent can be mended; else it is the state of things that refuses.
            is_sent = isinstance(request.data, Mapping) and field in request.data
            return (Refusal if is_sent else Conflict)({field: [exception.message]})
        case errors.Refused():
            return Conflict(exception.message)
        case errors.Stale():
            # Without If-Match the asker made no condition: two requests simply met.
            has_condition = "If-Match" in request.headers
            return (PreconditionFailed if has_condition else Conflict)(exception.message)
        case errors.Denied():
            return exceptions.PermissionDenied(exception.message)
        case errors.NotFound():
            return exceptions.NotFound(exception.message)
        case _:
            return None


def _finer_code(exception: exceptions.APIException) -> str | None:
    if not isinstance(exception, Conflict | Refusal) or not isinstance(exception.detail, str):
        return None
    code = getattr(exception.detail, "code", "error")
    return None if code == exceptions.APIException.default_code else code


def _headers(exception: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth_header := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def _field_errors(detail: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Flatten nested errors: the milestones' second title is "plan.milestones.1.title"."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            is_general = key == api_settings.NON_FIELD_ERRORS_KEY
            yield from _field_errors(value, name if is_general else _below(name, key))
    elif isinstance(detail, list) and any(isinstance(one, Mapping | list) for one in detail):
        for position, value in enumerate(detail):
            yield from _field_errors(value, _below(name, position))
    elif isinstance(detail, list):
        if detail:
            yield name, [str(message) for message in detail]
    else:
        yield name, [str(detail)]


def _below(name: str, key: object) -> str:
    return f"{name}.{key}" if name else str(key)


def _summary(field_errors: Mapping[str, Sequence[str]]) -> str:
    if len(field_errors) == 1:
        name, messages = next(iter(field_errors.items()))
        return f"{name}: {' '.join(messages)}"
    return f"{len(field_errors)} fields are not acceptable: {', '.join(field_errors)}."

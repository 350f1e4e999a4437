"""Idempotency-Key: a create that is sent again is done once."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.permissions import signed_in
from accounts.domain.secrets import digest
from common.api.exceptions import Conflict, Refusal

V = TypeVar("V", bound=APIView)
P = ParamSpec("P")
Method = Callable[Concatenate[V, Request, P], Response]
Wrapped = Callable[Concatenate[V, Request, P], HttpResponseBase]

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("ETag", "Location")


def idempotent(*, is_atomic: bool = True) -> Callable[[Method[V, P]], Wrapped[V, P]]:
    """Decorate a method of a view that creates something. See `services.request_once`."""

    def decorate(method: Method[V, P]) -> Wrapped[V, P]:
        @wraps(method)
        def once(
            view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            key = request.headers.get(HEADER)
            if key is None:
                return method(view, request, *args, **kwargs)
            if not KEY.fullmatch(key):
                raise ParseError(f"{HEADER} has 1 to 255 visible ASCII characters.")
            try:
                answer = services.request_once(
                    user=signed_in(request),
                    key=key,
                    fingerprint=_fingerprint(request),
                    is_atomic=is_atomic,
                    work=lambda: _answer(method(view, request, *args, **kwargs)),
                )
            except services.RequestDiffers as error:
                raise Refusal(error.message, "idempotency-key-reused") from None
            except services.RequestUnderWay as error:
                raise Conflict(error.message, "idempotency-key-in-use") from None
            return _response(answer)

        return once

    return decorate


def _fingerprint(request: Request) -> str:
    """Tells two requests apart by what they ask for, however their JSON is written."""
    body = json.dumps(request.data, sort_keys=True)
    return digest(f"{request.method} {request.path.rstrip('/')}\n{body}")


def _answer(response: Response) -> services.Answer:
    body: Any = JSONRenderer().render(response.data)
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    return services.Answer(response.status_code, body.decode("utf-8"), headers)


def _response(answer: services.Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    for name, value in answer.headers.items():
        response[name] = value
    if answer.is_replay:
        response[REPLAYED] = "true"
    return response

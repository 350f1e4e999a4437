"""Resources and their addresses."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSet

from common.api.exceptions import LengthRequired


class Resource(ViewSet):
    """A thing with a list, and with actions. What it can do is in the schema, not in OPTIONS."""

    http_method_names = ["get", "head", "post", "patch"]

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Such a body would be taken for an empty one.
        if "Transfer-Encoding" in request.headers:
            raise LengthRequired


class ResourceRouter(SimpleRouter):
    """An address works with and without its last slash."""

    def __init__(self) -> None:
        super().__init__()
        # A redirect would turn the POST of whoever left the slash out into a GET.
        self.trailing_slash = "/?"

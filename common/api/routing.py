"""Resources and their addresses."""

from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSet


class Resource(ViewSet):
    """A thing with a list, and with actions. What it can do is in the schema, not in OPTIONS."""

    http_method_names = ["get", "head", "post", "patch"]


class ResourceRouter(SimpleRouter):
    """An address works with and without its last slash."""

    def __init__(self) -> None:
        super().__init__()
        # A redirect would turn the POST of whoever left the slash out into a GET.
        self.trailing_slash = "/?"

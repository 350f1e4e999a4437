"""Addresses of resources."""

from rest_framework.routers import SimpleRouter


class ResourceRouter(SimpleRouter):
    """An address works with and without its last slash."""

    def __init__(self) -> None:
        super().__init__()
        # A redirect would turn the POST of whoever left the slash out into a GET.
        self.trailing_slash = "/?"

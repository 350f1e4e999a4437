"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The network address of the client, as seen by the nearest trusted hop.

    With HTTPS a proxy stands in front, and the last entry of X-Forwarded-For is the one that
    this proxy wrote; earlier entries are the client's own claim.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        address = forwarded.rsplit(",", maxsplit=1)[-1].strip()
    else:
        address = request.META.get("REMOTE_ADDR", "")
    return address[:64]

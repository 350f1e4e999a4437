"""How callers show who they are, and how they make a call repeatable, for the schema."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter

from accounts.api.authentication import SCHEME, BearerAuthentication, BrowserAuthentication
from accounts.api.idempotency import HEADER

IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description=(
        "Any text of your choice, new for each thing you create. The same request with the same "
        "key within 24 hours is answered as the first one was, and does nothing."
    ),
)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library's hook has no types
    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": SCHEME,
            "description": "An API token, made at /accounts/tokens/.",
        }


class BrowserScheme(SessionScheme):  # type: ignore[no-untyped-call]  # as above, no types
    """What the documentation page uses."""

    target_class = BrowserAuthentication  # type: ignore[assignment]  # the library takes both a class and its path
    name = "session"
    priority = 1

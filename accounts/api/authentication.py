"""Who calls: bearer tokens, and the session of the documentation page.

The framework reads this module while it loads its own views: nothing here may import those.
"""

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import services
from accounts.models import User

SCHEME = "bearer"
# Tokens are shorter; a header of any length is not hashed for a stranger.
MOST_CHARACTERS = 200


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`, the token being one of a person's API tokens."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        secret = secret.strip()
        user = services.token_use(secret=secret) if len(secret) <= MOST_CHARACTERS else None
        if user is None:
            raise AuthenticationFailed(
                "This token is unknown, revoked or expired: make a new one at /accounts/tokens/."
            )
        return user, secret

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="displace"'


class BrowserAuthentication(SessionAuthentication):
    """The session of a person who is signed in; writes need the CSRF token too."""

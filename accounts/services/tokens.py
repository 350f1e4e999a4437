"""API tokens: made, used and ended."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts import selectors
from accounts.domain.secrets import SECRET_BYTES, SHOWN_LENGTH, TOKEN_PREFIX, digest
from accounts.models import ApiToken, User
from accounts.services.refusals import refused_when_invalid
from common import clock
from common.errors import NotFound, Refused

# A token's last use is written at most this often, so that reading stays cheap.
LAST_USE_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; `secret` cannot be read again."""

    token: ApiToken
    secret: str = field(repr=False)


def token_issue(*, user: User, name: str, expires_at: datetime | None = None) -> IssuedToken:
    """Make an API token. The secret in the answer is the only copy."""
    now = clock.now()
    if expires_at is not None and expires_at <= now:
        raise Refused("The token would expire before its first use.", "expires_at")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        user=user,
        name=name.strip(),
        shown=secret[:SHOWN_LENGTH],
        digest=digest(secret),
        created_at=now,
        expires_at=expires_at,
    )
    with refused_when_invalid():
        token.full_clean(exclude=["last_used_at", "expires_at", "revoked_at"])
        token.save()
    return IssuedToken(token, secret)


def token_revoke(*, user: User, token_id: int) -> None:
    """End a token of this person at once. Doing it twice changes nothing."""
    own = ApiToken.objects.filter(pk=token_id, user=user)
    if not own.filter(revoked_at=None).update(revoked_at=clock.now()) and not own.exists():
        raise NotFound("There is no such token.")


def token_use(*, secret: str) -> User | None:
    """The person a presented token stands for, noting its use; None when it is not valid."""
    token = selectors.live_token(secret)
    if token is None:
        return None
    now = clock.now()
    # Looked at here, since even an update of no row waits for the database's writers.
    if token.last_used_at is None or token.last_used_at < now - LAST_USE_PRECISION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user

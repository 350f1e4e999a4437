"""One-use sign-in links, and the count of wrong passwords."""

import secrets
from datetime import timedelta

from accounts import selectors
from accounts.domain.secrets import SECRET_BYTES, digest
from accounts.domain.throttle import WINDOW
from accounts.models import SignInFailure, SignInLink, User
from common import clock
from common.errors import Refused

SIGN_IN_LINK_LIFETIME = timedelta(minutes=15)
# Used sign-in links are kept this long to tell "used" from "never existed".
SIGN_IN_LINK_RETENTION = timedelta(days=7)


def sign_in_link_issue(*, user: User) -> str:
    """Make a link that signs `user` in once, within 15 minutes; returns its secret.

    Raises Refused for a deactivated person, whom it would not let in.
    """
    if not user.is_active:
        raise Refused(f"{user} is deactivated; reactivate them first.")
    now = clock.now()
    SignInLink.objects.filter(expires_at__lt=now - SIGN_IN_LINK_RETENTION).delete()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    SignInLink.objects.create(
        user=user,
        digest=digest(secret),
        created_at=now,
        expires_at=now + SIGN_IN_LINK_LIFETIME,
    )
    return secret


def sign_in_link_redeem(*, secret: str) -> User:
    """Use the link up and return its person. Of two at once, exactly one succeeds."""
    link = selectors.live_sign_in_link(secret)
    # The condition names columns of this row only: PostgreSQL looks at a condition on another
    # table (here the user) once, before it waits for the other update, and both would succeed.
    unused = SignInLink.objects.filter(digest=digest(secret), used_at=None)
    if link is None or not unused.update(used_at=clock.now()):
        raise Refused("This sign-in link has been used or has expired; ask for a new one.")
    return link.user


def sign_in_failed(*, name: str, address: str) -> None:
    """Count a wrong password, and forget the old ones."""
    now = clock.now()
    SignInFailure.objects.filter(failed_at__lt=now - WINDOW).delete()
    SignInFailure.objects.create(name_digest=digest(name), address=address, failed_at=now)


def sign_in_succeeded(*, name: str, address: str) -> None:
    """Forget the wrong passwords that came before the right one."""
    SignInFailure.objects.filter(name_digest=digest(name), address=address).delete()

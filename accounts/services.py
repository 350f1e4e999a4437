"""Every change to people, teams, tokens and sign-in links."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction

from accounts import selectors
from accounts.domain.roles import Role
from accounts.domain.secrets import SHOWN_LENGTH, TOKEN_PREFIX, digest
from accounts.domain.throttle import WINDOW
from accounts.models import (
    ApiToken,
    Membership,
    RequestRecord,
    SignInFailure,
    SignInLink,
    Team,
    User,
)
from common import clock
from common.errors import NotFound, Refused

SECRET_BYTES = 32
SIGN_IN_LINK_LIFETIME = timedelta(minutes=15)
# Used sign-in links are kept this long to tell "used" from "never existed".
SIGN_IN_LINK_RETENTION = timedelta(days=7)
# A token's last use is written at most this often, so that reading stays cheap.
LAST_USE_PRECISION = timedelta(minutes=1)
# The answer to a call with an Idempotency-Key is kept this long.
REQUEST_LIFETIME = timedelta(hours=24)
# No call takes longer; one that is still under way then was left behind by a dead process.
REQUEST_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; `secret` cannot be read again."""

    token: ApiToken
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call of the API was answered with; `is_replay` when it was answered before."""

    status: int
    body: str
    headers: Mapping[str, str]
    is_replay: bool = False


class RequestUnderWay(Refused):
    """The same call has begun and has not ended."""


class RequestDiffers(Refused):
    """The key was used for another call."""


def user_create(
    *,
    username: str,
    role: Role = Role.VIEWER,
    display_name: str = "",
    email: str = "",
    password: str | None = None,
) -> User:
    """Create a person. Without a password they sign in by link.

    Raises Refused when a value is not acceptable or already taken.
    """
    user = User(username=username, role=role.value, display_name=display_name, email=email)
    _refuse_taken_handle(username, field="username")
    if password is None:
        user.set_unusable_password()
    else:
        _set_password(user, password)
    with _refused_when_invalid():
        user.full_clean()
        with transaction.atomic():
            user.save()
    return user


def user_set_role(*, user: User, role: Role) -> None:
    """Change what a person may do. Raises Refused for the last active admin."""
    with transaction.atomic():
        admins = User.objects.select_for_update().filter(is_active=True, role=Role.ADMIN.value)
        others = [admin for admin in admins if admin.pk != user.pk]
        if role is not Role.ADMIN and user.role == Role.ADMIN and not others:
            raise Refused("This is the last admin; make somebody else an admin first.", "role")
        User.objects.filter(pk=user.pk).update(role=role.value)
    user.role = role.value


def team_create(*, slug: str, name: str, members: Iterable[User] = ()) -> Team:
    """Create a team. Raises Refused when the slug is not a handle or already taken."""
    _refuse_taken_handle(slug, field="slug")
    team = Team(slug=slug, name=name, created_at=clock.now())
    with _refused_when_invalid():
        team.full_clean()
        with transaction.atomic():
            team.save()
            Membership.objects.bulk_create(Membership(team=team, user=user) for user in members)
    return team


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
    with _refused_when_invalid():
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


def sign_in_link_issue(*, user: User) -> str:
    """Make a link that signs `user` in once, within 15 minutes; returns its secret."""
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


def request_once(
    *, user: User, key: str, fingerprint: str, is_atomic: bool, work: Callable[[], Answer]
) -> Answer:
    """Do `work` unless this person's call with this key was answered before: then that answer.

    `is_atomic`: the work and the note that it is done are one transaction, so that a process
    killed in between leaves neither. Do without only for work that may safely be done twice.
    A call that fails frees its key. Raises RequestUnderWay or RequestDiffers.
    """
    record = _request_claim(user, key, fingerprint)
    if record.status is not None:
        return Answer(record.status, record.body, record.headers, is_replay=True)
    owned = RequestRecord.objects.filter(pk=record.pk, claimed_at=record.claimed_at, status=None)
    try:
        with transaction.atomic() if is_atomic else nullcontext():
            answer = work()
            kept = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
            if not owned.update(**kept):
                raise RequestUnderWay("The call took so long that another one took it over.")
    except BaseException:  # whatever stops the work frees the key
        owned.delete()
        raise
    return answer


def _request_claim(user: User, key: str, fingerprint: str) -> RequestRecord:
    """The record of a call that is ours to do, or of one that has been answered."""
    now = clock.now()
    RequestRecord.objects.filter(created_at__lt=now - REQUEST_LIFETIME).delete()
    record, is_new = RequestRecord.objects.get_or_create(
        user=user,
        key=key,
        defaults={"fingerprint": fingerprint, "created_at": now, "claimed_at": now},
    )
    if is_new:
        return record
    if record.fingerprint != fingerprint:
        raise RequestDiffers("This Idempotency-Key was used for another request; make a new one.")
    if record.status is None:
        left_behind = RequestRecord.objects.filter(
            pk=record.pk, status=None, claimed_at=record.claimed_at
        ).filter(claimed_at__lt=now - REQUEST_LEASE)
        if not left_behind.update(claimed_at=now):
            raise RequestUnderWay("The same request is under way; ask again in a moment.")
        record.claimed_at = now
    return record


def _refuse_taken_handle(handle: str, *, field: str) -> None:
    # People and teams share one space of handles: `owner=x` must mean one thing.
    taken = User.objects.filter(username=handle) or Team.objects.filter(slug=handle)
    if taken:
        raise Refused(f"“{handle}” is already the handle of {taken[0]}.", field)


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "password") from None
    user.set_password(password)


@contextmanager
def _refused_when_invalid() -> Iterator[None]:
    """Turn what a model refuses into one sentence for the person who asked."""
    try:
        yield
    except IntegrityError:
        raise Refused("Somebody else has just taken this name or e-mail address.") from None
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(" ".join(messages), None if name == NON_FIELD_ERRORS else name) from None

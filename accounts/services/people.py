"""People: who there is, what each may do, and who may still come in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.domain.roles import Role
from accounts.models import ApiToken, SignInLink, User
from accounts.services.handles import refuse_taken_handle
from accounts.services.refusals import refused_when_invalid
from accounts.signals import person_left
from common import clock
from common.errors import Refused


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
    refuse_taken_handle(username, field="username")
    if email and User.objects.filter(email__iexact=email).exists():
        raise Refused("Somebody else has this e-mail address.", "email")
    if password is None:
        user.set_unusable_password()
    else:
        _set_password(user, password)
    with refused_when_invalid():
        user.full_clean()
        with transaction.atomic():
            user.save()
    return user


def user_set_role(*, user: User, role: Role) -> None:
    """Change what a person may do. Raises Refused for the last active admin."""
    with _an_admin_remains(user, is_leaving=role is not Role.ADMIN):
        User.objects.filter(pk=user.pk).update(role=role.value)
    user.role = role.value


def user_deactivate(*, user: User) -> None:
    """Shut a person out at once, their sessions, tokens and sign-in links included.

    What they own and have done keeps their name. Tokens end for good: a secret that slept for
    months may have got around by the time its person comes back. Raises Refused for the last
    active admin.
    """
    now = clock.now()
    with _an_admin_remains(user, is_leaving=True):
        User.objects.filter(pk=user.pk).update(is_active=False)
        ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
        SignInLink.objects.filter(user=user, used_at=None).update(used_at=now)
        person_left.send(sender=User, user_id=user.pk)
    user.is_active = False


def user_reactivate(*, user: User) -> None:
    """Let a person in again, with the role and the teams they had. Old tokens stay revoked."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True


@contextmanager
def _an_admin_remains(user: User, *, is_leaving: bool) -> Iterator[None]:
    """A transaction in which no other one can take away the admin who would remain."""
    with transaction.atomic():
        # Read here and locked: of two admins who demote each other at once, one is refused.
        admins = User.objects.select_for_update().filter(is_active=True, role=Role.ADMIN.value)
        if is_leaving and [admin.pk for admin in admins.order_by("pk")] == [user.pk]:
            raise Refused(
                f"{user} is the last active admin; make somebody else an admin first.", "role"
            )
        yield


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "password") from None
    user.set_password(password)

"""What may happen once only: the first who says so wins, whichever process that is."""

from datetime import datetime

from django.db import IntegrityError, transaction

from alerts.domain.once import mark_of
from alerts.models import LinkCode, UsedOnce
from common import clock

# Rows that are forgotten in one go.
MOST_FORGOTTEN = 5_000


def use_once(*, purpose: str, value: str, forget_at: datetime) -> bool:
    """Note that `value` is used; False when it was before.

    Inside a transaction the use counts only if that commits; somebody else who asks meanwhile
    waits for it. `forget_at`: from then on `value` must be refused for its age alone.
    """
    try:
        with transaction.atomic():
            UsedOnce.objects.create(
                digest=mark_of(purpose, value), used_at=clock.now(), forget_at=forget_at
            )
    except IntegrityError:
        return False
    return True


def use_again(*, purpose: str, value: str) -> None:
    """Take a use back: nothing came of it."""
    UsedOnce.objects.filter(digest=mark_of(purpose, value)).delete()


def used_forget() -> int:
    """Delete what is refused for its age anyway, and codes that ran out; return how many."""
    now = clock.now()
    old = UsedOnce.objects.filter(forget_at__lte=now).order_by("forget_at").values_list("pk")
    some = [number for (number,) in old[:MOST_FORGOTTEN]]
    deleted, _ = UsedOnce.objects.filter(pk__in=some).delete() if some else (0, {})
    codes, _ = LinkCode.objects.filter(expires_at__lte=now).delete()
    return deleted + codes

"""Waking workers when something was put into the outbox, and forgetting who left."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from accounts.signals import person_left
from alerts.services.hearing import notice_hear
from alerts.services.leaving import person_forget
from alerts.signals import deliveries_wanted
from alerts.tasks import deliver, deliveries_sweep
from common.notices import heard
from common.wakeup import wake

# For more channels than this one message is enough: the sweep wakes the rest.
MOST_WOKEN = 5


@receiver(deliveries_wanted, dispatch_uid="alerts.deliver")
def wake_workers(*, channel_ids: Collection[int], **_signal: Any) -> None:
    """Queue the sending once the transaction that wrote the messages has committed."""
    if len(channel_ids) > MOST_WOKEN:
        wake(deliveries_sweep)
        return
    for channel_id in sorted(channel_ids):
        wake(deliver, channel_id=channel_id)


@receiver(person_left, dispatch_uid="alerts.person_left")
def forget_person(*, user_id: int, **_signal: Any) -> None:
    """In the transaction that shuts the person out."""
    person_forget(user_id=user_id)


heard(notice_hear)

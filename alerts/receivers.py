"""Waking workers when something was put into the outbox."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from alerts.signals import deliveries_wanted
from alerts.tasks import deliver, deliveries_sweep
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

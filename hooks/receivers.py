"""Waking a worker when a look at a tip is wanted."""

from typing import Any

from django.dispatch import receiver

from common.wakeup import wake
from hooks.signals import look_wanted
from hooks.tasks import tip_look


@receiver(look_wanted, dispatch_uid="hooks.tip_look")
def wake_worker(*, repository_id: int, **_signal: Any) -> None:
    """Queue the look once the transaction that asked for it has committed."""
    wake(tip_look, repository_id=repository_id)

"""Wake-ups of the workers that send; no rule of the business."""

from typing import Any

from celery import shared_task

from alerts.services import announcing, delivering, digests, giving_up, once
from common import clock
from common.wakeup import wake, wake_later


@shared_task(name="alerts.deliver")
def deliver(*, channel_id: int, **_arguments: Any) -> None:
    """Send what is due in a channel; what is left comes behind the other channels."""
    turn = delivering.channel_turn(channel_id=channel_id)
    if turn.again_in is not None:
        wake_later(deliver, turn.again_in, channel_id=channel_id)


@shared_task(name="alerts.deliveries_sweep")
def deliveries_sweep(**_arguments: Any) -> None:
    """Wake a worker for every channel with work, and settle what has had its time."""
    giving_up.deliveries_give_up()
    giving_up.deliveries_prune()
    announcing.troubles_announce()
    for channel_id in delivering.channels_with_work(clock.now()):
        wake(deliver, channel_id=channel_id)


@shared_task(name="alerts.digests_sweep")
def digests_sweep(**_arguments: Any) -> None:
    """Make the digests whose turn it is; several at once make each of them once."""
    digests.digests_make()


@shared_task(name="alerts.used_sweep")
def used_sweep(**_arguments: Any) -> None:
    """Forget nonces and codes that are refused for their age by now."""
    once.used_forget()

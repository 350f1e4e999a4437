"""What went wrong in one channel is written down, so that another one tells of it."""

from datetime import datetime, timedelta

from alerts.models import Channel, Trouble
from alerts.models.troubles import DEAD, OFF
from common import clock


def channel_went_off(*, channel: Channel, reason: str, now: datetime) -> None:
    """Switch a channel off because its service will take nothing more, and have it told."""
    switched = Channel.objects.filter(pk=channel.pk, disabled_at__isnull=True).update(
        disabled_at=now,
        disabled_reason=reason,
        last_error=reason,
        last_error_at=now,
        updated_at=now,
    )
    if switched:
        Trouble.objects.create(channel=channel, key=f"{OFF}{now.isoformat()}", at=now)


def message_died(*, channel_id: int, now: datetime) -> None:
    """Have it told that messages to a channel were given up: once a day, however many.

    What is given up after today's word was said is told of tomorrow.
    """
    today = clock.day_of(now)
    tomorrow = today + timedelta(days=1)
    for day, at in ((today, now), (tomorrow, clock.begin_of(tomorrow))):
        trouble, _ = Trouble.objects.get_or_create(
            channel_id=channel_id, key=f"{DEAD}{day.isoformat()}", defaults={"at": at}
        )
        if trouble.said_at is None:
            return

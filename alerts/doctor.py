"""What the doctor asks about channels and messages."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from alerts.domain.states import DeliveryState
from alerts.selectors import deliveries
from common import clock
from common.doctor import Finding, Health, examination

# What has been due longer than this has no worker (a resting channel is named apart).
LONG_WAIT = timedelta(minutes=30)


@examination
def channels() -> Iterator[Finding]:
    """Whether every channel takes messages."""
    now = clock.now()
    off = list(deliveries.channels_off())
    for channel, waiting in off:
        counted = "1 message waits" if waiting == 1 else f"{waiting} messages wait"
        reason = channel.disabled_reason or "No reason was given."
        health = Health.ERROR if waiting else Health.WARNING
        advice = "Repair it and switch it on, or delete it: python manage.py channel list"
        yield Finding(channel.name, health, f"Off; {counted}. {reason}", advice)
    unsaid = deliveries.troubles_unsaid(now).count()
    if unsaid and not settings.HAS_EMAIL:
        advice = "Set DISPLACE_EMAIL_URL, or make a second channel that belongs to no team."
        message = f"{unsaid} of them could be told of nowhere."
        yield Finding("Troubles of channels", Health.WARNING, message, advice)
    if not off:
        counts = deliveries.channel_counts(now)
        shown = f"{counts['on']} on, {counts['resting']} resting."
        yield Finding("Channels", Health.OK, shown)


@examination
def outbox() -> Iterator[Finding]:
    """Whether messages go out, and whether any were given up."""
    now = clock.now()
    box = deliveries.outbox(now)
    late = box.oldest_due is not None and now - box.oldest_due > LONG_WAIT
    dead = box.by_state.get(DeliveryState.DEAD, 0)
    if late and box.oldest_due is not None:
        minutes = int((now - box.oldest_due).total_seconds() // 60)
        advice = (
            "See the log of messages for what its channel says. If nothing was tried, start a "
            "worker for the queue `alerts`."
        )
        message = f"The oldest message has waited for {minutes} minutes."
        yield Finding("Messages", Health.WARNING, message, advice)
    if dead:
        counted = "1 message was" if dead == 1 else f"{dead} messages were"
        advice = "Try them again or drop them, on the page of messages."
        yield Finding("Messages", Health.WARNING, f"{counted} given up.", advice)
    if not late and not dead:
        waiting = sum(box.by_state.get(state, 0) for state in ("waiting", "sending", "unknown"))
        yield Finding("Messages", Health.OK, f"{waiting} on their way, none given up.")

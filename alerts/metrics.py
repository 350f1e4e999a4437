"""The figures of channels and messages for a monitoring system."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from prometheus_client.core import GaugeMetricFamily

from alerts.domain.states import DeliveryState
from alerts.selectors import deliveries
from common import clock
from common.metrics import gauge, gauges, measured


@measured
def messages() -> Iterator[GaugeMetricFamily]:
    """How many messages are on their way, and how long the oldest has been."""
    now = clock.now()
    box = deliveries.outbox(now)
    oldest = (now - box.oldest_unsent).total_seconds() if box.oldest_unsent else 0.0
    yield gauge(
        "alerts_oldest_unsent_seconds",
        "How long the oldest message that is not sent yet has waited; 0 when none waits.",
        oldest,
    )
    yield gauges(
        "alerts_messages",
        "Messages in the outbox and its log.",
        ("state",),
        [((state.value,), box.by_state.get(state.value, 0)) for state in DeliveryState],
    )
    day = box.last_digest_day
    at = datetime.combine(day, time(), UTC).timestamp() if day else 0.0
    yield gauge(
        "alerts_last_digest_day_timestamp_seconds",
        "The day of the newest digest, as its first second in UTC; 0 before the first.",
        at,
    )


@measured
def channels() -> Iterator[GaugeMetricFamily]:
    """How many channels take messages."""
    counts = deliveries.channel_counts(clock.now())
    yield gauges(
        "alerts_channels",
        "Channels that are on, resting after failures or at their service's wish, and off.",
        ("state",),
        [((state,), counts[state]) for state in ("on", "resting", "off")],
    )

"""What workers held that are gone: it comes back, and nobody knows whether it arrived."""

import logging
import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from alerts.domain import backoff
from alerts.domain.states import DeliveryKind, DeliveryState, Outcome
from alerts.models import Attempt, Delivery
from alerts.selectors.deliveries import lost

log = logging.getLogger(__name__)
# Workers that were forked from one process must not draw the same pauses.
_RANDOM = random.SystemRandom()

# A message that takes its worker with it again and again is tried less and less often.
LOST_BEFORE_PAUSE = 3


def leases_end(*, now: datetime, channel_id: int | None = None) -> int:
    """Take back what dead workers held. What they sent may have arrived: it is not known."""
    count = 0
    for delivery in lost(now, channel_id):
        with transaction.atomic():
            count += _taken_back(delivery, now)
    return count


def _taken_back(delivery: Delivery, now: datetime) -> int:
    is_test = delivery.kind == DeliveryKind.TEST
    pause = (
        timedelta()
        if delivery.attempts <= LOST_BEFORE_PAUSE
        else backoff.pause(delivery.attempts, _RANDOM.random())
    )
    taken = Delivery.objects.filter(
        pk=delivery.pk, fence=delivery.fence, state=DeliveryState.SENDING
    ).update(
        state=DeliveryState.DROPPED if is_test else DeliveryState.UNKNOWN,
        settled_at=now if is_test else None,
        fence=F("fence") + 1,
        lease_until=None,
        next_attempt_at=now + pause,
        error="The worker was gone before it could say what came of it.",
    )
    if taken:
        Attempt.objects.filter(
            delivery=delivery, number=delivery.attempts, ended_at__isnull=True
        ).update(ended_at=now, outcome=Outcome.LOST)
        log.warning("delivery %s: its worker was gone, it is tried again", delivery.pk)
    return taken

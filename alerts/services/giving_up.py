"""What cannot be delivered is given up and told of elsewhere; what is old is forgotten."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.models import Delivery, Trouble
from alerts.selectors.deliveries import expired
from alerts.services.attempts import LONGEST_TEXT
from alerts.services.leases import leases_end
from alerts.services.troubles import message_died
from common import clock

# Rows settled or deleted in one transaction.
BATCH = 200
_SETTLED = [DeliveryState.SENT.value, DeliveryState.DEAD.value, DeliveryState.DROPPED.value]


def deliveries_give_up() -> int:
    """Take back what dead workers held, and give up what was tried for too long.

    Returns how many messages were given up.
    """
    now = clock.now()
    leases_end(now=now)
    count = 0
    for delivery in expired(now).select_related("target")[:BATCH]:
        count += _given_up(delivery, now)
    return count


def deliveries_prune() -> int:
    """Forget what was settled long ago; return how many messages.

    A message that a younger one belongs to stays until that one goes.
    """
    before = clock.now() - settings.ALERTS_KEEP_MESSAGES
    old = Delivery.objects.filter(created_at__lt=before, state__in=_SETTLED)
    numbers = list(
        old.exclude(followers__created_at__gte=before).values_list("pk", flat=True)[:BATCH]
    )
    Delivery.objects.filter(pk__in=numbers).delete()
    Trouble.objects.filter(said_at__lt=before).delete()
    return len(numbers)


def _given_up(delivery: Delivery, now: datetime) -> int:
    state, error = _end_of(delivery)
    with transaction.atomic():
        settled = Delivery.objects.filter(
            pk=delivery.pk, fence=delivery.fence, state=delivery.state
        ).update(state=state, settled_at=now, error=error[:LONGEST_TEXT])
        if settled and state is DeliveryState.DEAD:
            message_died(channel_id=delivery.channel_id, now=now)
    return settled


def _end_of(delivery: Delivery) -> tuple[DeliveryState, str]:
    """What a message whose time is over becomes, and why."""
    if delivery.kind == DeliveryKind.TEST:
        return DeliveryState.DROPPED, "The test was cut off."
    if delivery.target is not None and delivery.target.state != DeliveryState.SENT:
        return DeliveryState.DROPPED, "The message that it belongs to was never sent."
    days = settings.ALERTS_GIVE_UP_AFTER.days
    arrived = " An attempt may have arrived." if delivery.state == DeliveryState.UNKNOWN else ""
    number = delivery.attempts
    counted = {0: "no attempt", 1: "1 attempt"}.get(number, f"{number} attempts")
    unit = "day" if days == 1 else "days"
    return (
        DeliveryState.DEAD,
        f"Given up after {days} {unit} and {counted}.{arrived} {delivery.error}".strip(),
    )

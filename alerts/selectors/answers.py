"""Which messages showed a debt, and what was answered to it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from accounts.selectors import User
from alerts.domain.messages import Answer
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.models import Delivery, GivenAnswer

# Where a message stands, or may still arrive.
_SHOWN = (
    DeliveryState.WAITING,
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.SENT,
)


def digests_showing(item_id: int, due_on: date, *, since: datetime) -> Sequence[int]:
    """The deliveries of digests that told of this promise in channels that are on, by number.

    Not those of people who left. In ascending order, in which whoever changes several of them has
    to lock them.
    """
    found = Delivery.objects.filter(
        kind=DeliveryKind.DIGEST.value,
        state__in=[one.value for one in _SHOWN],
        created_at__gte=since,
        channel__disabled_at=None,
        digest__notices__item=item_id,
        digest__notices__due_on=due_on,
    ).exclude(channel__person__is_active=False)
    return sorted(set(found.values_list("pk", flat=True)))


def answers_given(
    promises: Collection[tuple[int, date]], *, since: datetime
) -> Mapping[int, GivenAnswer]:
    """By debt, the newest answer to the promise of that day that came to something."""
    rows = GivenAnswer.objects.filter(
        item__in=[item_id for item_id, _ in promises], is_done=True, at__gte=since
    ).order_by("at", "pk")
    wanted = dict(promises)
    return {row.item_id: row for row in rows if wanted[row.item_id] == row.due_on}


def answer_of(user: User, item_id: int, due_on: date, answer: Answer) -> GivenAnswer | None:
    """The newest such answer of this person that came to something."""
    return GivenAnswer.objects.filter(
        user=user, item=item_id, due_on=due_on, answer=answer.value, is_done=True
    ).first()

"""What ends when somebody is shut out, for good: what slept may have got around by their return."""

from django.db import transaction

from alerts.domain.states import DeliveryState
from alerts.models import CalendarFeed, Channel, ChatIdentity, Delivery, LinkCode
from common import clock

_WAITS = (DeliveryState.WAITING.value, DeliveryState.UNKNOWN.value)


def person_forget(*, user_id: int) -> None:
    """End a person's calendars, codes and chat accounts, and send nothing more to them alone.

    Their own channels are off; who comes back switches them on again, and links accounts anew.
    """
    now = clock.now()
    with transaction.atomic():
        CalendarFeed.objects.filter(created_by=user_id, revoked_at=None).update(revoked_at=now)
        LinkCode.objects.filter(user=user_id, used_at=None).update(used_at=now)
        ChatIdentity.objects.filter(user=user_id).delete()
        Channel.objects.filter(person=user_id, disabled_at=None).update(
            disabled_at=now, disabled_reason="The account was deactivated.", updated_at=now
        )
        Delivery.objects.filter(channel__person=user_id, state__in=_WAITS).update(
            state=DeliveryState.DROPPED.value,
            settled_at=now,
            error="The account of the person was deactivated.",
        )

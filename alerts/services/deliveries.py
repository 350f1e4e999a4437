"""What a person decides about messages that were given up, or that should not go out."""

from django.conf import settings
from django.db import transaction

from accounts.selectors import User
from alerts.domain.states import DeliveryKind, DeliveryState, Outcome
from alerts.models import Attempt, Channel, Delivery
from alerts.services.attempts import LONGEST_TEXT
from alerts.services.permits import require_channel_manager
from alerts.signals import deliveries_wanted
from common import clock
from common.errors import NotFound, Refused, Stale

# A channel's dead letters that are tried again at once.
MOST_AT_ONCE = 5_000
LONGEST_REASON = 300


def delivery_retry(*, actor: User, delivery_id: int) -> Delivery:
    """Try a message again now: one that was given up or dropped, or that waits for its turn.

    It has its whole time again. Raises NotFound, Denied, and Refused for what was sent, is being
    sent, was a test, or is out of date.
    """
    delivery = _managed(actor, delivery_id)
    if delivery.kind == DeliveryKind.TEST:
        raise Refused("A test message is not sent again; send a new one.")
    if delivery.state in (DeliveryState.SENT, DeliveryState.SENDING):
        raise Refused(f"This message is {delivery.state}; there is nothing to try again.")
    if _is_overtaken(delivery):
        raise Refused("A later change of the same message was sent; this one is out of date.")
    _change(delivery, **_again(delivery))
    transaction.on_commit(lambda: _wake(delivery.channel_id))
    return delivery


def channel_retry(*, actor: User, channel_id: int) -> int:
    """Try everything again that was given up in a channel; return how many messages.

    Raises NotFound, Denied, and Refused while the channel is off.
    """
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise NotFound("There is no such channel.")
    require_channel_manager(actor, channel)
    if not channel.is_on:
        raise Refused("The channel is off; switch it on first.")
    dead = Delivery.objects.filter(channel=channel, state=DeliveryState.DEAD).order_by("pk")
    count = 0
    with transaction.atomic():
        for delivery in dead[:MOST_AT_ONCE]:
            if _is_overtaken(delivery):
                continue
            found = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.DEAD)
            count += found.update(**_again(delivery))
        transaction.on_commit(lambda: _wake(channel.pk))
    return count


def delivery_drop(*, actor: User, delivery_id: int, reason: str) -> Delivery:
    """Never send a message; the reason stays in the log.

    Raises NotFound, Denied, and Refused for what was sent or is being sent, or without a reason.
    """
    delivery = _managed(actor, delivery_id)
    why = " ".join(reason.split())
    if not why:
        raise Refused("Say why the message is not to be sent.", "reason")
    if len(why) > LONGEST_REASON:
        raise Refused(f"At most {LONGEST_REASON} characters.", "reason")
    if delivery.state in (DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.DROPPED):
        raise Refused(f"This message is {delivery.state}; it cannot be dropped any more.")
    now = clock.now()
    with transaction.atomic():
        error = f"Dropped by {actor.get_username()}: {why}"
        _change(delivery, state=DeliveryState.DROPPED, settled_at=now, error=error[:LONGEST_TEXT])
        # What would change it or answer below it has nothing to stand on.
        Delivery.objects.filter(
            target=delivery, state__in=[DeliveryState.WAITING, DeliveryState.UNKNOWN]
        ).update(
            state=DeliveryState.DROPPED,
            settled_at=now,
            error="The message that it belongs to was dropped.",
        )
    return delivery


def _managed(actor: User, delivery_id: int) -> Delivery:
    delivery = Delivery.objects.select_related("channel").filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such message; it may have been deleted by age.")
    require_channel_manager(actor, delivery.channel)
    return delivery


def _change(delivery: Delivery, **values: object) -> None:
    """Change a message that nobody took in the meantime. Raises Stale."""
    unchanged = Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence, state=delivery.state)
    if unchanged.update(**values) != 1:
        raise Stale("Somebody else has changed this message in the meantime; look again.")
    delivery.refresh_from_db()


def _is_overtaken(delivery: Delivery) -> bool:
    """Whether a later change of the same message went out: the older one must not undo it."""
    if delivery.kind != DeliveryKind.EDIT:
        return False
    later = Delivery.objects.filter(
        kind=DeliveryKind.EDIT, target=delivery.target_id, pk__gt=delivery.pk
    )
    return later.filter(state__in=[DeliveryState.SENT, DeliveryState.SENDING]).exists()


def _again(delivery: Delivery) -> dict[str, object]:
    now = clock.now()
    # Where an attempt may have arrived it stays so, and the log goes on saying it.
    doubtful = Attempt.objects.filter(
        delivery=delivery, outcome__in=[Outcome.UNKNOWN, Outcome.LOST]
    )
    state = DeliveryState.UNKNOWN if doubtful.exists() else DeliveryState.WAITING
    return {
        "state": state,
        "next_attempt_at": now,
        "expires_at": now + settings.ALERTS_GIVE_UP_AFTER,
        "settled_at": None,
    }


def _wake(channel_id: int) -> None:
    deliveries_wanted.send(sender=Delivery, channel_ids={channel_id})

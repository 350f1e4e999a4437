"""Showing an answer where the question stands: what was sent is changed, or replied to."""

from datetime import date, timedelta

from alerts.channels.registry import KINDS
from alerts.domain.answering import reply_to, without_settled
from alerts.domain.messages import Answer, Message, from_json
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.models import Delivery, GivenAnswer
from alerts.selectors.answers import answers_given, digests_showing
from alerts.services.composing import message_with_notes
from alerts.services.outbox import Draft, deliveries_queue
from common import clock

# Nobody reads further back, and some services change nothing that is older.
SHOWN_FOR = timedelta(days=14)
_SUPERSEDED = "A newer change of the same message took its place."


def answer_show(given: GivenAnswer) -> int:
    """Queue what shows an answer in the messages that told of the promise; return how many.

    Belongs into the transaction of the answer.
    """
    since = clock.now() - SHOWN_FOR
    drafts = []
    for delivery_id in digests_showing(given.item_id, given.due_on, since=since):
        # Locked one after another, so that of two answers at once the second sees the first.
        delivery = _locked(delivery_id)
        draft = _draft(delivery, given) if delivery is not None else None
        if draft is not None:
            drafts.append(draft)
    return deliveries_queue(drafts)


def _locked(delivery_id: int) -> Delivery | None:
    rows = Delivery.objects.select_related("channel").select_for_update(of=("self",))
    return rows.filter(pk=delivery_id).first()


def _draft(delivery: Delivery, given: GivenAnswer) -> Draft | None:
    kind = KINDS.get(delivery.channel.kind)
    message = from_json(delivery.message)
    row = next((one for one in message.rows if one.item_id == given.item_id), None)
    if kind is None or row is None or row.due_on != given.due_on:
        return None
    if kind.abilities.edits:
        _supersede(delivery)
        return _as_draft(delivery, given, DeliveryKind.EDIT, _with_answers(message, delivery))
    # Nobody needs a letter about their own answer.
    is_own = delivery.channel.person_id == given.user_id
    if kind.abilities.threads and not is_own:
        return _as_draft(delivery, given, DeliveryKind.REPLY, reply_to(row, given.said))
    return None


def _with_answers(message: Message, delivery: Delivery) -> Message:
    """The message as it was sent, with everything that was answered since."""
    promises: set[tuple[int, date]] = {(row.item_id, row.due_on) for row in message.rows}
    found = answers_given(promises, since=delivery.created_at)
    noted = message_with_notes(message, {number: one.said for number, one in found.items()})
    return without_settled(noted, {number: Answer(one.answer) for number, one in found.items()})


def _supersede(delivery: Delivery) -> None:
    """Take back changes that have not begun to go out: the new one holds what they hold."""
    waiting = Delivery.objects.filter(
        target=delivery, kind=DeliveryKind.EDIT.value, state=DeliveryState.WAITING.value
    )
    waiting.update(state=DeliveryState.DROPPED.value, settled_at=clock.now(), error=_SUPERSEDED)


def _as_draft(
    delivery: Delivery, given: GivenAnswer, kind: DeliveryKind, message: Message
) -> Draft:
    return Draft(
        channel_id=delivery.channel_id,
        message=message,
        kind=kind,
        dedupe=f"answer:{given.pk}:{delivery.pk}",
        digest_id=delivery.digest_id,
        target_id=delivery.pk,
    )

"""The outbox: messages are written in the transaction of the fact that causes them.

Nothing is sent here. Whoever rolls back the fact rolls back its messages, and a process that dies
after the commit leaves them where the workers find them.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from alerts.domain.messages import Message, as_json
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.domain.storable import storable
from alerts.models import Delivery
from alerts.signals import deliveries_wanted
from common import clock

# Rows written in one statement.
BATCH = 500
LONGEST_DEDUPE = 200
# A row's title may be long; the log is searched by its beginning.
_SEARCHED = 2_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A message for one channel.

    `dedupe` names the fact that asks for it: the same name twice makes one delivery, whoever
    writes it and whenever. `target_id` is the delivery that an edit changes or a reply answers.
    """

    channel_id: int
    message: Message
    kind: DeliveryKind
    dedupe: str
    digest_id: int | None = None
    target_id: int | None = None


def delivery_queue(draft: Draft) -> bool:
    """Put one message into the outbox; False when its fact has asked for it before."""
    return deliveries_queue([draft]) == 1


def deliveries_queue(drafts: Sequence[Draft]) -> int:
    """Put messages into the outbox and return how many are new.

    Belongs into the caller's transaction. Workers are woken once that has committed.
    """
    now = clock.now()
    written: set[int] = set()
    count = 0
    with transaction.atomic():
        for start in range(0, len(drafts), BATCH):
            rows = [_row(draft, now) for draft in drafts[start : start + BATCH]]
            Delivery.objects.bulk_create(rows, ignore_conflicts=True)
            # Only what was not there before carries a key that was made just now.
            new = Delivery.objects.filter(key__in=[row.key for row in rows])
            channels = list(new.values_list("channel_id", flat=True))
            written.update(channels)
            count += len(channels)
        if written:
            transaction.on_commit(lambda: _wake(written))
    return count


def _wake(channel_ids: set[int]) -> None:
    deliveries_wanted.send(sender=Delivery, channel_ids=channel_ids)


def _row(draft: Draft, now: datetime) -> Delivery:
    if not 0 < len(draft.dedupe) <= LONGEST_DEDUPE:
        raise ValueError(f"the name of a fact has {len(draft.dedupe)} characters")
    if (draft.kind in (DeliveryKind.EDIT, DeliveryKind.REPLY)) != (draft.target_id is not None):
        raise ValueError("an edit and a reply need the delivery that they belong to, others none")
    message = storable(as_json(draft.message))
    return Delivery(
        key=uuid.uuid4(),
        channel_id=draft.channel_id,
        digest_id=draft.digest_id,
        kind=draft.kind.value,
        target_id=draft.target_id,
        message=message,
        search_text=_searched(message),
        dedupe=draft.dedupe,
        state=DeliveryState.WAITING.value,
        created_at=now,
        next_attempt_at=now,
        expires_at=now + settings.ALERTS_GIVE_UP_AFTER,
    )


def _searched(message: Mapping[str, Any]) -> str:
    rows = [f"{row['reference']} {row['title']}" for row in message["rows"]]
    return "\n".join([message["title"], message["lead"], *rows])[:_SEARCHED]

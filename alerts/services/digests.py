"""Making the digests: what is said, what counts as said, and the message in one transaction."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from alerts.domain.messages import Message
from alerts.domain.planning import Note, Planned
from alerts.domain.plans import DigestPlan
from alerts.domain.states import DeliveryKind
from alerts.models.digests import Digest, Notice, Turn
from alerts.selectors.due import Ground, Target, ground_for, plans_of, targets_due, targets_on
from alerts.services.composing import messages_of
from alerts.services.outbox import Draft, deliveries_queue
from common import bulk, clock

log = logging.getLogger(__name__)

# Targets planned and worded at once: bounds memory, amortises the queries.
BATCH = 100
# Digests written in one transaction.
AT_ONCE = 25
_COLUMNS = ("channel_id", "item_id", "due_on", "stage", "rank", "digest_id", "said_at")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A digest that only has to be written; without a plan there is nothing to say."""

    target: Target
    planned: Planned | None
    message: Message | None


def digests_make(*, now: datetime | None = None) -> int:
    """Make every digest whose turn it is and return how many have something to say.

    Safe to be run again at any time, and by several workers at once: a target's turn of a day is
    taken in the transaction that writes its digest. Nothing to say takes the turn as well.
    """
    moment = now or clock.now()
    targets = targets_due(moment)
    if not targets:
        return 0
    ground = ground_for(targets)
    return sum(
        _batch_make(targets[start : start + BATCH], ground, moment)
        for start in range(0, len(targets), BATCH)
    )


def digests_planned(*, day: date | None = None) -> list[tuple[DigestPlan, Message]]:
    """What would be said on `day`, or on each team's next working day, and nothing is written.

    From what is owed and was said by now, as if the day's turn had not been taken.
    """
    targets = targets_on(day, clock.now())
    if not targets:
        return []
    plans = plans_of(targets, ground_for(targets))
    found = [planned.plan for planned in plans if planned is not None]
    return list(zip(found, messages_of(found), strict=True))


def _batch_make(targets: Sequence[Target], ground: Ground, now: datetime) -> int:
    try:
        ready = _ready(targets, ground)
        _turns_known(targets)
        return sum(
            _digests_write(ready[start : start + AT_ONCE], now)
            for start in range(0, len(ready), AT_ONCE)
        )
    except Exception:  # whatever one team's digest runs into, the others hear theirs
        if len(targets) == 1:
            log.exception("no digest for channel %s", targets[0].hearer.channel_id)
            return 0
    return sum(_batch_make([target], ground, now) for target in targets)


def _ready(targets: Sequence[Target], ground: Ground) -> list[_Ready]:
    plans = plans_of(targets, ground)
    messages = iter(messages_of([plan.plan for plan in plans if plan is not None]))
    return [
        _Ready(target, plan, next(messages) if plan is not None else None)
        for target, plan in zip(targets, plans, strict=True)
    ]


def _turns_known(targets: Sequence[Target]) -> None:
    """Have a row for the turn of each."""
    Turn.objects.bulk_create(
        [Turn(channel_id=one.hearer.channel_id, team_id=one.hearer.team_id) for one in targets],
        ignore_conflicts=True,
    )


def _turns_take(ready: Sequence[_Ready]) -> list[_Ready]:
    """Take the day's turns; those that somebody else has taken are left out."""
    places = Q()
    for one in ready:
        hearer = one.target.hearer
        places |= Q(channel_id=hearer.channel_id, team=hearer.team_id)
    turns = {
        (turn.channel_id, turn.team_id): turn
        for turn in Turn.objects.select_for_update().filter(places).order_by("pk")
    }
    taken = []
    for one in ready:
        turn = turns[one.target.hearer.channel_id, one.target.hearer.team_id]
        if turn.day is None or turn.day < one.target.day:
            turn.day = one.target.day
            taken.append(one)
    Turn.objects.bulk_update(turns.values(), ["day"])
    return taken


def _digests_write(ready: Sequence[_Ready], now: datetime) -> int:
    """Write some digests, their notices and messages, all or nothing; return how many are new.

    Who has nothing to hear has had the turn of the day as well.
    """
    with transaction.atomic():
        spoken = [
            (one.planned, one.message)
            for one in _turns_take(ready)
            if one.planned is not None and one.message is not None
        ]
        return len(digests_write(spoken, now))


def digests_write(spoken: Sequence[tuple[Planned, Message]], now: datetime) -> list[Digest]:
    """Write what is said in a transaction of the caller, who holds the turns."""
    digests = Digest.objects.bulk_create(
        Digest(
            channel_id=plan.channel_id,
            team_id=plan.team_id,
            day=plan.day,
            created_at=now,
            items=len(plan.told),
            is_summary=plan.is_summary,
        )
        for plan in (planned.plan for planned, _ in spoken)
    )
    _notices_write(
        [
            (digest.channel_id, note.item_id, note.due_on, *_stage(note), digest.pk, now)
            for digest, (planned, _) in zip(digests, spoken, strict=True)
            for note in planned.notes
        ]
    )
    deliveries_queue(
        [_draft(digest, message) for digest, (_, message) in zip(digests, spoken, strict=True)]
    )
    return digests


def _stage(note: Note) -> tuple[str, int]:
    return note.stage.key, note.stage.rank


def _draft(digest: Digest, message: Message) -> Draft:
    return Draft(
        channel_id=digest.channel_id,
        message=message,
        kind=DeliveryKind.DIGEST,
        dedupe=f"digest:{digest.pk}",
        digest_id=digest.pk,
    )


def _notices_write(rows: Sequence[tuple[Any, ...]]) -> None:
    try:
        with transaction.atomic():
            bulk.insert_rows(Notice, _COLUMNS, rows)
    except IntegrityError:
        # The channel heard of one of them for another team, whose debt it was until just now.
        notices = [Notice(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]
        Notice.objects.bulk_create(notices, ignore_conflicts=True)

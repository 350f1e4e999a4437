"""Answers to what was said in chat: the ledger decides, this remembers where it came from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.selectors import User
from alerts.domain import answering
from alerts.domain.messages import Answer
from alerts.models import GivenAnswer
from alerts.services.showing import answer_show
from common import clock
from common.errors import DisplaceError, NotFound, Refused, Stale
from ledger import selectors as ledger_selectors
from ledger import services as ledger_services
from ledger.domain.estimates import Interest
from ledger.domain.lifecycle import Action

# How often an answer is tried when somebody else changes the debt at the same moment.
TRIES = 3
MOST_SAID = 500


@dataclass(frozen=True, slots=True)
class Given:
    """What became of an answer, as a sentence without the debt's name.

    `field` names the part that the ledger refuses: "until", "due_on", "reason".
    """

    said: str
    is_done: bool
    field: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer with everything that may belong to it."""

    user: User
    item_id: int
    due_on: date
    answer: Answer
    via: str
    channel_id: int | None = None
    until: date | None = None
    new_date: date | None = None
    reason: str = ""
    # False where the person is not known well enough to grant anything, only to ask for it.
    may_approve: bool = True


def answer_give(
    *,
    user: User,
    item_id: int,
    due_on: date,
    answer: Answer,
    via: str,
    channel_id: int | None = None,
    until: date | None = None,
    new_date: date | None = None,
    reason: str = "",
    may_approve: bool = True,
) -> Given:
    """Do what somebody answered to the promise of `due_on`, or say why not.

    Whoever may extend the promise does so; others ask for it. The messages that showed the debt
    are changed to say so. Nothing is raised for what the ledger refuses: it is said, and
    remembered as not done. Raises NotFound for an unknown debt.
    """
    asked = Asked(
        user, item_id, due_on, answer, via, channel_id, until, new_date, reason, may_approve
    )
    try:
        return _done(asked)
    except NotFound:
        raise
    except DisplaceError as error:
        _remember(asked, error.message, is_done=False)
        field = error.field if isinstance(error, Refused) else None
        return Given(error.message, is_done=False, field=field or "")


def _done(asked: Asked) -> Given:
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                said = _ledger_step(asked)
                answer_show(_remember(asked, said, is_done=True))
        except Stale:
            if not left:
                raise
        else:
            break
    return Given(said, is_done=True)


def _ledger_step(asked: Asked) -> str:
    item = ledger_selectors.debt_get(asked.item_id)
    answering.require_same_promise(item.reference, asked.due_on, item.due_on)
    return _STEPS[asked.answer](asked, item.version)


def _acknowledge(asked: Asked, _version: int) -> str:
    ledger_services.debt_acknowledge(actor=asked.user, item_id=asked.item_id, via=asked.via)
    _require_still_promised(asked)
    return answering.seen_note(str(asked.user))


def _snooze(asked: Asked, _version: int) -> str:
    if asked.until is None:
        raise Refused("Say until when it may wait.", "until")
    ledger_services.debt_snooze(
        actor=asked.user,
        item_id=asked.item_id,
        until=asked.until,
        via=asked.via,
    )
    _require_still_promised(asked)
    return answering.snoozed_note(str(asked.user), asked.until)


def _extend(asked: Asked, version: int) -> str:
    if asked.new_date is None:
        raise Refused("Give the new date.", "due_on")
    interest = _interest_to_approve(asked)
    if interest is None:
        ledger_services.extension_ask(
            actor=asked.user, item_id=asked.item_id, due_on=asked.new_date, reason=asked.reason
        )
        _require_still_promised(asked)
        return answering.asked_note(str(asked.user), asked.new_date)
    ledger_services.debt_extend(
        actor=asked.user,
        item_id=asked.item_id,
        due_on=asked.new_date,
        reason=asked.reason,
        interest=interest,
        expected_version=version,
    )
    return answering.extended_note(str(asked.user), asked.new_date)


def _start(asked: Asked, _version: int) -> str:
    ledger_services.debt_start_repayment(actor=asked.user, item_id=asked.item_id)
    _require_still_promised(asked)
    return answering.started_note(str(asked.user))


def _require_still_promised(asked: Asked) -> None:
    """Look at the date again under the lock that the step took.

    Only that matters: of many who answer in the same moment, each may be the newest to do so.
    """
    item = ledger_selectors.debt_get(asked.item_id)
    answering.require_same_promise(item.reference, asked.due_on, item.due_on)


_STEPS: Mapping[Answer, Callable[[Asked, int], str]] = {
    Answer.ACKNOWLEDGE: _acknowledge,
    Answer.SNOOZE: _snooze,
    Answer.EXTEND: _extend,
    Answer.START_REPAYMENT: _start,
}


def _interest_to_approve(asked: Asked) -> Interest | None:
    """What waiting costs as known, where this person may grant the extension on that."""
    item = ledger_selectors.debt_get(asked.item_id)
    actions = ledger_selectors.actions_for(asked.user, item)
    may = any(one.name == Action.EXTEND and one.allowed for one in actions)
    if not (may and asked.may_approve) or item.known_p50 is None:
        return None
    return Interest.of(item.known_p10, item.known_p50, item.known_p90)


def _remember(asked: Asked, said: str, *, is_done: bool) -> GivenAnswer:
    return GivenAnswer.objects.create(
        item_id=asked.item_id,
        due_on=asked.due_on,
        answer=asked.answer.value,
        user=asked.user,
        via=asked.via[:20],
        channel_id=asked.channel_id,
        at=clock.now(),
        is_done=is_done,
        said=said[:MOST_SAID],
    )

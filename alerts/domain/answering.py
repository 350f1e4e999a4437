"""What an answer comes to in words, and how it shows in a message that was sent before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from alerts.domain.messages import Answer, Message, Row
from common.errors import Refused
from ledger.domain.terms import OPEN_STATES, State
from ledger.domain.texts import day_words

# Answers for which a form has to be asked first.
NEEDS_DAY = (Answer.SNOOZE, Answer.EXTEND)

# What is no longer to be asked once this answer was given.
_SETTLED: Mapping[Answer, tuple[Answer, ...]] = {
    Answer.ACKNOWLEDGE: (Answer.ACKNOWLEDGE,),
    Answer.SNOOZE: (Answer.ACKNOWLEDGE, Answer.SNOOZE),
    Answer.EXTEND: tuple(Answer),
    Answer.START_REPAYMENT: (Answer.ACKNOWLEDGE, Answer.START_REPAYMENT),
}


def seen_note(name: str) -> str:
    return f"{name} has seen it."


def snoozed_note(name: str, until: date) -> str:
    return f"{name} put it off until {day_words(until)}."


def extended_note(name: str, due_on: date) -> str:
    return f"{name} extended the promise to {day_words(due_on)}."


def asked_note(name: str, due_on: date) -> str:
    return f"{name} asks for time until {day_words(due_on)}; an approver decides."


def started_note(name: str) -> str:
    return f"{name} has started the repayment."


def require_same_promise(reference: str, told: date, stands: date) -> None:
    """Refuse an answer to a date that is no longer the one promised."""
    if told != stands:
        raise Refused(
            f"The promise of {reference} has moved to {day_words(stands)} since this was sent; "
            "answer to the new date."
        )


def require_open(reference: str, state: State) -> None:
    """Refuse an answer to debt that is no longer owed."""
    if state not in OPEN_STATES:
        raise Refused(f"{reference} is {state.replace('_', ' ')}; nothing is left to answer.")


def without_settled(message: Message, given: Mapping[int, Answer]) -> Message:
    """The message without asking again what was answered, by the number of the debt."""
    rows = tuple(
        replace(row, answers=tuple(one for one in row.answers if one not in _settled(row, given)))
        for row in message.rows
    )
    return replace(message, rows=rows)


def _settled(row: Row, given: Mapping[int, Answer]) -> tuple[Answer, ...]:
    return _SETTLED[given[row.item_id]] if row.item_id in given else ()


def reply_to(row: Row, note: str) -> Message:
    """The answer as a message of its own, below one that cannot be changed."""
    return Message(title=f"{row.reference} {row.title}", lead=note, url=row.url)

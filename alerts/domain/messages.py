"""A message before it is put into the words and marks of any one service.

All text is raw: it may hold whatever a stranger wrote into a repository. Each channel escapes it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

# More is said with a link to the rest.
MOST_ROWS = 10
SCHEMA = 1


class Tone(StrEnum):
    """How near a row's promise is; a channel may show it as a colour or a sign."""

    OVERDUE = "overdue"
    DUE = "due"
    SOON = "soon"
    LATER = "later"


class Answer(StrEnum):
    """What can be answered to a row; the names are those of the ledger's actions."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    EXTEND = "extend"
    START_REPAYMENT = "start-repayment"


ANSWER_LABELS: Mapping[Answer, str] = {
    Answer.ACKNOWLEDGE: "Seen",
    Answer.SNOOZE: "Remind me later",
    Answer.EXTEND: "Ask for more time",
    Answer.START_REPAYMENT: "Start repayment",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody to be called by name.

    `chat_id` is filled in at sending, where the person has linked their account of that service;
    without it the name stands as plain text and rings no bell.
    """

    handle: str
    name: str
    chat_id: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer that a row takes: `token` for a button, `url` for a link. Filled in at sending."""

    answer: Answer
    label: str
    token: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One debt: what expires, what waiting costs, and what is asked of whom.

    `when`, `cost` and `ask` are whole phrases for people; `cost` is empty where nobody knows.
    `note` says what was answered since ("Ann Lee has seen it").
    """

    item_id: int
    reference: str
    title: str
    url: str
    tone: Tone
    due_on: date
    when: str
    cost: str
    ask: str
    impact: str = ""
    mention: Mention | None = None
    answers: tuple[Answer, ...] = ()
    offers: tuple[Offer, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel shows: a title, one leading sentence, at most ten rows, a link to the rest.

    `call` names people who are called for the message as a whole (an escalation to the lead).
    `facts` are short lines without a debt of their own, as in a summary of a first import.
    """

    title: str
    lead: str
    rows: tuple[Row, ...] = ()
    facts: tuple[str, ...] = ()
    more: int = 0
    more_url: str = ""
    url: str = ""
    call: tuple[Mention, ...] = ()
    footer: str = ""


def as_json(message: Message) -> dict[str, Any]:
    """The message as it is stored, without what is filled in at sending."""
    bare = replace(message, rows=tuple(replace(row, offers=()) for row in message.rows))
    value = asdict(bare)
    for row in value["rows"]:
        row["due_on"] = row["due_on"].isoformat()
    return {"schema": SCHEMA, **value}


def from_json(value: Mapping[str, Any]) -> Message:
    """What `as_json` stored."""
    rows = tuple(_row(row) for row in value["rows"])
    call = tuple(Mention(**one) for one in value["call"])
    plain = {name: value[name] for name in ("title", "lead", "more", "more_url", "url", "footer")}
    return Message(**plain, rows=rows, call=call, facts=tuple(value["facts"]))


def _row(value: Mapping[str, Any]) -> Row:
    return Row(
        **{
            **value,
            "tone": Tone(value["tone"]),
            "due_on": date.fromisoformat(value["due_on"]),
            "mention": Mention(**value["mention"]) if value["mention"] else None,
            "answers": tuple(Answer(one) for one in value["answers"]),
            "offers": (),
        }
    )


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around a message: `key` is the same for every attempt at one delivery.

    `key` goes to the service as its idempotency id where it takes one; `reference` is printed,
    so that a person recognises a message that arrived twice. `attempt` counts from 1. `stop_url`
    is where a person ends what they alone are told; empty in a shared channel.
    """

    key: str
    reference: str
    attempt: int = 1
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the service said: its name for the message (for edits and threads), and its answer."""

    remote_id: str = ""
    said: str = ""
    status: int | None = None
    # Services that hold more than one name for a message (channel and time stamp) keep them here.
    details: Mapping[str, str] = field(default_factory=dict)

"""What people type to the product in a chat room: "!debt snooze D-12 3d"."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from common.errors import Refused

PREFIX = "!debt"
# Characters that are looked at; a reason has at most half of them.
MOST_TEXT = 4_000
MOST_DAYS = 366

_DURATION = re.compile(r"([0-9]{1,3})(d|w)", re.IGNORECASE)


class Word(StrEnum):
    """The commands."""

    HELP = "help"
    LINK = "link"
    UNLINK = "unlink"
    ACKNOWLEDGE = "ack"
    SNOOZE = "snooze"
    EXTEND = "extend"
    START = "start"
    LIST = "list"


HELP = "\n".join(
    (
        f"{PREFIX} list: your open debts, the nearest date first",
        f"{PREFIX} ack D-12: you have seen it",
        f"{PREFIX} snooze D-12 3d: remind you in 3 days (or 2w, or a date such as 2027-03-01)",
        f"{PREFIX} extend D-12 2027-03-01 why: grant or ask for more time, with the reason",
        f"{PREFIX} start D-12: the repayment has begun",
        f"{PREFIX} link CODE: say who you are, with a code from your alerts page in Displace",
        f"{PREFIX} unlink: forget who you are here",
    )
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command with its parts; those that it does not take are empty."""

    word: Word
    reference: str = ""
    day: date | None = None
    reason: str = ""
    code: str = ""


def parse(text: str, *, today: date) -> Command | None:
    """Read a command; None for text that is none, Refused with its usage for a malformed one."""
    parts = text[:MOST_TEXT].split()
    if not parts or parts[0].lower() != PREFIX:
        return None
    if len(parts) == 1:
        return Command(Word.HELP)
    try:
        word = Word(parts[1].lower())
    except ValueError:
        raise Refused(f"I do not know this command. {PREFIX} help lists them all.") from None
    return _read(word, parts[2:], today)


def day_of(text: str, today: date) -> date:
    """The day in "3d", "2w" or "2027-03-01". Raises Refused."""
    if found := _DURATION.fullmatch(text):
        days = int(found[1]) * (7 if found[2].lower() == "w" else 1)
        if 0 < days <= MOST_DAYS:
            return today + timedelta(days=days)
        raise Refused(f"Between 1 and {MOST_DAYS} days can be given.", "until")
    return date_of(text)


def date_of(text: str) -> date:
    """The day in "2027-03-01". Raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("Write the date as 2027-03-01.", "due_on") from None


def _read(word: Word, rest: list[str], today: date) -> Command:
    match word, rest:
        case ((Word.HELP | Word.UNLINK | Word.LIST), _):
            return Command(word)
        case Word.LINK, [_, *_]:
            # People type what they see, with the gap that makes it readable.
            return Command(word, code="".join(rest))
        case ((Word.ACKNOWLEDGE | Word.START), [reference]):
            return Command(word, reference)
        case Word.SNOOZE, [reference, until]:
            return Command(word, reference, day_of(until, today))
        case Word.EXTEND, [reference, day, _, *_]:
            return Command(word, reference, date_of(day), " ".join(rest[2:]))
    usage = next(one for one in HELP.split("\n") if one.startswith(f"{PREFIX} {word.value}"))
    raise Refused(f"It is written so: {usage}")

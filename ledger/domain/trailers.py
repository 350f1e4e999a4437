"""Debt in commit messages.

    Debt: id, owner=x [date]: text
    Debt-Paid: id[: how]
    Debt-Extend: id [date]: reason

The lines are found anywhere in the message: in a squash message made by a forge, git's own parser
would see only those of the last paragraph.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST_TRAILERS = 100

_LINE = re.compile(r"^(Debt(?:-Paid|-Extend)?):[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE)
_ID = r"(?P<slug>[a-z0-9][a-z0-9-]{1,62})"
_DATE = r"\[(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\]"


class TrailerKind(StrEnum):
    DEBT = "Debt"
    PAID = "Debt-Paid"
    EXTEND = "Debt-Extend"


_SHAPES = {
    TrailerKind.DEBT: re.compile(
        rf"{_ID},\s*owner=(?P<owner>[a-z0-9._-]{{1,64}})\s*{_DATE}\s*:\s*(?P<text>\S.*)"
    ),
    TrailerKind.PAID: re.compile(rf"{_ID}(?:\s*:\s*(?P<text>\S.*))?"),
    TrailerKind.EXTEND: re.compile(rf"{_ID}\s*{_DATE}\s*:\s*(?P<text>\S.*)"),
}


@dataclass(frozen=True, slots=True)
class Trailer:
    """`text` is the debt, how it was paid, or why it is extended."""

    kind: TrailerKind
    slug: str
    owner: str = ""
    due_on: date | None = None
    text: str = ""


def trailers_in(message: str) -> list[Trailer]:
    """The well-formed debt trailers of a commit message, in order."""
    found = (
        _read(TrailerKind(match[1]), match[2])
        for match, _ in zip(_LINE.finditer(message), range(MOST_TRAILERS), strict=False)
    )
    return [trailer for trailer in found if trailer is not None]


def _read(kind: TrailerKind, value: str) -> Trailer | None:
    match = _SHAPES[kind].fullmatch(value)
    if match is None:
        return None
    parts = match.groupdict()
    try:
        due_on = date.fromisoformat(parts["date"]) if parts.get("date") else None
    except ValueError:
        return None
    return Trailer(kind, parts["slug"], parts.get("owner") or "", due_on, parts.get("text") or "")

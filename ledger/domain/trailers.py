"""Debt in commit messages.

    Debt: id, owner=x [date]: text
    Debt-Paid: id[: how]
    Debt-Extend: id [date]: reason

The lines are found anywhere in the message: in a squash message made by a forge, git's own parser
would see only those of the last paragraph.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ledger.domain.reverts import Undoing

MOST_TRAILERS = 100

# What git has to find in a message for this module to be asked (POSIX extended).
PATTERN = r"^Debt([- ]?(Paid|Extend|paid|extend))?:"

_LINE = re.compile(r"^(Debt(?:-Paid|-Extend)?):[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE)
_LOOKALIKE = re.compile(
    r"^(Debt(?:[- ]?[Pp]aid|[- ]?[Ee]xtend)?):[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE
)
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


_RIGHT = {
    TrailerKind.DEBT: "Debt: some-id, owner=team [YYYY-MM-DD]: what is owed",
    TrailerKind.PAID: "Debt-Paid: some-id, or Debt-Paid: some-id: how",
    TrailerKind.EXTEND: "Debt-Extend: some-id [YYYY-MM-DD]: why it takes longer",
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


@dataclass(frozen=True, slots=True)
class BadTrailer:
    """A line that begins like a debt trailer and is none; `reason` says what to write instead."""

    kind: TrailerKind
    line: str
    reason: str


def bad_trailers_in(message: str) -> list[BadTrailer]:
    """The lines of a commit message that were meant as debt trailers and cannot be read."""
    found = (
        _bad(match[1], match[2])
        for match, _ in zip(_LOOKALIKE.finditer(message), range(MOST_TRAILERS), strict=False)
    )
    return [bad for bad in found if bad is not None]


def _bad(name: str, value: str) -> BadTrailer | None:
    meant = TrailerKind(_SPELLED[re.sub(r"[- ]", "", name).lower()])
    line = f"{name}: {value}"
    if name != meant.value:
        return BadTrailer(meant, line, f"Write it as {meant.value}, exactly so.")
    if _read(meant, value) is not None:
        return None
    dated = re.search(_DATE, value)
    if dated and not _is_day(dated["date"]):
        return BadTrailer(meant, line, f"The day {dated['date']} does not exist.")
    if "owner=@" in value:
        return BadTrailer(meant, line, "Write the owner without the @.")
    return BadTrailer(meant, line, f"This cannot be read; write {_RIGHT[meant]}.")


_SPELLED = {"debt": "Debt", "debtpaid": "Debt-Paid", "debtextend": "Debt-Extend"}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


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


@dataclass(frozen=True, slots=True)
class Act:
    """A trailer to act on for what `commit` did; it stands in the message of `source`.

    `is_undone`: the commit takes the other one back.
    """

    trailer: Trailer
    commit: str
    author: str
    source: str
    is_undone: bool = False


def line_of(trailer: Trailer) -> str:
    """The trailer as it is written."""
    owner = f", owner={trailer.owner}" if trailer.owner else ""
    due_on = f" [{trailer.due_on}]" if trailer.due_on else ""
    text = f": {trailer.text}" if trailer.text else ""
    return f"{trailer.kind.value}: {trailer.slug}{owner}{due_on}{text}"


def acts_of_undoing(undoing: Undoing, author: str) -> list[Act]:
    """What it means for the trailers of a commit that it is taken back, or brought back."""
    return [
        Act(trailer, undoing.commit, author, undoing.base, undoing.is_taken_back)
        for trailer in trailers_in(undoing.message)
    ]


def still_owed(acts: Iterable[Act]) -> tuple[Act, ...]:
    """The debts of a whole history that no later trailer pays and no revert takes back.

    With them the extensions that were asked for since.
    """
    owed: dict[str, list[Act]] = {}
    paid: dict[str, list[Act]] = {}
    for act in acts:
        slug = act.trailer.slug
        match act.trailer.kind:
            case TrailerKind.DEBT if act.is_undone:
                owed.pop(slug, None)
            case TrailerKind.DEBT:
                owed.setdefault(slug, [act])
            case TrailerKind.EXTEND if slug in owed and not act.is_undone:
                owed[slug].append(act)
            case TrailerKind.PAID if act.is_undone and slug in paid:
                owed[slug] = paid.pop(slug)
            case TrailerKind.PAID if slug in owed:
                paid[slug] = owed.pop(slug)
    return tuple(act for of_one in owed.values() for act in of_one)


def rewritten(
    gone: Sequence[Act], new: Sequence[Act], common: Iterable[Act] = ()
) -> tuple[Act, ...]:
    """What a force push means, which dropped some acts, added others, and left `common` ones.

    A rebased commit says the same under another name: that is no news. Where a trailer that held
    holds no longer, or the other way round, it is taken back, or acted on again.
    """
    before, after = _by_trailer(gone), _by_trailer(new)
    below = {(act.trailer.kind, act.trailer.slug): not act.is_undone for act in common}
    back = []
    for trailer, acts in before.items():
        # Without a word of it, what was undone first must have held in the common history.
        held = not acts[-1].is_undone
        holds_below = below.get((trailer.kind, trailer.slug), acts[0].is_undone)
        if trailer not in after and held != holds_below:
            back.append(replace(acts[-1], commit=acts[-1].source, is_undone=held))
    news = [
        act
        for act in new
        if act.trailer not in before
        or (
            act is after[act.trailer][-1] and act.is_undone is not before[act.trailer][-1].is_undone
        )
    ]
    return (*reversed(back), *news)


def _by_trailer(acts: Iterable[Act]) -> dict[Trailer, list[Act]]:
    found: dict[Trailer, list[Act]] = {}
    for act in acts:
        found.setdefault(act.trailer, []).append(act)
    return found

"""The address of the register: what it may ask for, and what is wrong with what it asks.

Every filter may be given several times or as a list with commas (`state=active,repaying`), so
that an address can be kept as a link. A value that means nothing is a problem to show, never an
error of the server and never silently left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from django.http import QueryDict

from accounts.selectors import team_by_slug
from analysis.selectors import repository_by_slug
from common.errors import NotFound
from ledger.domain.terms import CLOSED_STATES, Origin, Severity, State, Timing
from ledger.selectors import SORTS, RegisterFilter

Kind = TypeVar("Kind", bound=StrEnum)

DEFAULT_SORT = "due"
MOST_SEARCH_CHARACTERS = 200
MOST_PAGES = 10_000_000
# What `state` accepts besides the stored states. Nothing given means "open".
STATE_GROUPS: Mapping[str, Sequence[State]] = {"open": (), "closed": CLOSED_STATES, "all": ()}


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """What an address asks for; with `problems` it must not be answered."""

    filter: RegisterFilter
    sort: str
    page: int
    problems: tuple[str, ...]


def register_query(data: QueryDict) -> RegisterQuery:
    """Read the address of the register."""
    problems: list[str] = []
    wanted = RegisterFilter(
        timings=_members(data, "timing", Timing, problems),
        severities=_members(data, "severity", Severity, problems),
        origins=_members(data, "origin", Origin, problems),
        owner=_text(data, "owner"),
        system=_text(data, "system"),
        team=_team(data, problems),
        search=_text(data, "q"),
        repository_id=_repository_id(data, problems),
    )
    return RegisterQuery(
        filter=_with_states(wanted, data, problems),
        sort=_sort(data, problems),
        page=_page(data, problems),
        problems=tuple(problems),
    )


def words_of(data: QueryDict, name: str) -> list[str]:
    """The values of one filter, however they were written, each once."""
    parts = (part.strip() for value in data.getlist(name) for part in value.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _with_states(wanted: RegisterFilter, data: QueryDict, problems: list[str]) -> RegisterFilter:
    words = words_of(data, "state") or ["open"]
    if len(words) == 1 and words[0] in STATE_GROUPS:
        return replace(wanted, states=STATE_GROUPS[words[0]], only_open=words[0] == "open")
    return replace(wanted, states=_members(data, "state", State, problems, [*STATE_GROUPS]))


def _members(
    data: QueryDict,
    name: str,
    kind: type[Kind],
    problems: list[str],
    also: Sequence[str] = (),
) -> tuple[Kind, ...]:
    known = {member.value: member for member in kind}
    words = words_of(data, name)
    for word in words:
        if word not in known:
            choices = ", ".join([*also, *known])
            problems.append(f"“{_shown(word)}” is no {name}; choose from {choices}.")
    return tuple(known[word] for word in words if word in known)


def _repository_id(data: QueryDict, problems: list[str]) -> int | None:
    slug = _text(data, "repository")
    if not slug:
        return None
    try:
        return repository_by_slug(slug).pk
    except NotFound as error:
        problems.append(error.message)
        return None


def _team(data: QueryDict, problems: list[str]) -> str:
    slug = _text(data, "team")
    if slug and team_by_slug(slug) is None:
        problems.append(f"There is no team “{_shown(slug)}”.")
    return slug


def _sort(data: QueryDict, problems: list[str]) -> str:
    sort = _text(data, "sort") or DEFAULT_SORT
    if sort in SORTS:
        return sort
    problems.append(f"The register cannot be sorted by “{_shown(sort)}”.")
    return DEFAULT_SORT


def _page(data: QueryDict, problems: list[str]) -> int:
    text = _text(data, "page") or "1"
    if text.isdecimal() and text.isascii() and len(text) <= 8 and 1 <= int(text) <= MOST_PAGES:
        return int(text)
    problems.append(f"“{_shown(text)}” is no page number.")
    return 1


def _text(data: QueryDict, name: str) -> str:
    return " ".join(data.get(name, "").replace("\x00", " ").split())[:MOST_SEARCH_CHARACTERS]


def _shown(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:40]}…"

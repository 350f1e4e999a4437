"""The register: filtering, sorting and paging a list that may hold 100,000 debts."""

import math
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import Expression, OrderBy
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan

from accounts.selectors import handles_at_home
from common import clock
from ledger.domain.promises import DUE_SOON_DAYS, timing
from ledger.domain.terms import OPEN_STATES, Origin, Severity, State, Timing
from ledger.models import DebtItem
from ledger.selectors.items import items, number_in

MOST_ROWS = 200

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What to list; an empty part does not restrict."""

    states: Sequence[State] = ()
    timings: Sequence[Timing] = ()
    owner: str = ""
    repository_id: int | None = None
    severities: Sequence[Severity] = ()
    origins: Sequence[Origin] = ()
    search: str = ""
    only_open: bool = False
    system: str = ""
    # What a team looks after: its own, and that of people whose first team it is.
    team: str = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """An item with how its promise stands; no timing for debt that is no longer owed."""

    item: DebtItem
    timing: Timing | None
    days_left: int | None
    repository_name: str
    repository_slug: str


@dataclass(frozen=True, slots=True)
class RegisterPage:
    rows: list[RegisterRow]
    total: int
    page: int
    pages: int
    size: int
    sort: str


# For each name, what "the first row" means: the nearest date, the dearest, the gravest, the
# oldest, the most urgent; a leading "-" reverses it. Items without a figure come last either way.
_KEYS: Mapping[str, tuple[Expression | F, bool]] = {
    "due": (F("due_on"), False),
    "interest": (F("known_p50"), True),
    "principal": (F("principal"), True),
    "severity": (F("severity_rank"), True),
    "age": (F("recorded_at"), False),
    "cd3": (F("known_cd3"), True),
    "owner": (F("owner"), False),
    "title": (Lower("title"), False),
}
# Only these say where nothing comes, since an index serves only the order that it was made for.
_NULLABLE = ("interest", "principal", "cd3")
SORTS: tuple[str, ...] = tuple(name for key in _KEYS for name in (key, f"-{key}"))


def debts_filtered(filter: RegisterFilter) -> QuerySet[DebtItem]:  # noqa: A002 - the word of the field
    """The items that a filter asks for, in no particular order."""
    found = items().filter(_equalities(filter))
    if filter.team:
        found = found.filter(owner__in=handles_at_home(filter.team))
    if filter.timings:
        found = found.filter(_timing_condition(filter.timings, clock.today()))
    for word in filter.search.split()[:10]:
        found = found.filter(_mentions(word))
    return found


def debts_page(
    *,
    filter: RegisterFilter,  # noqa: A002 - the word of the field
    sort: str = "due",
    page: int = 1,
    size: int = 50,
) -> RegisterPage:
    """One page of the register (numbered from 1; beyond the last page, the last).

    Three queries: how many there are, the numbers of those on the page, which an index alone can
    answer however deep the page is, and the page's rows.
    """
    size = min(max(size, 1), MOST_ROWS)
    found = debts_filtered(filter)
    total = found.count()
    pages = max(math.ceil(total / size), 1)
    page = min(max(page, 1), pages)
    start = (page - 1) * size
    numbers = found.order_by(*ordering(sort)).values_list("pk", flat=True)[start : start + size]
    shown = items().in_bulk(list(numbers)) if total else {}
    rows = rows_of(shown[number] for number in numbers) if total else []
    return RegisterPage(rows, total, page, pages, size, sort)


def ordering(sort: str) -> tuple[OrderBy, str]:
    """The order of a sort name; ties by number, so that pages never overlap."""
    key, is_descending = _KEYS[sort.removeprefix("-")]
    if sort.startswith("-"):
        is_descending = not is_descending
    is_nullable = sort.removeprefix("-") in _NULLABLE
    order = OrderBy(key, descending=is_descending, nulls_last=is_nullable or None)
    return order, "-pk" if is_descending else "pk"


def rows_of(found: Iterable[DebtItem]) -> list[RegisterRow]:
    """Items as rows of a list, with how their promises stand today."""
    today = clock.today()
    return [_row(item, today) for item in found]


def rows_iterate(found: QuerySet[DebtItem]) -> Iterator[RegisterRow]:
    """The same for lists of any length, a few thousand at a time."""
    today = clock.today()
    return (_row(item, today) for item in found.iterator(chunk_size=2000))


def timing_of(item: DebtItem, today: date | None = None) -> Timing | None:
    return timing(State(item.state), item.due_on, today or clock.today())


def owners_in_use() -> list[str]:
    """The owners that the register knows, by name."""
    return list(DebtItem.objects.order_by("owner").values_list("owner", flat=True).distinct())


def systems_in_use() -> list[str]:
    found = DebtItem.objects.exclude(system="").order_by("system")
    return list(found.values_list("system", flat=True).distinct())


def debts_by_path(repository_id: int) -> dict[str, list[DebtItem]]:
    """The open debts that stand in a repository's files, by file."""
    found: dict[str, list[DebtItem]] = {}
    rows = DebtItem.objects.filter(
        repository_id=repository_id, present=True, state__in=OPEN_STATES
    ).order_by("path", "line", "pk")
    for item in rows:
        found.setdefault(item.path, []).append(item)
    return found


def _row(item: DebtItem, today: date) -> RegisterRow:
    now = timing_of(item, today)
    repository = item.repository
    return RegisterRow(
        item=item,
        timing=now,
        days_left=(item.due_on - today).days if now else None,
        repository_name=repository.name if repository else "",
        repository_slug=repository.slug if repository else "",
    )


def _equalities(filter: RegisterFilter) -> Q:  # noqa: A002 - the word of the field
    conditions = {
        "state__in": list(filter.states),
        "severity__in": list(filter.severities),
        "origin__in": list(filter.origins),
        "owner": filter.owner,
        "system": filter.system,
        "repository_id": filter.repository_id,
    }
    result = Q(**{name: value for name, value in conditions.items() if value not in ("", [], None)})
    return result & Q(state__in=OPEN_STATES) if filter.only_open else result


def _timing_condition(timings: Sequence[Timing], today: date) -> Q:
    near = today + timedelta(days=DUE_SOON_DAYS)
    spans = {
        Timing.EXPIRED: Q(due_on__lt=today),
        Timing.DUE: Q(due_on=today),
        Timing.DUE_SOON: Q(due_on__gt=today, due_on__lte=near),
        Timing.CURRENT: Q(due_on__gt=near),
    }
    wanted = Q()
    for one in timings:
        wanted |= spans[one]
    return wanted & Q(state__in=OPEN_STATES)


def _contains(word: str) -> Q:
    """Each database in its fastest way; neither tells upper from lower case."""
    if connection.vendor == "sqlite":
        # A plain comparison of bytes; LIKE takes several times as long. SQLite lowers ASCII only.
        place = StrIndex("search_text", Value(word.translate(_ASCII_LOWER)))
        return Q(GreaterThan(place, 0))
    # LIKE can use the index of trigrams.
    return Q(search_text__contains=word.lower())


def _mentions(word: str) -> Q:
    number = number_in(word)
    if number is not None and not word.isdecimal():
        return Q(pk=number)
    wanted = _contains(word)
    return wanted | Q(pk=number) if number is not None else wanted

"""Candidates as lists: filtered, the most worthwhile first, and as a file."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from analysis.selectors import hotspot_in_current
from common import clock
from common.errors import NotFound
from ledger.domain.candidate_terms import CandidateKind, CandidateState
from ledger.domain.exchange.spreadsheets import neutralised
from ledger.models import Candidate, DebtItem, Registration

MOST_ROWS = 200
SORTS = ("hotspot", "age", "path")
CSV_HEAD = (
    "repository", "kind", "path", "line", "text", "state", "hotspot", "first seen", "written",
    "author", "decided by", "reason", "debt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """What to list; an empty part does not restrict. `min_days`: at least that old."""

    repository_id: int | None = None
    kinds: Sequence[CandidateKind] = ()
    state: CandidateState | None = CandidateState.OPEN
    search: str = ""
    min_days: int = 0


@dataclass(frozen=True, slots=True)
class CandidatesPage:
    rows: list[Candidate]
    total: int
    page: int
    pages: int
    size: int
    sort: str


def candidates_filtered(filter: CandidateFilter) -> QuerySet[Candidate]:  # noqa: A002 - the word of the field
    """The candidates that a filter asks for, in no particular order.

    Open ones only while they stand in the code: what went needs no decision.
    """
    found = Candidate.objects.select_related("repository", "decided_by", "item")
    if filter.repository_id is not None:
        found = found.filter(repository_id=filter.repository_id)
    if filter.kinds:
        found = found.filter(kind__in=list(filter.kinds))
    if filter.state is not None:
        found = found.filter(state=filter.state)
    if filter.state in (None, CandidateState.OPEN):
        found = found.filter(Q(is_present=True) | ~Q(state=CandidateState.OPEN))
    for word in filter.search.split()[:10]:
        found = found.filter(Q(text__icontains=word) | Q(path__icontains=word))
    if filter.min_days:
        before = clock.now() - timedelta(days=filter.min_days)
        found = found.annotate(since=Coalesce("written_at", "first_seen_at"))
        found = found.filter(since__lte=before)
    return found


def candidates_sorted(found: QuerySet[Candidate], sort: str) -> QuerySet[Candidate]:
    """In files that are changed much and complex first, the oldest first, or by place.

    Each row has its file's hotspot score (0 to 1, None where it has none) as `hotspot`.
    """
    found = found.annotate(
        hotspot=hotspot_in_current(OuterRef("repository_id"), OuterRef("path")),
        age=Coalesce("written_at", "first_seen_at"),
    )
    place = ("repository_id", "path", "line", "pk")
    if sort == "age":
        return found.order_by("age", *place)
    if sort == "path":
        return found.order_by(*place)
    return found.order_by(F("hotspot").desc(nulls_last=True), *place)


def candidates_page(
    *,
    filter: CandidateFilter,  # noqa: A002 - the word of the field
    sort: str = "hotspot",
    page: int = 1,
    size: int = 50,
) -> CandidatesPage:
    """One page (numbered from 1; beyond the last page, the last)."""
    size = min(max(size, 1), MOST_ROWS)
    found = candidates_filtered(filter)
    total = found.count()
    pages = max(math.ceil(total / size), 1)
    page = min(max(page, 1), pages)
    start = (page - 1) * size
    rows = list(candidates_sorted(found, sort)[start : start + size]) if total else []
    return CandidatesPage(rows, total, page, pages, size, sort)


def candidate_get(candidate_id: int) -> Candidate:
    """One candidate, or NotFound."""
    found = Candidate.objects.select_related("repository", "decided_by", "item")
    candidate = found.filter(pk=candidate_id).first()
    if candidate is None:
        raise NotFound(f"There is no candidate {candidate_id}.")
    return candidate


def candidates_csv(
    filter: CandidateFilter,  # noqa: A002 - the word of the field
    sort: str,
) -> Iterator[Sequence[str]]:
    """The whole list as cells that no spreadsheet takes for formulas, their head first."""
    yield CSV_HEAD
    for row in candidates_sorted(candidates_filtered(filter), sort).iterator(chunk_size=2000):
        cells: tuple[object, ...] = (
            row.repository.slug, row.kind, row.path, row.line, row.text, row.state,
            "" if row.hotspot is None else f"{row.hotspot:.2f}",  # type: ignore[attr-defined]  # candidates_sorted adds it
            clock.day_of(row.first_seen_at).isoformat(),
            clock.day_of(row.written_at).isoformat() if row.written_at else "", row.author,
            row.decided_by.username if row.decided_by else "", row.reason,
            row.item.reference if row.item else "",
        )  # fmt: skip
        yield [neutralised(cell) for cell in cells]


def open_candidates() -> dict[int, int]:
    """How many open candidates stand in the code of each repository that has any."""
    rows = Candidate.objects.filter(state=CandidateState.OPEN, is_present=True)
    return dict(rows.order_by().values_list("repository_id").annotate(number=Count("pk")))


def slugs_taken(repository_id: int) -> set[str]:
    """The ids that the debts of a repository bear."""
    return set(DebtItem.objects.filter(repository_id=repository_id).values_list("slug", flat=True))


def unscanned_heads() -> list[tuple[int, str]]:
    """Repository and commit of the registered trees that nobody has searched for candidates."""
    rows = Registration.objects.exclude(head="").exclude(candidates_head=F("head"))
    return list(rows.values_list("repository_id", "head"))

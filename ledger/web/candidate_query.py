"""The address of the list of candidates: what it may ask for, and what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

from analysis.selectors import repositories_list, repository_by_slug
from common.errors import NotFound
from ledger.domain.candidate_terms import CandidateKind, CandidateState
from ledger.selectors import CandidateFilter
from ledger.web.register import Choice

MOST_SEARCH_CHARACTERS = 200
SORTS = (("hotspot", "Hottest files first"), ("age", "Oldest first"), ("path", "By place"))
STATES = (
    ("open", "To be decided"),
    ("dismissed", "Dismissed"),
    ("promoted", "Promoted to debt"),
    ("all", "All"),
)
AGES = (("", "Any age"), ("30", "Older than 30 days"), ("365", "Older than a year"))


@dataclass(frozen=True, slots=True)
class CandidateQuery:
    """What an address asks for; with `problems` it must not be answered."""

    filter: CandidateFilter
    sort: str
    page: int
    problems: tuple[str, ...]


def candidate_query(data: QueryDict) -> CandidateQuery:
    """Read the address; nothing given means the open ones, the hottest files first."""
    problems: list[str] = []
    kind = _one_of(data, "kind", ["", *(one.value for one in CandidateKind)], "", problems)
    state = _one_of(data, "state", [name for name, _ in STATES], "open", problems)
    age = _one_of(data, "age", [days for days, _ in AGES], "", problems)
    wanted = CandidateFilter(
        repository_id=_repository_id(data, problems),
        kinds=(CandidateKind(kind),) if kind else (),
        state=None if state == "all" else CandidateState(state),
        search=data.get("q", "").replace("\0", "")[:MOST_SEARCH_CHARACTERS],
        min_days=int(age or 0),
    )
    sort = _one_of(data, "sort", [name for name, _ in SORTS], "hotspot", problems)
    return CandidateQuery(wanted, sort, _page(data), tuple(problems))


def candidate_choices(data: QueryDict) -> list[Choice]:
    """The filters as selects."""
    repositories = [
        ("", "All repositories"),
        *((one.slug, one.name) for one in repositories_list()),
    ]
    kinds = [("", "Any word"), *((one.value, one.value) for one in CandidateKind)]
    return [
        Choice("state", "State", data.get("state") or "open", list(STATES)),
        Choice("repository", "Repository", data.get("repository", ""), repositories),
        Choice("kind", "Word", data.get("kind", ""), kinds),
        Choice("age", "Age", data.get("age", ""), list(AGES)),
        Choice("sort", "Order", data.get("sort") or "hotspot", list(SORTS)),
    ]


def _one_of(
    data: QueryDict, name: str, known: Iterable[str], default: str, problems: list[str]
) -> str:
    value = data.get(name) or default
    if value in known:
        return value
    problems.append(f"There is no {name} '{value[:40]}'.")
    return default


def _repository_id(data: QueryDict, problems: list[str]) -> int | None:
    slug = data.get("repository", "")
    if not slug:
        return None
    try:
        return repository_by_slug(slug).pk
    except NotFound as error:
        problems.append(error.message)
        return None


def _page(data: QueryDict) -> int:
    text = data.get("page", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1

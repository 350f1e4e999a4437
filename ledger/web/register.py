"""The register: every debt, filtered, sorted and paged; and the same list as a file."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from analysis.selectors import repositories_list, repository_by_slug
from common import clock
from common.errors import NotFound
from ledger.domain.terms import Origin, Severity, State, Timing
from ledger.selectors import (
    CandidateFilter,
    RegisterFilter,
    RepositoryDebts,
    candidates_filtered,
    debts_by_path,
    debts_by_repository,
    debts_csv,
    debts_page,
    owners_in_use,
    rows_of,
)
from ledger.web.lines import debt_lines, guide
from ledger.web.query import STATE_GROUPS, register_query, words_of

PAGE_SIZE = 50
NEXT_DUE = 5
FILTER_NAMES = (
    "q",
    "state",
    "timing",
    "owner",
    "repository",
    "severity",
    "origin",
    "system",
    "team",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with its options (value, words); the one in force is `current`."""

    name: str
    label: str
    current: str
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Head:
    """A column head that sorts; `direction` is empty unless its order is in force."""

    name: str
    label: str
    next: str
    direction: str
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class QuickView:
    """A much used question to the register, one click away."""

    label: str
    query: str


QUICK_VIEWS = (
    QuickView("Open", ""),
    QuickView("Expired", "timing=expired"),
    QuickView("Due soon", "timing=due,due_soon"),
    QuickView("To be accepted", "state=proposed"),
    QuickView("Closed", "state=closed"),
    QuickView("All", "state=all"),
)

# Name, label, CSS classes, title. The ledger's plain order of a figure is the largest first.
COLUMNS = (
    ("title", "Debt", "", ""),
    ("due", "Promised for", "", ""),
    ("owner", "Owner", "wide-only", ""),
    ("severity", "Severity", "wide-only", ""),
    ("interest", "Interest", "num", "Extra hours a month while it is unpaid: middle of the range"),
    ("principal", "To repay", "num wide-only", "Hours to pay it back, as expected"),
    ("cd3", "CD3", "num desktop-only", "Cost of delay divided by duration: highest first"),
    ("age", "Recorded", "desktop-only", ""),
)
LARGEST_FIRST = ("severity", "interest", "principal", "cd3")


class Echo:
    """Hands a line back to whoever writes it, so that a file of any length can be streamed."""

    def write(self, line: str) -> str:
        return line


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    query = register_query(request.GET)
    known_owners = owners_in_use()
    context: dict[str, Any] = {
        **guide(user),
        "problems": query.problems,
        "q": query.filter.search,
        "sort": query.sort,
        "choices": list(_choices(request, known_owners)),
        "is_empty": not known_owners,
        "clear_url": reverse("ledger:register"),
        "quick_views": QUICK_VIEWS,
        "quick_current": _quick_current(request),
        "is_filtered": any(request.GET.get(name) for name in FILTER_NAMES),
    }
    if query.problems:
        return render(request, "ledger/register.html", context, status=400)
    found = debts_page(filter=query.filter, sort=query.sort, page=query.page, size=PAGE_SIZE)
    context["lines"] = debt_lines(found.rows)
    context["page"] = found
    context["heads"] = _heads(found.sort)
    return render(request, "ledger/register.html", context)


@require_safe
def register_csv(request: HttpRequest) -> HttpResponseBase:
    """The whole filtered list as a file; the same address as the register's page."""
    query = register_query(request.GET)
    if query.problems:
        text = "\n".join(query.problems)
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    name = f"debts-{clock.today().isoformat()}.csv"
    return StreamingHttpResponse(
        _csv_lines(query.filter, query.sort),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def file_items(request: HttpRequest) -> HttpResponse:
    """The open debt of one file, as a part of that file's page."""
    repository = _repository(request)
    items = debts_by_path(repository.pk).get(request.GET.get("path", ""), [])
    lines = debt_lines(rows_of(items))
    return render(request, "ledger/parts/file_items.html", {"lines": lines})


@require_safe
def repository_items(request: HttpRequest) -> HttpResponse:
    """The open debt of one repository in short, as a part of that repository's page."""
    repository = _repository(request)
    wanted = RegisterFilter(repository_id=repository.pk, only_open=True)
    found = debts_page(filter=wanted, sort="due", size=NEXT_DUE)
    context = {
        "repository": repository,
        "counts": debts_by_repository().get(repository.pk, RepositoryDebts()),
        "lines": debt_lines(found.rows),
        "candidates": candidates_filtered(CandidateFilter(repository_id=repository.pk)).count(),
    }
    return render(request, "ledger/parts/repository_items.html", context)


def _repository(request: HttpRequest) -> Any:
    try:
        return repository_by_slug(request.GET.get("repository", ""))
    except NotFound as error:
        raise Http404(error.message) from None


def _heads(sort: str) -> list[Head]:
    return [
        Head(
            name=name,
            label=label,
            next=f"-{name}" if sort == name else name,
            direction=_direction(name, sort),
            css=css,
            title=title,
        )
        for name, label, css, title in COLUMNS
    ]


def _direction(name: str, sort: str) -> str:
    if sort.removeprefix("-") != name:
        return ""
    is_descending = (name in LARGEST_FIRST) != sort.startswith("-")
    return "descending" if is_descending else "ascending"


def _csv_lines(wanted: RegisterFilter, sort: str) -> Iterator[str]:
    writer = csv.writer(Echo())
    for cells in debts_csv(wanted, sort):
        yield writer.writerow(cells)


def _choices(request: HttpRequest, known_owners: Sequence[str]) -> Iterator[Choice]:
    states = [
        (name, words)
        for name, words in zip(STATE_GROUPS, ("Open debt", "Closed", "All"), strict=True)
    ]
    yield _choice(request, "state", "State", [*states, *_options(State)], default="open")
    yield _choice(request, "timing", "Timing", [("", "Any date"), *_options(Timing)])
    yield _choice(
        request,
        "repository",
        "Repository",
        [("", "All repositories"), *((one.slug, one.name) for one in repositories_list())],
    )
    # Comes with a link from a message.
    if team := " ".join(words_of(request.GET, "team")):
        yield Choice("team", "Team", team, [("", "All teams"), (team, f"Team {team}")])
    owners = [(owner, owner) for owner in known_owners]
    yield _choice(request, "owner", "Owner", [("", "All owners"), *owners])
    yield _choice(request, "severity", "Severity", [("", "Any severity"), *_options(Severity)])
    yield _choice(request, "origin", "Origin", [("", "Any origin"), *_options(Origin)])


def _choice(
    request: HttpRequest, name: str, label: str, options: list[tuple[str, str]], default: str = ""
) -> Choice:
    """A select; a combination that came with a link is an option of its own."""
    current = ",".join(words_of(request.GET, name)) or default
    if current not in dict(options):
        named = dict(options)
        words = [named.get(word, word) for word in current.split(",")]
        options = [*options, (current, " or ".join(words))]
    return Choice(name, label, current, options)


def _options(kind: Any) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in kind]


def _quick_current(request: HttpRequest) -> str | None:
    """The quick view that the address is, if it is one."""
    given = {
        name: ",".join(words_of(request.GET, name))
        for name in FILTER_NAMES
        if request.GET.get(name)
    }
    if given.get("state") == "open":
        del given["state"]
    text = "&".join(f"{name}={value}" for name, value in given.items())
    return text if any(view.query == text for view in QUICK_VIEWS) else None

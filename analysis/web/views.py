"""The repository pages: HTTP in, one service or selector call, a template out."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from analysis import services, tasks
from analysis.domain.access import ANALYSES, REGISTERS
from analysis.models import Repository
from analysis.selectors import pages_files, pages_repositories, pages_structure
from analysis.selectors.pages_stability import unstable_dependencies
from analysis.selectors.runs import STAGES, latest_run
from analysis.selectors.trends import trend_of
from analysis.web.forms import RepositoryForm
from analysis.web.lookup import repository_or_404, snapshot_or_404
from analysis.web.trend_charts import trend_charts
from analysis.web.wording import REASONS, file_notes, snapshot_notes
from common.errors import NotFound, Refused

PAGE_SIZE = 50
MOST_LINES = 400


@require_http_methods(["GET", "HEAD", "POST"])
def repositories(request: HttpRequest) -> HttpResponse:
    """List the repositories; by POST, register one and start its first analysis."""
    form = RepositoryForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        user = require_role(request, REGISTERS)
        if form.is_valid():
            try:
                repository = services.repository_register(**form.cleaned_data, added_by_id=user.pk)
                tasks.analyse_soon(repository=repository, requested_by_id=user.pk)
            except Refused as refusal:
                known = refusal.field in form.fields
                form.add_error(refusal.field if known else None, refusal.message)
            else:
                return redirect("analysis:repository", repository.slug)
    context = {
        "rows": pages_repositories.repository_rows(),
        "form": form,
        "may_register": require_role(request, Role.VIEWER).may(REGISTERS),
    }
    return render(
        request, "analysis/repositories.html", context, status=422 if form.errors else 200
    )


@never_cache
@require_safe
def repository(request: HttpRequest, slug: str) -> HttpResponse:
    """The first page of a repository: progress, totals, hotspots."""
    found = repository_or_404(slug)
    context = _context(request, found, "overview")
    if found.current_snapshot is not None:
        context["overview"] = pages_repositories.snapshot_overview(found.current_snapshot)
        context |= snapshot_notes(found.current_snapshot)
    return render(request, "analysis/repository.html", context)


@require_POST
def analyse(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an analysis now; one that waits or runs already is not doubled."""
    user = require_role(request, ANALYSES)
    found = repository_or_404(slug)
    try:
        tasks.analyse_soon(repository=found, requested_by_id=user.pk)
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("analysis:repository", slug)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask whether the repository is to be forgotten; by POST, forget it."""
    require_role(request, REGISTERS)
    found = repository_or_404(slug)
    refused = ""
    if request.method == "POST":
        try:
            services.repository_remove(repository=found)
        except Refused as refusal:
            refused = refusal.message
        else:
            messages.success(request, f"{found.name} is removed.")
            return redirect("analysis:repositories")
    context = _context(request, found, "") | {"refused": refused}
    return render(request, "analysis/remove.html", context, status=409 if refused else 200)


@never_cache
@require_safe
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """The fragment that a page asks for every second while an analysis goes on."""
    found = repository_or_404(slug)
    context = _run_context(found) | {"announced": request.GET.get("stage", "")}
    return render(request, "analysis/_progress.html", context)


@require_safe
def files(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of files: filtered, sorted, paged."""
    found = repository_or_404(slug)
    snapshot = snapshot_or_404(found)
    chosen = pages_files.FileFilter(
        search=request.GET.get("q", "").strip()[:200],
        language=request.GET.get("language", ""),
        show=request.GET.get("show", "own"),
    )
    sort = pages_files.clean_sort(request.GET.get("sort", ""))
    rows = pages_files.files_list(snapshot, chosen, sort)
    context = _context(request, found, "files") | {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "sort": sort,
        "languages": pages_files.languages_in(snapshot),
    }
    return render(request, "analysis/files.html", context)


@require_safe
def file(request: HttpRequest, slug: str, path: str) -> HttpResponse:
    """One file: its figures, functions, history and what changes with it."""
    found = repository_or_404(slug)
    snapshot = snapshot_or_404(found)
    try:
        shown = pages_files.file_page(snapshot, path)
    except NotFound as error:
        raise Http404(error.message) from None
    context = _context(request, found, "files") | file_notes(shown.file) | {"shown": shown}
    return render(request, "analysis/file.html", context)


@require_safe
def lines(request: HttpRequest, slug: str, path: str) -> HttpResponse:
    """Some lines of a file's source, as a fragment."""
    found = repository_or_404(slug)
    snapshot = snapshot_or_404(found)
    first = _line(request.GET.get("first"), 1)
    last = min(_line(request.GET.get("last"), first + 40), first + MOST_LINES - 1)
    try:
        text = services.source_lines(snapshot_id=snapshot.pk, path=path, first=first, last=last)
    except (NotFound, Refused) as error:
        return render(request, "analysis/_lines.html", {"missing": error.message})
    numbered = list(enumerate(text, start=first))
    return render(request, "analysis/_lines.html", {"lines": numbered, "path": path})


@require_safe
def structure(request: HttpRequest, slug: str) -> HttpResponse:
    """How modules depend on each other: matrix, graph, cycles, table."""
    found = repository_or_404(slug)
    snapshot = snapshot_or_404(found)
    search = request.GET.get("q", "").strip()[:200]
    sort = pages_structure.clean_choice(
        request.GET.get("sort", ""),
        pages_structure.MODULE_SORTS,
        pages_structure.DEFAULT_MODULE_SORT,
    )
    rows = pages_structure.modules_list(snapshot, search, sort)
    package = request.GET.get("package", "")[:500]
    drawn = QueryDict(mutable=True)
    drawn["package"] = package
    context = (
        _context(request, found, "structure")
        | snapshot_notes(snapshot)
        | {
            "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
            "q": search,
            "sort": sort,
            "package": package,
            "package_query": f"?{drawn.urlencode()}",
            "drawing": pages_structure.package_drawing(snapshot, package),
            "unstable": unstable_dependencies(snapshot),
        }
    )
    return render(request, "analysis/structure.html", context)


@require_safe
def coupling(request: HttpRequest, slug: str) -> HttpResponse:
    """Files that keep changing together."""
    found = repository_or_404(slug)
    snapshot = snapshot_or_404(found)
    search = request.GET.get("q", "").strip()[:200]
    sort = pages_structure.clean_choice(
        request.GET.get("sort", ""),
        pages_structure.COUPLING_SORTS,
        pages_structure.DEFAULT_COUPLING_SORT,
    )
    rows = pages_structure.couplings_list(snapshot, search, sort)
    context = _context(request, found, "coupling") | {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "q": search,
        "sort": sort,
    }
    return render(request, "analysis/coupling.html", context)


@require_safe
def trend(request: HttpRequest, slug: str) -> HttpResponse:
    """How the repository grew: what was measured of its past, and the snapshots since."""
    found = repository_or_404(slug)
    rows = trend_of(found)
    context = _context(request, found, "trend") | {
        "page": Paginator(rows[::-1], PAGE_SIZE).get_page(request.GET.get("page")),
        "charts": trend_charts(rows),
    }
    return render(request, "analysis/trend.html", context)


@require_safe
def unreadable(request: HttpRequest, slug: str) -> HttpResponse:
    """The files that could not be measured, each with its reason."""
    found = repository_or_404(slug)
    snapshot = snapshot_or_404(found)
    rows = pages_files.files_list(snapshot, pages_files.FileFilter(show="unreadable"), "path")
    context = _context(request, found, "unreadable") | {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "analysis/unreadable.html", context)


def _context(request: HttpRequest, found: Repository, tab: str) -> dict[str, Any]:
    """What every page of one repository shows."""
    return _run_context(found) | {
        "snapshot": found.current_snapshot,
        "tab": tab,
        "reasons": REASONS,
        "may_analyse": require_role(request, Role.VIEWER).may(ANALYSES),
        "may_register": require_role(request, Role.VIEWER).may(REGISTERS),
    }


def _run_context(found: Repository) -> dict[str, Any]:
    run = latest_run(found.pk)
    names = list(STAGES)
    at = names.index(run.stage) if run and run.stage in names else -1
    return {
        "repository": found,
        "run": run,
        "steps": [
            {"text": text, "state": "done" if number < at else "now" if number == at else "next"}
            for number, text in enumerate(STAGES.values())
        ],
    }


def _line(text: str | None, default: int) -> int:
    """Return a line number from an address; anything else is the default."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return default
    return max(1, int(text))

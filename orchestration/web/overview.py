"""The first pages of environments: what stands, what waits for somebody, and every run."""

from dataclasses import replace

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.domain.roles import Role
from common import clock
from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.states import EnvironmentState, RunAction
from orchestration.models import Run
from orchestration.selectors import pages_environments as pages
from orchestration.selectors.environments import (
    EnvironmentFilter,
    environment_get,
    environments_filtered,
)
from orchestration.selectors.lists import RunFilter, runs_found, runs_narrowed
from orchestration.web.shared import (
    number_of,
    or_404,
    page_context,
    page_of,
    search_of,
    viewer_of,
)
from orchestration.web.wording import ACTION_WORDS, ENVIRONMENT_WORDS

MOST_WAITING = 5
# What the choice of a state offers besides the states themselves.
STANDING = ""
TROUBLED = "troubled"
UNSEEN = "unseen"
EVERYTHING = "all"
# What is narrowed to by more than a state.
_NARROWED = {TROUBLED: pages.troubled_in, UNSEEN: pages.unseen_in}
# Which runs can be chosen, besides every one of them.
_OPEN, _WAITING, _MINE, _MINE_WAITING = "open", "waiting", "mine", "mine-waiting"


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for the person's approval, then every environment with its cost and end."""
    user = viewer_of(request)
    now = clock.now()
    wanted = _wanted(request)
    narrowed = request.GET.get("state", "")
    narrow = _NARROWED.get(narrowed)
    rows = environments_filtered(wanted)
    page = page_of(request, narrow(rows) if narrow else rows)
    waiting = pages.runs_waiting(user)
    first = list(waiting[: MOST_WAITING + 1])
    context = page_context(request, "overview") | {
        "page": page,
        "lines": pages.environment_lines(list(page.object_list), now),
        "figures": pages.figures(),
        "waiting": first[:MOST_WAITING],
        "waiting_count": waiting.count() if len(first) > MOST_WAITING else len(first),
        "mine_waiting": pages.runs_asked_and_waiting(user).count(),
        "wanted": wanted,
        "shown_state": narrowed if narrow or wanted.with_gone else wanted.state,
        "states": [(STANDING, "All that stand"), (TROUBLED, "Need somebody"),
                   (UNSEEN, "Could not be looked at"), *ENVIRONMENT_WORDS.items(),
                   (EVERYTHING, "Also what is gone")],
        "owners": pages.owners_known(),
        "capabilities": [(one.value, terms.title) for one, terms in CAPABILITIES.items()],
        "is_filtered": narrow is not None or wanted != EnvironmentFilter(),
    }  # fmt: skip
    return render(request, "orchestration/overview.html", context)


def _wanted(request: HttpRequest) -> EnvironmentFilter:
    state = request.GET.get("state", "")
    capability = request.GET.get("capability", "")
    return EnvironmentFilter(
        state=state if state in list(EnvironmentState) else "",
        with_gone=state == EVERYTHING,
        owner=request.GET.get("owner", "").replace("\0", "")[:100],
        capability=capability if capability in list(Capability) else "",
        text=search_of(request),
    )


@never_cache
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Every run, the newest first; narrowed by who waits for whom, by action and environment."""
    user = viewer_of(request)
    action = request.GET.get("action", "")
    number = number_of(request.GET.get("environment", ""))
    wanted = RunFilter(
        action=action if action in list(RunAction) else "", environment_id=number or None
    )
    chosen: dict[str, tuple[str, QuerySet[Run]]] = {
        "": ("Every run", runs_found(wanted)),
        _OPEN: ("Not ended yet", runs_found(replace(wanted, is_open=True))),
        _WAITING: ("Wait for my approval", pages.runs_waiting(user)),
        _MINE: ("Asked for by me", pages.runs_asked_by(user)),
        _MINE_WAITING: ("Asked for by me, not decided", pages.runs_asked_and_waiting(user)),
    }
    if not user.may(Role.APPROVER):
        del chosen[_WAITING]
    show = request.GET.get("show", "")
    show = show if show in chosen else ""
    context = page_context(request, "runs") | {
        "page": page_of(request, runs_narrowed(chosen[show][1], wanted)),
        "show": show,
        "shows": [(name, label) for name, (label, _rows) in chosen.items()],
        "action": wanted.action,
        "actions": ACTION_WORDS.items(),
        "environment": or_404(lambda: environment_get(number)) if number else None,
        "is_filtered": bool(show) or wanted != RunFilter(),
    }
    return render(request, "orchestration/runs.html", context)

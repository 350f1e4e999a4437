"""The first pages of environments: what stands, what waits for somebody, and every run."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import clock
from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.states import EnvironmentState, RunAction
from orchestration.selectors import pages_environments as pages
from orchestration.selectors.environments import EnvironmentFilter, environments_filtered
from orchestration.selectors.lists import RunFilter, runs_found
from orchestration.web.shared import number_of, page_context, page_of, search_of, viewer_of
from orchestration.web.wording import ACTION_WORDS, ENVIRONMENT_WORDS

MOST_WAITING = 5
# What the choice of a state offers besides the states themselves.
STANDING = ""
EVERYTHING = "all"


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for the person's approval, then every environment with its cost and end."""
    user = viewer_of(request)
    now = clock.now()
    wanted = _wanted(request)
    page = page_of(request, environments_filtered(wanted))
    waiting = pages.runs_waiting(user)
    rows = list(waiting[: MOST_WAITING + 1])
    context = page_context(request, "overview") | {
        "page": page,
        "lines": pages.environment_lines(list(page.object_list), now),
        "figures": pages.figures(),
        "waiting": rows[:MOST_WAITING],
        "waiting_count": waiting.count() if len(rows) > MOST_WAITING else len(rows),
        "mine_waiting": pages.runs_asked_and_waiting(user),
        "wanted": wanted,
        "shown_state": EVERYTHING if wanted.with_gone else wanted.state,
        "states": [(STANDING, "All that stand"), *ENVIRONMENT_WORDS.items(),
                   (EVERYTHING, "Also what is gone")],
        "owners": pages.owners_known(),
        "capabilities": [(one.value, terms.title) for one, terms in CAPABILITIES.items()],
        "is_filtered": wanted != EnvironmentFilter(),
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
    """Every run, the newest first."""
    user = viewer_of(request)
    show = request.GET.get("show", "")
    action = request.GET.get("action", "")
    wanted = RunFilter(
        is_open=show == "open",
        action=action if action in list(RunAction) else "",
        environment_id=number_of(request.GET.get("environment", "")) or None,
    )
    if show == "waiting":
        rows = pages.runs_waiting(user)
    elif show == "mine":
        rows = pages.runs_asked_by(user)
    else:
        rows = runs_found(wanted)
    context = page_context(request, "runs") | {
        "page": page_of(request, rows),
        "show": show if show in ("open", "mine", "waiting") else "",
        "action": wanted.action,
        "actions": ACTION_WORDS.items(),
        "is_filtered": wanted != RunFilter() or show in ("waiting", "mine"),
    }
    return render(request, "orchestration/runs.html", context)

"""The page of a run: how far it is, what it would do, who agrees, and its log while it works."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.domain.roles import Role
from accounts.selectors import User
from orchestration.domain.plans import Change, change_from
from orchestration.domain.states import FINAL_RUN_STATES, RunAction, RunState
from orchestration.models import Approval, Plan, Run, RunEvent
from orchestration.selectors.lists import debts_of, run_named
from orchestration.selectors.pages_environments import states_passed
from orchestration.selectors.runs import events_after
from orchestration.services.approving import run_approve, run_reject, why_not_approver
from orchestration.services.canceling import run_cancel
from orchestration.web.shared import attempt, number_of, or_404, page_context, viewer_of
from orchestration.web.steps import steps_of
from orchestration.web.wording import RUN_ADVICE

# Lines of a log that one answer holds.
LOG_LINES = 500


@dataclass(frozen=True, slots=True)
class LogPart:
    """Some lines of a log, and where it goes on in both directions."""

    events: Sequence[RunEvent]
    first: int
    last: int
    is_over: bool

    @property
    def earlier(self) -> int:
        """The number after which the part before this one begins."""
        return max(self.first - 1 - LOG_LINES, 0)


@never_cache
@require_safe
def run(request: HttpRequest, reference: str) -> HttpResponse:
    """The run with its plan, the decision about it, and its log."""
    found = _run(reference)
    context = page_context(request, "runs") | _context(viewer_of(request), found)
    context["log"] = _log(found, request.GET.get("after"))
    return render(request, "orchestration/run.html", context)


@never_cache
@require_safe
def log(request: HttpRequest, reference: str) -> HttpResponse:
    """What came into the log after a number, for the page that shows it live.

    Where the run's state is another than the page knows, the answer brings the new standing along.
    """
    found = _run(reference)
    context = page_context(request, "runs")
    context |= {"run": found, "log": _log(found, request.GET.get("after", "0")), "is_part": True}
    if request.GET.get("state") != found.state:
        context |= _context(viewer_of(request), found) | {"is_new_state": True}
    return render(request, "orchestration/parts/log_more.html", context)


@require_POST
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """Agree to exactly the plan that was read, or refuse it with a reason."""
    user, found = viewer_of(request), _run(reference)
    terms: dict[str, Any] = {
        "actor": user,
        "run_id": found.pk,
        "digest": request.POST.get("digest", "")[:100],
        "reason": request.POST.get("reason", "").replace("\0", "")[:1000],
    }
    if request.POST.get("decision") == "reject":
        attempt(request, lambda: run_reject(**terms), "Rejected. Nothing is changed.")
    else:
        attempt(request, lambda: run_approve(**terms), "Approved. It is carried out now.")
    return redirect("environments:run", found.reference)


@require_POST
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Have it end, as soon as that is possible."""
    user, found = viewer_of(request), _run(reference)
    reason = request.POST.get("reason", "").replace("\0", "")[:500]
    attempt(
        request,
        lambda: run_cancel(actor=user, run_id=found.pk, reason=reason),
        "It is being stopped. The log says what is left.",
    )
    return redirect("environments:run", found.reference)


def _run(reference: str) -> Run:
    return or_404(lambda: run_named(reference))


def _log(run: Run, after: str | None) -> LogPart:
    """The newest lines, or those after a number."""
    start = max(run.events - LOG_LINES, 0) if after is None else number_of(after)
    events = events_after(run, start, LOG_LINES)
    last = events[-1].sequence if events else start
    is_over = RunState(run.state) in FINAL_RUN_STATES and last >= run.events
    return LogPart(events, events[0].sequence if events else start + 1, last, is_over)


def _context(user: User, run: Run) -> dict[str, Any]:
    state, action = RunState(run.state), RunAction(run.action)
    plan = Plan.objects.filter(run=run).defer("artifact").first()
    changes = [change_from(one) for one in plan.changes] if plan else []
    return {
        "run": run,
        "environment": run.environment,
        "steps": steps_of(action, state, states_passed(run)),
        "plan": plan,
        "changes": _by_resource(changes),
        "has_destructive": any(one.is_destructive for one in changes),
        "approval": Approval.objects.filter(run=run).select_related("approver").first(),
        "advice": RUN_ADVICE.get(state, ""),
        "is_over": state in FINAL_RUN_STATES,
        "is_waiting": state is RunState.AWAITING_APPROVAL,
        "why_not": why_not_approver(user, run) if state is RunState.AWAITING_APPROVAL else "",
        "may_cancel": _may_cancel(user, run, state),
        "looks_only": not action.mutates,
        # What it was asked for, so that it can be asked for again.
        "debt": next((one.item.reference for one in debts_of(run.environment)), ""),
    }


def _by_resource(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    found: dict[str, list[Change]] = {}
    for one in changes:
        found.setdefault(one.resource, []).append(one)
    return list(found.items())


def _may_cancel(user: User, run: Run, state: RunState) -> bool:
    if state in FINAL_RUN_STATES or run.cancel_requested_at is not None:
        return False
    if state in (RunState.INDETERMINATE, RunState.RECONCILING):
        return False
    is_own = run.requested_by_id == user.pk and user.may(Role.CONTRIBUTOR)
    return is_own or user.may(Role.APPROVER)

"""The page of locks: who holds the state of OpenTofu or Terraform, and breaking a dead lock."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common import clock
from orchestration.selectors.targets import locks_held
from orchestration.services.state_files import is_at_work, lock_break
from orchestration.web.shared import attempt, page_context, viewer_of

TAB = "targets"


@never_cache
@require_safe
def locks(request: HttpRequest) -> HttpResponse:
    """Every lock that is held now, the longest held first."""
    viewer_of(request)
    now = clock.now()
    context = page_context(request, TAB) | {
        "lines": [
            (one, one.locked_by_run is not None and is_at_work(one.locked_by_run, now))
            for one in locks_held()
        ]
    }
    return render(request, "orchestration/locks.html", context)


@require_POST
def break_lock(request: HttpRequest, resource: int) -> HttpResponse:
    """Take the lock from a run that is dead; its log says who did, and why."""
    user = viewer_of(request)
    reason = request.POST.get("reason", "").replace("\0", "")[:500]
    said = "The lock is free. The log of the run says who took it away, and why."
    attempt(request, lambda: lock_break(actor=user, resource_id=resource, reason=reason), said)
    return redirect("environments:locks")

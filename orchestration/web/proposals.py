"""What the product proposes for debts that come due: looked at, taken, or declined."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import selectors as accounts_selectors
from common.errors import DisplaceError
from ledger.selectors import debt_by_reference
from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.states import ProposalState
from orchestration.models import Proposal
from orchestration.selectors.blueprints import titles
from orchestration.selectors.lists import proposals_found
from orchestration.selectors.proposals import cost_shown, proposal_get, questions_of
from orchestration.services.proposals import proposal_dismiss, proposal_make, proposal_take
from orchestration.web.proposal_forms import DismissForm, TakeForm
from orchestration.web.shared import attempt, or_404, page_context, page_of, show, viewer_of

TAB = "proposals"


@never_cache
@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """Those that wait for somebody, the most urgent debt first; or every one, the newest first."""
    viewer_of(request)
    shows_all = request.GET.get("show") == "all"
    rows = proposals_found(states=() if shows_all else (ProposalState.OPEN.value,))
    if not shows_all:
        rows = rows.order_by("item__due_on", "pk")
    page = page_of(request, rows)
    context = page_context(request, TAB) | {
        "page": page,
        "lines": [(one, cost_shown(one)) for one in page.object_list],
        "shows_all": shows_all,
        "titles": titles(),
    }
    return render(request, "orchestration/proposals.html", context)


@never_cache
@require_safe
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: what for, why so, what it costs; and the forms to decide."""
    return _page(request, _proposal(pk))


@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Propose now what would prepare the refactor of one debt."""
    user = viewer_of(request)
    item = or_404(lambda: debt_by_reference(request.POST.get("debt", "")))
    found = attempt(request, lambda: proposal_make(actor=user, item_id=item.pk))
    if found is None:
        return redirect("ledger:item", item.reference)
    return redirect("environments:proposal", found.pk)


@never_cache
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for what is proposed, as an environment of the debt."""
    user, found = viewer_of(request), _proposal(pk)
    form = TakeForm(request.POST)
    if form.is_valid():
        try:
            run = proposal_take(actor=user, proposal_id=found.pk, **form.cleaned_data)
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "It is asked for. Next its plan is made and approved.")
            return redirect("environments:run", run.reference)
    return _page(request, found, extra={"take": form}, status=422)


@never_cache
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that nothing is to be prepared, and why."""
    user, found = viewer_of(request), _proposal(pk)
    form = DismissForm(request.POST)
    if form.is_valid():
        try:
            proposal_dismiss(actor=user, proposal_id=found.pk, **form.cleaned_data)
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "It is declined, and not proposed again for these needs.")
            return redirect("environments:proposals")
    return _page(request, found, extra={"dismiss": form}, status=422)


def _proposal(pk: int) -> Proposal:
    return or_404(lambda: proposal_get(pk))


def _page(
    request: HttpRequest, found: Proposal, *, extra: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = page_context(request, TAB) | {
        "proposal": found,
        "item": found.item,
        "cost": cost_shown(found),
        "missing": [CAPABILITIES[Capability(one)].title for one in found.missing],
        "take": TakeForm(initial={"owner": found.item.owner}),
        "dismiss": DismissForm(),
        "owners": accounts_selectors.owners(),
        "titles": titles(),
        "is_open": found.state == ProposalState.OPEN,
        "questions": questions_of(found) if found.state == ProposalState.OPEN else [],
    }
    return render(request, "orchestration/proposal.html", context | (extra or {}), status=status)

"""Describing a debt better: its words, estimate and plan."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.domain.roles import Role
from accounts.selectors import owners
from accounts.web.access import require_role
from common.errors import Denied, Refused, Stale
from ledger import services
from ledger.domain.actors import Person
from ledger.domain.terms import State
from ledger.selectors import DebtDetail, debt_detail
from ledger.web.coach import coach_context
from ledger.web.forms.debts import ALIASES
from ledger.web.forms.describing import DescribeForm, renewed, wording_at
from ledger.web.forms.plan import milestone_forms
from ledger.web.forms.refusals import show_refusal
from ledger.web.item import item_context
from ledger.web.lookup import changes_since, item_or_404, seen_version


@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, reference: str) -> HttpResponse:
    user = require_role(request, Role.CONTRIBUTOR)
    detail = debt_detail(item_or_404(reference).pk)
    data = request.POST if request.method == "POST" else None
    shown = wording_at(detail.events, seen_version(data) if data else detail.item.version)
    form = DescribeForm(data, shown=shown, may_change_date=_is_proposed(detail), owners=owners())
    rows = milestone_forms(data, shown.steps)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid() and rows.is_valid():
            status = _described(user, detail, form, rows, request.POST.getlist("binding"))
    if status == 302:
        messages.success(request, "The description is updated.")
        return redirect("ledger:item", detail.item.reference)
    return _show(request, form, rows, detail.item.pk, status)


def _described(
    user: Person, detail: DebtDetail, form: DescribeForm, rows: Any, bindings: Sequence[str]
) -> int:
    """Call the service and return the status of the answer: 302 when all went well."""
    try:
        services.debt_describe(
            actor=user,
            item_id=detail.item.pk,
            bindings=bindings,
            **form.arguments(rows),
        )
    except Refused as refusal:
        show_refusal(form, refusal, ALIASES)
        return 422
    except Denied as denial:
        form.add_error(None, denial.message)
        return 403
    except Stale:
        return 409
    return 302


def _show(
    request: HttpRequest, form: DescribeForm, rows: Any, item_id: int, status: int
) -> HttpResponse:
    detail = debt_detail(item_id)
    changes = []
    if status == 409:
        changes = changes_since(detail.events, form.shown.version)
        present = wording_at(detail.events, detail.item.version)
        form, rows = renewed(form, rows, present, may_change_date=_is_proposed(detail))
    impact = form["impact"].value() or ""
    context = {
        **item_context(detail),
        "form": form,
        "rows": rows,
        "changes": changes,
        "is_conflict": status == 409,
        **coach_context(request.POST, detail.item, impact),
    }
    return render(request, "ledger/describe.html", context, status=status)


def _is_proposed(detail: DebtDetail) -> bool:
    """Afterwards the date is a promise."""
    return bool(detail.item.state == State.PROPOSED)

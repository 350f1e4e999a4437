"""Recording a debt, with a coach for the wording of its impact."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.domain.roles import Role
from accounts.selectors import owners
from accounts.web.access import require_role
from analysis.selectors import repositories_list
from common.errors import Denied, Refused
from ledger import services
from ledger.domain.actors import Person
from ledger.models import DebtItem
from ledger.web.coach import coach_context
from ledger.web.forms.debts import ALIASES, RecordForm
from ledger.web.forms.plan import milestone_forms
from ledger.web.forms.refusals import show_refusal


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    user = require_role(request, Role.CONTRIBUTOR)
    data = request.POST if request.method == "POST" else None
    form = RecordForm(
        data,
        initial={"severity": "medium", "confidence": "medium", "basis": "expert"},
        owners=owners(),
        repositories=[(str(one.pk), one.name) for one in repositories_list()],
    )
    rows = milestone_forms(data)
    if form.is_bound and form.is_valid() and rows.is_valid():
        item = _recorded(user, form, rows, request.POST.getlist("binding"))
        if item is not None:
            messages.success(request, f"{item.reference} is in the register as proposed debt.")
            return redirect("ledger:item", item.reference)
    context = {"form": form, "rows": rows, **coach_context(request.POST)}
    return render(request, "ledger/record.html", context, status=422 if form.is_bound else 200)


def _recorded(
    user: Person, form: RecordForm, rows: Any, bindings: Sequence[str]
) -> DebtItem | None:
    try:
        return services.debt_record(actor=user, bindings=bindings, **form.arguments(rows))
    except Refused as refusal:
        show_refusal(form, refusal, ALIASES)
    except Denied as denial:
        form.add_error(None, denial.message)
    return None

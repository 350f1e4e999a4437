"""The page of a debt's figures: what was measured before its repayment, and what after it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.domain.roles import Role
from accounts.selectors import User
from accounts.web.access import require_role
from common.errors import DisplaceError
from ledger.domain.debts import Debt
from ledger.selectors import debt_by_reference
from orchestration.selectors.measurements import (
    environments_measured,
    figures_of,
    measurements_of,
)
from orchestration.services.measurements import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_UNIT,
    measurement_add,
)
from orchestration.web.shared import or_404, page_context, page_of, show

_SIDES = [("before", "Before the repayment"), ("after", "After it")]
_LIST = {"list": "figures", "autocomplete": "off"}


class MeasurementForm(forms.Form):
    """One figure, on one side of the repayment."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        label="Figure",
        help_text="The same words before and after, such as “95 % of orders answered within”.",
        widget=forms.TextInput(attrs=_LIST),
    )
    value = forms.FloatField(label="Value")
    unit = forms.CharField(max_length=LONGEST_UNIT, required=False, help_text="Such as ms.")
    side = forms.ChoiceField(choices=_SIDES, label="Measured")
    environment = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="In")
    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label="How it was measured")

    def __init__(self, *args: Any, item: Debt, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen: Any = self.fields["environment"]
        stands = [(one.pk, one.name) for one in environments_measured(item.pk)]
        chosen.choices = [("", "nowhere in particular"), *stands]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def measurements(request: HttpRequest, debt: str) -> HttpResponse:
    """Every figure of a debt, before beside after; by POST, note one."""
    user = require_role(request, Role.CONTRIBUTOR if request.method == "POST" else Role.VIEWER)
    item = or_404(lambda: debt_by_reference(debt))
    form = MeasurementForm(request.POST if request.method == "POST" else None, item=item)
    if form.is_bound and form.is_valid() and _noted(user, item, form):
        messages.success(request, "It is noted.")
        return redirect("environments:measurements", item.reference)
    context = page_context(request, "overview") | {
        "item": item,
        "figures": figures_of(item.pk),
        "page": page_of(request, measurements_of(item.pk)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "orchestration/measurements.html", context, status=status)


def _noted(user: User, item: Debt, form: MeasurementForm) -> bool:
    values = form.cleaned_data
    try:
        measurement_add(
            actor=user,
            item_id=item.pk,
            name=values["name"],
            value=values["value"],
            is_after=values["side"] == "after",
            unit=values["unit"],
            note=values["note"],
            environment_id=values["environment"],
        )
    except DisplaceError as refusal:
        show(form, refusal)
        return False
    return True

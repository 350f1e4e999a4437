"""Asking for an extension, and the two answers."""

from typing import Any

from django import forms

from ledger.models import DebtItem
from ledger.web.forms.refusals import date_field, hours_field, interest_of, text_area


class AskExtensionForm(forms.Form):
    due_on = date_field("New date")
    reason = forms.CharField(
        label="Why the promise cannot be kept",
        max_length=2000,
        widget=text_area(3),
        error_messages={"required": "Give the reason."},
    )


class AcceptExtensionForm(forms.Form):
    """What waiting costs from now on; date and reason are those of the request."""

    aliases = {"interest": "interest_p50"}
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    interest_p10 = hours_field("Low", required=True)
    interest_p50 = hours_field("Middle", required=True)
    interest_p90 = hours_field("High", required=True)

    def __init__(self, *args: Any, item: DebtItem, **options: Any) -> None:
        options["initial"] = {
            "version": item.version,
            "interest_p10": item.interest_p10,
            "interest_p50": item.interest_p50,
            "interest_p90": item.interest_p90,
        }
        super().__init__(*args, **options)
        self.interest: Any = None

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        self.interest = interest_of(self)
        return values


class RefuseExtensionForm(forms.Form):
    reason = forms.CharField(
        label="Why the promise stays as it is",
        max_length=2000,
        widget=text_area(3),
        error_messages={"required": "Give the reason."},
    )

"""What a service refused, on the form that asked for it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from common.errors import Refused
from ledger.domain.estimates import Interest, Principal

MOST_HOURS = 1_000_000


def show_refusal(form: forms.Form, refusal: Refused, aliases: Mapping[str, str]) -> None:
    """Put the sentence on the field it names, or on the form as a whole.

    `aliases` translates the ledger's names into the form's, where they differ.
    """
    name = aliases.get(refusal.field or "", refusal.field or "")
    form.add_error(name if name in form.fields else None, refusal.message)


def hours_field(label: str, *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=Decimal(0),
        max_value=Decimal(MOST_HOURS),
        max_digits=10,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0"}),
    )


def date_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Give the date as year-month-day, for example 2027-03-31."},
    )


class ParagraphField(forms.CharField):
    """Text of several lines. Browsers send CRLF; the ledger holds LF, and that is no change."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(_one_newline(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(_one_newline(initial), data)


def _one_newline(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def interest_of(form: forms.Form) -> Interest | None:
    """The range in the fields interest_p10, _p50 and _p90; a bad one becomes an error there."""
    values = _three(form, ("interest_p10", "interest_p50", "interest_p90"))
    if values is None:
        return None
    try:
        return Interest.of(*values)
    except Refused as refusal:
        show_refusal(form, refusal, {"interest": "interest_p50"})
        return None


def principal_of(form: forms.Form) -> Principal | None:
    """The three points of the effort to repay; a bad range becomes an error there."""
    values = _three(form, ("principal_optimistic", "principal_likely", "principal_pessimistic"))
    if values is None:
        return None
    try:
        return Principal.of(*values)
    except Refused as refusal:
        show_refusal(form, refusal, {"principal": "principal_likely"})
        return None


def _three(form: forms.Form, names: tuple[str, str, str]) -> list[Any] | None:
    """All three numbers, or None: when none is given, or when only some are, with an error."""
    values = [form.cleaned_data.get(name) for name in names]
    if None not in values:
        return values
    is_partly_given = any(value is not None for value in values)
    if is_partly_given and not any(name in form.errors for name in names):
        form.add_error(names[1], "Give all three numbers, or none.")
    return None

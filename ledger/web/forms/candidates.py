"""The form that makes a candidate a debt."""

from django import forms

from ledger.domain import terms
from ledger.models.choices import choices_of
from ledger.web.forms.refusals import date_field


class PromoteForm(forms.Form):
    """What a debt needs to be proposed; the rest can be said on its own page."""

    title = forms.CharField(
        max_length=200,
        help_text="What is owed, in one sentence.",
        error_messages={"required": "Give the debt a title."},
    )
    owner = forms.CharField(
        max_length=64,
        help_text="The handle of the team or person who repays it.",
        error_messages={"required": "Name the team or person who owns this debt."},
    )
    due_on = date_field("Repaid by", help_text="The promise is kept until the end of this day.")
    severity = forms.ChoiceField(choices=choices_of(terms.Severity))
    slug = forms.CharField(
        max_length=63,
        label="Id in the code",
        help_text="Lower-case letters, digits and hyphens; the annotation bears it for ever.",
        error_messages={"required": "Give the debt an id for its annotation."},
    )

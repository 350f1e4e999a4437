"""The steps of a plan, as rows of a form."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ledger.domain.plans import MOST_MILESTONES, MilestoneDraft
from ledger.web.forms.refusals import date_field

EMPTY_ROWS = 2
PREFIX = "milestones"

# What is done, and by which day.
Step = tuple[str, date]


class MilestoneForm(forms.Form):
    """One step; a row without both is left out, so clearing a row removes the step."""

    title = forms.CharField(label="Step", max_length=200, required=False)
    due_on = date_field("By", required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("due_on") and not values.get("title") and "title" not in self.errors:
            raise ValidationError({"title": "Say what is done by this date."})
        if values.get("title") and not values.get("due_on") and "due_on" not in self.errors:
            raise ValidationError({"due_on": "Give this step a date."})
        return values


MilestoneFormSet = forms.formset_factory(
    MilestoneForm,
    extra=EMPTY_ROWS,
    max_num=MOST_MILESTONES,
    absolute_max=MOST_MILESTONES,
    validate_max=True,
)


def milestone_forms(
    data: Any = None, steps: Sequence[Step] = ()
) -> "forms.BaseFormSet[MilestoneForm]":
    initial = [{"title": title, "due_on": due_on} for title, due_on in steps]
    return MilestoneFormSet(data, initial=initial, prefix=PREFIX)


def drafts_of(rows: "forms.BaseFormSet[MilestoneForm]") -> tuple[MilestoneDraft, ...]:
    """The steps of a valid set of rows, in the order of the form."""
    return tuple(
        MilestoneDraft(row.cleaned_data["title"], row.cleaned_data["due_on"])
        for row in rows
        if row.cleaned_data.get("title")
    )


def steps_of(rows: "forms.BaseFormSet[MilestoneForm]") -> list[Step | None]:
    """The steps of a valid set of rows by position; None for an empty row."""
    values = [row.cleaned_data for row in rows]
    return [(one["title"], one["due_on"]) if one.get("title") else None for one in values]


def row_data(steps: Iterable[Step]) -> dict[str, str]:
    """What a browser sends for these steps, with empty rows for more."""
    listed = list(steps)
    data = {
        f"{PREFIX}-INITIAL_FORMS": str(len(listed)),
        f"{PREFIX}-TOTAL_FORMS": str(min(len(listed) + EMPTY_ROWS, MOST_MILESTONES)),
    }
    for position, (title, due_on) in enumerate(listed):
        data[f"{PREFIX}-{position}-title"] = title
        data[f"{PREFIX}-{position}-due_on"] = due_on.isoformat()
    return data

"""Describing a debt better, also when somebody else has changed it since the form was opened.

What a person changed is what differs from the version that they were shown, never from the one
that is stored now: else the fields that they left alone would undo what a colleague wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any, cast

from django import forms
from django.http import QueryDict

from ledger.domain import payloads
from ledger.domain.history import rebuild
from ledger.domain.plans import PlanDraft
from ledger.domain.terms import Basis
from ledger.models import DebtEvent
from ledger.web.forms.debts import ESTIMATE_FIELDS, PLAIN_FIELDS, DebtForm
from ledger.web.forms.plan import Step, drafts_of, milestone_forms, row_data, steps_of

KEPT = "Changed by somebody else to “{now}”. Sending keeps what stands here."
TAKEN = "Changed by somebody else; this is what the register says now."
STEPS_CHANGED = "Somebody else changed the steps too; the ones below are theirs with your changes."
MOST_QUOTED = 300


@dataclass(frozen=True, slots=True)
class Wording:
    """What a version of a debt says, by the names of the form's fields; and its plan's steps."""

    version: int
    values: Mapping[str, Any]
    steps: Sequence[Step]


def wording_at(events: Sequence[DebtEvent], version: int) -> Wording:
    """What the form shows of that version; of the newest for a version that there never was."""
    newest = events[-1].sequence
    version = version if 0 < version <= newest else newest
    rebuilt = rebuild(event.payload for event in events if event.sequence <= version)
    estimate = (rebuilt.series["estimate"] or [{}])[-1]
    plan = (rebuilt.series["plan"] or [payloads.plan(PlanDraft())])[-1]
    values = {
        **{name: rebuilt.fields[name] for name in PLAIN_FIELDS},
        **{name: _decimal(estimate.get(name)) for name in ESTIMATE_FIELDS if name != "basis"},
        # A figure is nothing measured unless somebody says so.
        "basis": estimate.get("basis", Basis.EXPERT.value),
        "due_on": date.fromisoformat(rebuilt.fields["due_on"]),
        "plan_summary": plan["summary"],
        "needs": rebuilt.fields["needs"],
        "version": version,
    }
    steps = [(one["title"], date.fromisoformat(one["due_on"])) for one in plan["milestones"]]
    return Wording(version, values, steps)


class DescribeForm(DebtForm):
    """What is known of a debt in the register; only what was changed is sent on.

    `shown` is what the sender of the form had before them.
    """

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, shown: Wording, may_change_date: bool, **options: Any) -> None:
        self.shown = shown
        # What to know of a field before it is sent again, by its name.
        self.notes: dict[str, str] = {}
        super().__init__(*args, initial=dict(shown.values), **options)
        if not may_change_date:
            del self.fields["due_on"]

    def arguments(self, rows: Any) -> dict[str, Any]:
        """What `debt_describe` takes."""
        values = self.cleaned_data
        changed = {name: values[name] for name in PLAIN_FIELDS if name in self.changed_data}
        if "due_on" in self.changed_data:
            changed["due_on"] = values["due_on"]
        if self.estimate is not None and set(ESTIMATE_FIELDS) & set(self.changed_data):
            changed["estimate"] = self.estimate
        steps = drafts_of(rows)
        is_new_plan = [(step.title, step.due_on) for step in steps] != list(self.shown.steps)
        if is_new_plan or {"plan_summary", "needs"} & set(self.changed_data):
            changed["plan"] = PlanDraft(values["plan_summary"], steps, tuple(values["needs"]))
        return {**changed, "expected_version": values["version"]}


def renewed(
    form: DescribeForm, rows: Any, present: Wording, *, may_change_date: bool
) -> tuple[DescribeForm, Any]:
    """The same input on top of the `present` version, to be looked at and sent again.

    Fields that the sender left as shown hold what the register says now, so that sending again
    changes only what they touched. Fields that somebody else changed carry a note.
    """
    sent, data = cast("QueryDict", form.data), QueryDict(mutable=True)
    for name in form.fields:
        now = present.values[name]
        data.setlist(name, sent.getlist(name) if name in form.changed_data else _sent(now))
    data["version"] = str(present.version)
    steps = steps_merged(form.shown.steps, steps_of(rows), present.steps)
    for name, text in row_data(steps).items():
        data[name] = text
    result = DescribeForm(data, shown=present, may_change_date=may_change_date, owners=form.owners)
    for name, now in present.values.items():
        if name in result.fields and name != "version" and now != form.shown.values[name]:
            is_kept = name in result.changed_data
            result.notes[name] = _kept(result.fields[name], now) if is_kept else TAKEN
    if list(form.shown.steps) != list(present.steps):
        result.notes["steps"] = STEPS_CHANGED
    return result, milestone_forms(data, present.steps)


def steps_merged(
    shown: Sequence[Step], sent: Sequence[Step | None], present: Sequence[Step]
) -> list[Step]:
    """The present steps with what the sender did to those shown; a sent None is a cleared row.

    A step that both have changed stands there twice rather than being lost.
    """
    result = list(present)
    for before, now in zip_longest(shown, sent):
        if now == before:
            continue
        if before in result:
            place = result.index(before)
            result[place : place + 1] = [now] if now else []
        elif now and now not in result:
            result.append(now)
    return result


def _kept(field: forms.Field, now: Any) -> str:
    """The note at a field that both have changed."""
    named = dict(getattr(field, "choices", ()))
    text = ", ".join(str(named.get(one, one)) for one in _sent(now))
    if not text:
        return "Emptied by somebody else. Sending keeps what stands here."
    return KEPT.format(now=text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…")


def _sent(value: Any) -> list[str]:
    """What a browser sends for a value."""
    values = value if isinstance(value, list) else ["" if value is None else value]
    return [str(one) for one in values]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

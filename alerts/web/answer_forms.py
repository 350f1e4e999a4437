"""What an answer by a link asks for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from alerts.domain.messages import Answer
from common import clock
from ledger.domain.reminders import LONGEST_SNOOZE

PROPOSED_SNOOZE = timedelta(days=3)
PROPOSED_EXTENSION = timedelta(days=30)


class AnswerForm(forms.Form):
    """Nothing but the button, as for "seen"."""

    # By the ledger's word for a field, the form's own.
    aliases: Mapping[str, str] = {}

    def __init__(self, *args: Any, due_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.propose(clock.today(), due_on)

    def propose(self, today: date, due_on: date) -> None:
        """Fill in what most people would choose."""

    @property
    def answers(self) -> dict[str, Any]:
        """The entries as `offer_answer` takes them."""
        return dict(self.cleaned_data)

    def refuse(self, field: str, message: str) -> None:
        """Show what the ledger does not take, where it stands."""
        name = self.aliases.get(field, field)
        self.add_error(name if name in self.fields else None, message)


def _day(label: str) -> forms.DateField:
    wrong = "Give a date."
    return forms.DateField(
        label=label,
        error_messages={"required": wrong, "invalid": wrong},
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )


class SnoozeForm(AnswerForm):
    until = _day("Remind me on")

    def propose(self, today: date, due_on: date) -> None:
        field = self.fields["until"]
        field.initial = today + PROPOSED_SNOOZE
        field.widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + LONGEST_SNOOZE).isoformat(),
        }


class ExtendForm(AnswerForm):
    new_date = _day("New date")
    reason = forms.CharField(
        label="Why",
        max_length=2_000,
        error_messages={"required": "Give the reason."},
        widget=forms.Textarea({"rows": 3}),
        help_text="Whoever decides reads this first.",
    )
    aliases = {"due_on": "new_date"}

    def propose(self, today: date, due_on: date) -> None:
        field = self.fields["new_date"]
        field.initial = max(today, due_on) + PROPOSED_EXTENSION
        field.widget.attrs |= {"min": (max(today, due_on) + timedelta(days=1)).isoformat()}


FORMS: Mapping[Answer, type[AnswerForm]] = {
    Answer.SNOOZE: SnoozeForm,
    Answer.EXTEND: ExtendForm,
}


def form_for(answer: Answer) -> type[AnswerForm]:
    return FORMS.get(answer, AnswerForm)

"""The forms of what can be done with a debt."""

from collections.abc import Mapping
from typing import Any

from django import forms

from common import clock
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.policy_words import extension_words
from ledger.domain.promises import last_day
from ledger.domain.reminders import LONGEST_SNOOZE, MOST_SNOOZES
from ledger.domain.terms import Confidence, EvidenceKind
from ledger.domain.texts import day_words
from ledger.models import DebtItem
from ledger.selectors import policy_in_force
from ledger.web.forms.refusals import date_field, hours_field, interest_of, text_area

REASON_LIMIT = 2000
NOTE_LIMIT = 2000
REPAID_BY = [
    (EvidenceKind.MERGE_COMMIT.value, "A commit on the default branch"),
    (EvidenceKind.TRAILER.value, "A commit with a Debt-Paid line"),
    (EvidenceKind.ANNOTATION_LEFT.value, "The mark in the code is gone"),
]
VERIFIED_BY = [
    (EvidenceKind.REVIEWER.value, "I have looked and it holds"),
    (EvidenceKind.MEASUREMENT.value, "It was measured"),
]


class ActionForm(forms.Form):
    """An action that needs nothing but the wish; the version shows what the person has seen."""

    aliases: Mapping[str, str] = {}
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, item: DebtItem, **options: Any) -> None:
        self.item = item
        options["initial"] = self.initial_of(item)
        super().__init__(*args, **options)

    def initial_of(self, item: DebtItem) -> dict[str, Any]:
        return {"version": item.version}

    def arguments(self) -> dict[str, Any]:
        """What the service takes besides the person and the item."""
        return {"expected_version": self.cleaned_data["version"]}


# In the words of the services, which every other way gets.
GIVE_REASON = {"required": "Give the reason."}


class ReasonForm(ActionForm):
    reason = forms.CharField(
        max_length=REASON_LIMIT, widget=text_area(3), error_messages=GIVE_REASON
    )

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "reason": self.cleaned_data["reason"]}


class ExtendForm(ActionForm):
    """A later date, why, and what waiting costs now."""

    aliases = {"interest": "interest_p50"}
    due_on = date_field("New date")
    reason = forms.CharField(
        label="Why the promise could not be kept",
        max_length=REASON_LIMIT,
        widget=text_area(3),
        error_messages=GIVE_REASON,
    )
    interest_p10 = hours_field("Low", required=True)
    interest_p50 = hours_field("Middle", required=True)
    interest_p90 = hours_field("High", required=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.interest: Any = None
        confidence = Confidence(self.item.confidence)
        policy = policy_in_force(repository_id=self.item.repository_id)
        latest = day_words(last_day(clock.today(), confidence, policy.longest_terms))
        self.fields["due_on"].help_text = (
            f"After {day_words(self.item.due_on)} and, with {confidence.value} confidence, by "
            f"{latest} at the latest. {extension_words(policy.extension_roles)}"
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        self.interest = interest_of(self)
        return values

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {
            **super().arguments(),
            "due_on": values["due_on"],
            "reason": values["reason"],
            "interest": self.interest,
        }


class ReviewForm(ActionForm):
    """What a reviewer says of a decision that cannot be undone."""

    note = forms.CharField(
        label="What you looked at, and what you think of it",
        max_length=NOTE_LIMIT,
        widget=text_area(4),
        error_messages={"required": "Say what you looked at and what you think of it."},
    )

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "note": self.cleaned_data["note"]}


class SnoozeForm(ActionForm):
    """The day of the next reminder."""

    until = date_field("Next reminder")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        latest = day_words(clock.today() + LONGEST_SNOOZE)
        self.fields[
            "until"
        ].help_text = f"By {latest} at the latest, and {MOST_SNOOZES} times for one promise."

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "until": self.cleaned_data["until"]}


class EvidenceForm(ActionForm):
    """What shows that something was done."""

    aliases = {"evidence": "reference"}
    kinds: list[tuple[str, str]] = REPAID_BY
    kind = forms.ChoiceField(label="What shows it", widget=forms.RadioSelect, choices=REPAID_BY)
    reference = forms.CharField(
        label="Commit",
        required=False,
        max_length=200,
        help_text="Its id, 7 to 64 characters 0-9 and a-f.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(required=False, max_length=NOTE_LIMIT, widget=text_area(2))

    def initial_of(self, item: DebtItem) -> dict[str, Any]:
        return {**super().initial_of(item), "kind": self.kinds[0][0]}

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        evidence = EvidenceDraft(
            EvidenceKind(values["kind"]), values["reference"].strip(), values["note"]
        )
        return {**super().arguments(), "evidence": evidence}


class RepayForm(EvidenceForm):
    """Repayment is believed when something in the default branch shows it."""


class VerifyForm(EvidenceForm):
    """Somebody has checked that the debt is gone."""

    aliases = {"evidence": "note"}
    kinds = VERIFIED_BY
    kind = forms.ChoiceField(
        label="How it was checked", widget=forms.RadioSelect, choices=VERIFIED_BY
    )
    reference = forms.CharField(
        label="Where it can be seen", required=False, max_length=200, help_text="A report, say."
    )
    note = forms.CharField(
        label="What was measured or seen",
        max_length=NOTE_LIMIT,
        widget=text_area(2),
        error_messages={"required": "Say what was measured or seen."},
    )

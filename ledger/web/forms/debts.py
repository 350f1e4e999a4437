"""Recording a debt and describing it better."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from django import forms

from accounts.selectors import Owner
from ledger.domain.estimates import EstimateDraft
from ledger.domain.plans import PlanDraft
from ledger.domain.terms import (
    Basis,
    Confidence,
    Containment,
    Need,
    Quadrant,
    Reversibility,
    Severity,
)
from ledger.selectors import policy_in_force
from ledger.web.forms.plan import drafts_of
from ledger.web.forms.refusals import (
    ParagraphField,
    date_field,
    hours_field,
    interest_of,
    principal_of,
    text_area,
)

IMPACT_LIMIT = 2000
TEXT_LIMIT = 5000
NOT_SAID = ("", "Not said")
ESTIMATE_FIELDS = (
    "principal_optimistic", "principal_likely", "principal_pessimistic",
    "interest_p10", "interest_p50", "interest_p90", "time_saved", "basis",
)  # fmt: skip
PLAIN_FIELDS = (
    "title", "text", "owner", "severity", "system", "confidence", "quadrant", "containment",
    "reversibility", "exit_condition", "external_reference", "impact",
)  # fmt: skip
# Where the ledger's name of an input is not the form's.
ALIASES: Mapping[str, str] = {
    "principal": "principal_likely",
    "interest": "interest_p50",
    "estimate": "principal_likely",
    "plan": "plan_summary",
    "repository_id": "repository",
}

WORDS: Mapping[str, str] = {
    "two_way": "Two-way door: can be undone",
    "one_way": "One-way door: cannot be undone",
    "extensible": "Extensible shortcut: a start to build on",
    "contained": "Contained: stays in one place",
    "dead_end": "Dead end: must be thrown away",
    "deliberate_prudent": "Deliberate and prudent: “we ship now and deal with it”",
    "deliberate_reckless": "Deliberate and reckless: “we have no time for design”",
    "inadvertent_prudent": "Inadvertent and prudent: “now we know how to do it”",
    "inadvertent_reckless": "Inadvertent and reckless: “what is layering?”",
    "expert": "Judgement of somebody who knows the code",
    "measured": "Measured in the history",
    "prior": "Figures of the industry",
    "postgresql": "PostgreSQL database",
    "read-replica": "Read replica of a database",
    "redis": "Redis cache",
    "queue": "Message queue",
    "monitoring": "Monitoring",
    "load-test": "Stage for a load test",
    "feature-flags": "Feature flags",
}


def choices_of(kind: type[StrEnum], *, optional: bool = False) -> list[tuple[str, str]]:
    """(value, words) pairs for a select."""
    named = [(member.value, WORDS.get(member.value, member.value.capitalize())) for member in kind]
    return [NOT_SAID, *named] if optional else named


def choice_field(kind: type[StrEnum], label: str, *, optional: bool, help_text: str = "") -> Any:
    return forms.ChoiceField(
        label=label,
        required=not optional,
        choices=choices_of(kind, optional=optional),
        help_text=help_text,
    )


class DebtForm(forms.Form):
    """What is said of a debt, whether it is new or already in the register."""

    title = forms.CharField(
        label="What was cut short", max_length=200, help_text="One line, for people."
    )
    text = ParagraphField(
        label="Details",
        required=False,
        max_length=TEXT_LIMIT,
        widget=text_area(3),
        help_text="Why the shortcut was taken, and what should be there instead.",
    )
    owner = forms.CharField(
        max_length=64,
        help_text="The team or person who will pay it back.",
        widget=forms.TextInput(attrs={"list": "owners", "autocomplete": "off"}),
    )
    due_on = date_field("Promised for", help_text="Valid to the end of that day.")
    severity = choice_field(Severity, "Severity", optional=False)
    confidence = choice_field(
        Confidence,
        "How well it is understood",
        optional=False,
    )
    impact = ParagraphField(
        label="Impact on the business",
        required=False,
        max_length=IMPACT_LIMIT,
        widget=text_area(3),
        help_text="What people notice, with a number, its source and a time frame.",
    )
    principal_optimistic = hours_field("At best")
    principal_likely = hours_field("Likely")
    principal_pessimistic = hours_field("At worst")
    interest_p10 = hours_field("Low")
    interest_p50 = hours_field("Middle")
    interest_p90 = hours_field("High")
    time_saved = hours_field("Hours that the shortcut saved")
    basis = choice_field(Basis, "Where the figures come from", optional=False)
    plan_summary = ParagraphField(
        label="How it will be repaid", required=False, max_length=TEXT_LIMIT, widget=text_area(2)
    )
    needs = forms.TypedMultipleChoiceField(
        label="Infrastructure that it needs",
        required=False,
        coerce=Need,
        choices=choices_of(Need),
        widget=forms.CheckboxSelectMultiple,
        help_text="It can be prepared for you when the debt comes due.",
    )
    exit_condition = forms.CharField(
        required=False,
        max_length=500,
        label="It is gone when",
        help_text="Something that can be checked, for example “the annotation is gone”.",
    )
    system = forms.CharField(
        required=False, max_length=100, help_text="The product or service it belongs to."
    )
    quadrant = choice_field(Quadrant, "How it came about", optional=True)
    containment = choice_field(Containment, "How far it reaches", optional=True)
    reversibility = choice_field(Reversibility, "Can the decision be undone?", optional=True)
    external_reference = forms.CharField(
        required=False, max_length=200, label="Tracked elsewhere as", help_text="A ticket, say."
    )

    def __init__(self, *args: Any, owners: Sequence[Owner] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.owners = owners
        self.estimate: EstimateDraft | None = None
        terms = policy_in_force(repository_id=None).longest_terms
        longest = (f"{days} days with {level.value}" for level, days in terms.items())
        self.fields["confidence"].help_text = f"A promise may run {', '.join(longest)} confidence."

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        principal, interest = principal_of(self), interest_of(self)
        time_saved = values.get("time_saved")
        if principal is not None or interest is not None or time_saved is not None:
            basis = Basis(values.get("basis") or Basis.EXPERT)
            self.estimate = EstimateDraft(principal, interest, basis, time_saved)
        return values

    def plan(self, rows: Any) -> PlanDraft | None:
        """The plan, or None when nothing of it is given."""
        plan = PlanDraft(
            self.cleaned_data["plan_summary"],
            drafts_of(rows),
            tuple(self.cleaned_data["needs"]),
        )
        return plan if plan.summary or plan.milestones or plan.needs else None


class RecordForm(DebtForm):
    """A new debt."""

    path = forms.CharField(
        label="File", required=False, max_length=1000, help_text="Inside the repository."
    )
    line = forms.IntegerField(required=False, min_value=1, max_value=10_000_000)

    def __init__(
        self, *args: Any, repositories: Sequence[tuple[str, str]] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["repository"] = forms.ChoiceField(
            required=False,
            choices=[("", "None"), *repositories],
            help_text="Leave open if it is in no code.",
        )

    def arguments(self, rows: Any) -> dict[str, Any]:
        """What `debt_record` takes."""
        values = self.cleaned_data
        return {
            **{name: values[name] for name in PLAIN_FIELDS},
            "due_on": values["due_on"],
            "repository_id": int(values["repository"]) if values["repository"] else None,
            "path": values["path"],
            "line": values["line"],
            "estimate": self.estimate,
            "plan": self.plan(rows),
        }

"""What callers of the API may send about a debt; rules beyond types belong to the services."""

from collections.abc import Collection
from typing import Any

from rest_framework import serializers

from accounts.selectors import team_by_slug
from analysis.selectors import repository_by_key
from common.api.fields import (
    DayField,
    HoursField,
    StrictSerializer,
    TextField,
    WholeNumberField,
    WordField,
)
from common.api.pagination import PageQuery
from common.errors import NotFound, Refused
from ledger.domain import terms
from ledger.domain.bindings import MOST_BINDINGS
from ledger.domain.estimates import MOST_HOURS, EstimateDraft, Interest, Principal
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.plans import MOST_MILESTONES, MilestoneDraft, PlanDraft, needs_of
from ledger.models.choices import choices_of
from ledger.selectors import RegisterFilter

MOST_SEARCH = 200
# Groups of states that a filter may name besides the states themselves.
OPEN, CLOSED = "open", "closed"
STATES = choices_of(terms.State)
EVIDENCE_KINDS = choices_of(terms.EvidenceKind)


def hours(**options: Any) -> HoursField:
    return HoursField(min_value=0, max_value=int(MOST_HOURS), **options)


def reason_field() -> TextField:
    """A reason; that it says something is the services' rule, in their words."""
    return TextField(max_length=2000, allow_blank=True, help_text="Not empty.")


class PrincipalRequest(StrictSerializer):
    """Hours to repay, as three points in rising order."""

    optimistic = hours()
    likely = hours()
    pessimistic = hours()

    def validate(self, attrs: dict[str, Any]) -> Any:
        try:
            return Principal.of(**attrs)
        except Refused as refusal:
            raise serializers.ValidationError(refusal.message) from None


class InterestRequest(StrictSerializer):
    """Hours a month while the debt is unpaid, in rising order."""

    p10 = hours()
    p50 = hours()
    p90 = hours()

    def validate(self, attrs: dict[str, Any]) -> Any:
        try:
            return Interest.of(**attrs)
        except Refused as refusal:
            raise serializers.ValidationError(refusal.message) from None


class EstimateRequest(StrictSerializer):
    """What a debt costs; a part that is left out stays as it was."""

    principal = PrincipalRequest(required=False)
    interest = InterestRequest(required=False)
    time_saved = hours(required=False, help_text="Hours that the shortcut saved when it was taken.")
    basis = WordField(choices=choices_of(terms.Basis), required=False, default=terms.Basis.EXPERT)

    def validate(self, attrs: dict[str, Any]) -> Any:
        return EstimateDraft(**{**attrs, "basis": terms.Basis(attrs["basis"])})


class MilestoneRequest(StrictSerializer):
    title = TextField(max_length=200)
    due_on = DayField()


class PlanRequest(StrictSerializer):
    """How the debt will be repaid; a plan is replaced as a whole."""

    summary = TextField(allow_blank=True)
    milestones = serializers.ListField(child=MilestoneRequest(), max_length=MOST_MILESTONES)
    needs = serializers.ListField(
        child=WordField(choices=choices_of(terms.Need)),
        max_length=len(terms.Need),
        required=False,
        help_text="The infrastructure that it needs; left out, that stays as it was.",
    )

    def validate(self, attrs: dict[str, Any]) -> Any:
        steps = tuple(MilestoneDraft(**step) for step in attrs["milestones"])
        needs = attrs.get("needs")
        return PlanDraft(attrs["summary"], steps, None if needs is None else needs_of(needs))


class DescriptionRequest(StrictSerializer):
    """Changes what is named and leaves the rest alone; an empty text empties."""

    title = TextField(max_length=200, required=False)
    text = TextField(allow_blank=True, required=False)
    owner = TextField(max_length=64, required=False, help_text="The handle of a team or person.")
    due_on = DayField(required=False)
    severity = WordField(choices=choices_of(terms.Severity), required=False)
    system = TextField(max_length=100, allow_blank=True, required=False)
    confidence = WordField(choices=choices_of(terms.Confidence), required=False)
    quadrant = WordField(choices=choices_of(terms.Quadrant), allow_blank=True, required=False)
    containment = WordField(choices=choices_of(terms.Containment), allow_blank=True, required=False)
    reversibility = WordField(
        choices=choices_of(terms.Reversibility), allow_blank=True, required=False
    )
    exit_condition = TextField(max_length=500, allow_blank=True, required=False)
    external_reference = TextField(max_length=200, allow_blank=True, required=False)
    impact = TextField(
        max_length=2000,
        allow_blank=True,
        required=False,
        help_text="What it means for the business, with a number and a time frame.",
    )
    bindings = serializers.ListField(
        child=TextField(max_length=4000),
        max_length=MOST_BINDINGS,
        required=False,
        help_text="The tokens of sentences that were offered and stand in the impact.",
    )
    estimate = EstimateRequest(required=False)
    plan = PlanRequest(required=False)


class DebtRequest(DescriptionRequest):
    """A debt to record."""

    title = TextField(max_length=200)
    owner = TextField(max_length=64, help_text="The handle of a team or person.")
    due_on = DayField(help_text="The promise is kept until the end of this day.")
    repository = TextField(max_length=140, required=False, help_text="Slug or id.")
    slug = TextField(
        max_length=63,
        allow_blank=True,
        required=False,
        help_text="Its id in the annotations of the code.",
    )
    path = TextField(max_length=1000, allow_blank=True, required=False)
    line = WholeNumberField(min_value=1, required=False)

    def validate_repository(self, key: str) -> int:
        return repository_id(key)

    def validate(self, attrs: dict[str, Any]) -> Any:
        if "repository" in attrs:
            attrs["repository_id"] = attrs.pop("repository")
        return attrs


class ReasonRequest(StrictSerializer):
    reason = reason_field()


class ReviewRequest(StrictSerializer):
    note = TextField(
        max_length=2000, allow_blank=True, help_text="What the reviewer looked at; not empty."
    )


class SnoozeRequest(StrictSerializer):
    until = DayField(help_text="The day of the next reminder.")


class ExtensionRequest(StrictSerializer):
    due_on = DayField()
    reason = reason_field()
    interest = InterestRequest()


class EvidenceRequest(StrictSerializer):
    kind = WordField(choices=EVIDENCE_KINDS)
    reference = TextField(
        max_length=200, allow_blank=True, required=False, default="", help_text="A commit."
    )
    note = TextField(max_length=2000, allow_blank=True, required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> Any:
        return EvidenceDraft(**{**attrs, "kind": terms.EvidenceKind(attrs["kind"])})


class ProofRequest(StrictSerializer):
    evidence = EvidenceRequest()


class DebtsQuery(PageQuery):
    """The filters of the register; a filter given several times accepts each of its values."""

    state = serializers.MultipleChoiceField(
        choices=[OPEN, CLOSED, *STATES], default=set, help_text="Default: all."
    )
    timing = serializers.MultipleChoiceField(choices=choices_of(terms.Timing), default=set)
    severity = serializers.MultipleChoiceField(choices=choices_of(terms.Severity), default=set)
    origin = serializers.MultipleChoiceField(choices=choices_of(terms.Origin), default=set)
    owner = TextField(max_length=100, required=False, allow_blank=True, default="")
    system = TextField(max_length=100, required=False, allow_blank=True, default="")
    team = TextField(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="Slug. What the team looks after: its own, and that of people whose first it is.",
    )
    repository = TextField(
        max_length=140, required=False, allow_blank=True, default="", help_text="Slug or id."
    )
    q = TextField(
        max_length=MOST_SEARCH,
        required=False,
        allow_blank=True,
        default="",
        help_text="Words that its texts, owner, path or number contain.",
    )

    def validate_repository(self, key: str) -> int | None:
        return repository_id(key) if key else None

    def validate_team(self, slug: str) -> str:
        if slug and team_by_slug(slug) is None:
            raise serializers.ValidationError("There is no such team.")
        return slug

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {**attrs, "filter": _filter(attrs)}


def repository_id(key: str) -> int:
    try:
        return repository_by_key(key).pk
    except NotFound as error:
        raise serializers.ValidationError(error.message) from None


def _filter(query: dict[str, Any]) -> RegisterFilter:
    return RegisterFilter(
        states=_states(query["state"]),
        timings=_members(terms.Timing, query["timing"]),
        severities=_members(terms.Severity, query["severity"]),
        origins=_members(terms.Origin, query["origin"]),
        owner=query["owner"],
        system=query["system"],
        team=query["team"],
        repository_id=query["repository"],
        search=query["q"],
    )


def _states(wanted: Collection[str]) -> tuple[terms.State, ...]:
    chosen = {terms.State(word) for word in wanted if word not in (OPEN, CLOSED)}
    if OPEN in wanted:
        chosen.update(terms.OPEN_STATES)
    if CLOSED in wanted:
        chosen.update(terms.CLOSED_STATES)
    return tuple(state for state in terms.State if state in chosen)


def _members(kind: Any, wanted: Collection[str]) -> tuple[Any, ...]:
    return tuple(member for member in kind if member.value in wanted)

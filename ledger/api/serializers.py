"""What the API says of a debt. Hours are numbers; what nobody has said is null."""

from enum import StrEnum
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common import clock
from common.api.fields import HoursField
from ledger.domain import terms
from ledger.models import (
    Commitment,
    DebtEvent,
    DebtItem,
    Estimate,
    Evidence,
    ImpactStatement,
    Milestone,
)
from ledger.models.choices import choices_of
from ledger.selectors import DebtDetail, timing_of

COMMITMENT_KINDS = choices_of(terms.CommitmentKind)


class InterestSerializer(serializers.Serializer[Any]):
    """Hours a month while the debt is unpaid."""

    p10 = HoursField(source="interest_p10")
    p50 = HoursField(source="interest_p50")
    p90 = HoursField(source="interest_p90")


class PrincipalSerializer(serializers.Serializer[Any]):
    """Hours to repay."""

    optimistic = HoursField(source="principal_optimistic")
    likely = HoursField(source="principal_likely")
    pessimistic = HoursField(source="principal_pessimistic")


@extend_schema_field(InterestSerializer(allow_null=True))
class InterestField(serializers.Field[Any, Any, Any, Any]):
    """The interest columns of a row as one value, or null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", "read_only": True, **options})

    def to_representation(self, value: Any) -> Any:
        return None if value.interest_p50 is None else InterestSerializer(value).data


@extend_schema_field(PrincipalSerializer(allow_null=True))
class PrincipalField(InterestField):
    """The principal columns of an estimate as one value, or null."""

    def to_representation(self, value: Any) -> Any:
        return None if value.principal_likely is None else PrincipalSerializer(value).data


def optional(kind: type[StrEnum]) -> serializers.ChoiceField:
    """One word of a closed set, or "" where nobody has said."""
    return serializers.ChoiceField(choices=choices_of(kind), allow_blank=True)


def needs_field() -> serializers.ListField:
    """The infrastructure that a repayment needs."""
    return serializers.ListField(
        child=serializers.ChoiceField(choices=choices_of(terms.Need)),
        help_text="The infrastructure that the repayment needs.",
    )


class DebtSerializer(serializers.ModelSerializer[DebtItem]):
    reference = serializers.CharField(help_text="The name for people and addresses: D-000123.")
    repository = serializers.CharField(source="repository.slug", allow_null=True)
    timing = serializers.SerializerMethodField(
        help_text="How its promise stands today; null for debt that is no longer owed."
    )
    days_left = serializers.SerializerMethodField(help_text="Negative once it has expired.")
    quadrant = optional(terms.Quadrant)
    containment = optional(terms.Containment)
    reversibility = optional(terms.Reversibility)
    resolution = optional(terms.Resolution)
    principal = HoursField(allow_null=True, help_text="Expected hours to repay.")
    interest = InterestField()
    cd3 = serializers.FloatField(
        allow_null=True, help_text="Cost of delay (hours a week) per hour of principal."
    )
    needs = needs_field()
    line = serializers.IntegerField(allow_null=True)
    end_line = serializers.IntegerField(allow_null=True)

    class Meta:
        model = DebtItem
        fields: ClassVar = [
            "id", "reference", "version", "repository", "slug", "origin", "state", "timing",
            "days_left", "due_on", "first_due_on", "extensions", "title", "text", "owner",
            "severity", "system", "confidence", "quadrant", "containment", "reversibility",
            "reviewer", "review_note", "exit_condition", "external_reference", "path", "line",
            "end_line", "present", "impact", "impact_level", "principal", "interest", "cd3",
            "plan_milestones", "needs", "resolution", "recorded_at", "repaid_on", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=choices_of(terms.Timing), allow_null=True))
    def get_timing(self, item: DebtItem) -> str | None:
        timing = timing_of(item)
        return None if timing is None else timing.value

    def get_days_left(self, item: DebtItem) -> int | None:
        return (item.due_on - clock.today()).days if item.is_open else None


class CommitmentSerializer(serializers.ModelSerializer[Commitment]):
    """A date that was promised; the first one stays for ever."""

    interest = InterestField()
    approver = serializers.CharField(source="approver.username", allow_null=True)
    made_by = serializers.CharField(source="made_by.username", allow_null=True)

    class Meta:
        model = Commitment
        fields: ClassVar = [
            "sequence", "kind", "due_on", "reason", "interest", "approver", "made_by", "at",
        ]  # fmt: skip
        read_only_fields = fields


class StatementSerializer(serializers.ModelSerializer[ImpactStatement]):
    """A wording of the impact on the business, and what the linter said of it."""

    findings = serializers.ListField(child=serializers.DictField())
    bindings = serializers.ListField(
        child=serializers.DictField(), help_text="Its sentences with evidence: template and slots."
    )

    class Meta:
        model = ImpactStatement
        fields: ClassVar = [
            "sequence", "text", "level", "findings", "linter_version", "bindings", "at",
        ]  # fmt: skip
        read_only_fields = fields


class EstimateSerializer(serializers.ModelSerializer[Estimate]):
    principal = PrincipalField()
    interest = InterestField()
    time_saved = HoursField(
        allow_null=True, help_text="Hours that the shortcut saved when it was taken."
    )

    class Meta:
        model = Estimate
        fields: ClassVar = [
            "sequence", "principal", "interest", "time_saved", "basis", "formula_version", "at",
        ]  # fmt: skip
        read_only_fields = fields


class MilestoneSerializer(serializers.ModelSerializer[Milestone]):
    class Meta:
        model = Milestone
        fields: ClassVar = ["title", "due_on"]
        read_only_fields = fields


class PlanSerializer(serializers.Serializer[Any]):
    """How the debt will be repaid."""

    sequence = serializers.IntegerField()
    summary = serializers.CharField()
    milestones = MilestoneSerializer(many=True)
    needs = needs_field()
    at = serializers.DateTimeField()


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    class Meta:
        model = Evidence
        fields: ClassVar = ["sequence", "kind", "reference", "note", "at"]
        read_only_fields = fields


class DebtSeriesSerializer(serializers.Serializer[Any]):
    """The series of a debt (a DebtDetail of the selectors)."""

    commitments = CommitmentSerializer(many=True)
    statements = StatementSerializer(many=True)
    estimates = EstimateSerializer(many=True)
    plan = PlanSerializer(allow_null=True)
    evidence = EvidenceSerializer(many=True)
    owner_known = serializers.BooleanField()
    payback_months = HoursField(allow_null=True, help_text="Principal / interest.")
    annotation_differs = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the annotation in the code says other than the register.",
    )


class DebtDetailSerializer(DebtSeriesSerializer, DebtSerializer):
    """A debt with everything promised and known about it, each series oldest first."""

    def __init__(self, instance: DebtDetail | None = None, **options: Any) -> None:
        # The base class takes the item alone; `to_representation` takes the two apart.
        super().__init__(cast("Any", instance), **options)

    class Meta(DebtSerializer.Meta):
        fields: ClassVar = [*DebtSerializer.Meta.fields, *DebtSeriesSerializer().fields]
        read_only_fields = fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        series = DebtSeriesSerializer(instance).data
        return {**DebtSerializer(instance.item).data, **series}


class EventSerializer(serializers.ModelSerializer[DebtEvent]):
    """Something that happened to a debt; `hash` covers it and the event before."""

    actor = serializers.CharField(source="actor_name")
    payload = serializers.DictField()

    class Meta:
        model = DebtEvent
        fields: ClassVar = ["sequence", "type", "at", "actor", "payload", "previous_hash", "hash"]
        read_only_fields = fields

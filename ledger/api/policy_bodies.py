"""What the API takes and says of the policy and its waivers."""

from typing import Any, ClassVar

from rest_framework import serializers

from analysis.selectors import repository_by_key
from common import clock
from common.api.fields import DayField, StrictSerializer, TextField, WholeNumberField, WordField
from common.errors import NotFound
from ledger.domain.policy import APPROVER_TIERS, Enforcement, Rule
from ledger.domain.policy_documents import MOST_DAYS, MOST_EXTENSIONS
from ledger.models import PolicyVersion, Waiver
from ledger.models.choices import choices_of
from ledger.selectors import waiver_standing

TIERS = [(role.value, role.label) for role in APPROVER_TIERS]
LEVELS = choices_of(Enforcement)


def days() -> WholeNumberField:
    return WholeNumberField(min_value=1, max_value=MOST_DAYS)


def tier() -> WordField:
    return WordField(choices=TIERS)


class TermsPart(StrictSerializer):
    """Days for each class of confidence; less confidence never runs longer."""

    high = days()
    medium = days()
    low = days()


class ApproversPart(StrictSerializer):
    """Who accepts debt of each class of confidence."""

    high = tier()
    medium = tier()
    low = tier()


class AnnouncementPart(StrictSerializer):
    enforcement = WordField(choices=LEVELS)
    effective_from = DayField()


class SettingPart(StrictSerializer):
    """How hard a rule is now, and from an announced day on."""

    enforcement = WordField(choices=LEVELS)
    announced = AnnouncementPart(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        return {"announced": None, **super().to_internal_value(data)}


def rules_part() -> dict[str, SettingPart]:
    return {rule.value: SettingPart(required=False) for rule in Rule}


# A field for each rule, so that the schema names them all.
RulesPart: type[StrictSerializer] = type(
    "RulesPart", (StrictSerializer,), {**rules_part(), "__doc__": "Settings by rule."}
)


class CostsPart(StrictSerializer):
    """What all environments together may cost a month; null for no limit."""

    admin_above = serializers.FloatField(
        required=False, allow_null=True, help_text="Above it an admin must ask."
    )
    most = serializers.FloatField(
        required=False, allow_null=True, help_text="Above it a plan is refused."
    )


class PolicyRequest(StrictSerializer):
    """Only what the body names is changed; of the rules, only those it names."""

    longest_terms = TermsPart(required=False)
    approvers = ApproversPart(required=False)
    extension_roles = serializers.ListField(
        child=tier(),
        max_length=MOST_EXTENSIONS,
        required=False,
        help_text="Who grants the first, the second, ... extension.",
    )
    one_way_role = WordField(choices=TIERS, required=False)
    ceiling_share = serializers.FloatField(
        required=False, allow_null=True, help_text="Above 0, up to 1; null for no ceiling."
    )
    hours_per_person = serializers.FloatField(required=False, help_text="Hours a month.")
    capacities = serializers.DictField(
        child=serializers.FloatField(), required=False, help_text="Hours a month by system."
    )
    environment_costs = CostsPart(required=False)
    rules = RulesPart(required=False)
    repositories = serializers.DictField(
        child=RulesPart(), required=False, help_text="Rules by the number of a repository."
    )
    note = TextField(max_length=2000, required=False, allow_blank=True)


class PolicySerializer(serializers.Serializer[Any]):
    """The policy as it stands today; `version` 0 is the default."""

    version = serializers.IntegerField()
    longest_terms = serializers.DictField(child=serializers.IntegerField())
    approvers = serializers.DictField(child=serializers.ChoiceField(choices=TIERS))
    extension_roles = serializers.ListField(child=serializers.ChoiceField(choices=TIERS))
    one_way_role = serializers.ChoiceField(choices=TIERS)
    ceiling_share = serializers.FloatField(allow_null=True)
    hours_per_person = serializers.FloatField()
    capacities = serializers.DictField(child=serializers.FloatField())
    environment_costs = CostsPart()
    rules = RulesPart()
    repositories = serializers.DictField(child=RulesPart())
    in_force = serializers.DictField(
        child=serializers.ChoiceField(choices=LEVELS),
        help_text="How hard each rule is today; in the repository asked for, waivers included.",
    )


class PolicyVersionSerializer(serializers.ModelSerializer[PolicyVersion]):
    """A version of the policy; none is ever changed."""

    document = serializers.DictField()
    made_by = serializers.CharField(source="made_by.username", allow_null=True)

    class Meta:
        model = PolicyVersion
        fields: ClassVar = ["number", "document", "note", "at", "made_by"]
        read_only_fields = fields


class SystemLoadSerializer(serializers.Serializer[Any]):
    """Hours a month; of debts in one place, `interest` counts the hours once."""

    system = serializers.CharField()
    debts = serializers.IntegerField()
    interest = serializers.FloatField()
    people = serializers.IntegerField()
    capacity = serializers.FloatField(allow_null=True)
    ceiling = serializers.FloatField(allow_null=True)
    is_over = serializers.BooleanField()


class WaiverRequest(StrictSerializer):
    """An exception to ask for."""

    repository = TextField(max_length=140, help_text="Slug or id.")
    rule = WordField(choices=choices_of(Rule))
    path = TextField(max_length=200, allow_blank=True, required=False)
    reason = TextField(max_length=2000)
    expires_on = DayField(help_text="It holds to the end of this day.")

    def validate_repository(self, key: str) -> int:
        try:
            return repository_by_key(key).pk
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None

    def validate(self, attrs: dict[str, Any]) -> Any:
        attrs["repository_id"] = attrs.pop("repository")
        return attrs


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    """An exception from a rule; it is kept when it is over."""

    repository = serializers.CharField(source="repository.slug")
    asked_by = serializers.CharField(source="asked_by.username")
    approver = serializers.CharField(source="approver.username", allow_null=True)
    ended_by = serializers.CharField(source="ended_by.username", allow_null=True)
    standing = serializers.SerializerMethodField()

    class Meta:
        model = Waiver
        fields: ClassVar = [
            "id", "repository", "rule", "path", "reason", "expires_on", "standing", "asked_by",
            "asked_at", "approver", "approved_at", "ended_by", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_standing(self, waiver: Waiver) -> str:
        return waiver_standing(waiver, clock.today())

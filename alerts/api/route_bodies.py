"""What the API takes and says of rules and schedules."""

import re
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alerts.api.bodies import MOST, team_field, team_id
from alerts.models import Route
from alerts.selectors.channels import channel_get
from analysis.selectors import repository_by_key
from common.api.fields import (
    DayField,
    FlagField,
    StrictSerializer,
    TextField,
    WholeNumberField,
    WordField,
)
from common.errors import NotFound
from ledger.domain.audiences import AUDIENCE_WORDS
from ledger.domain.terms import Severity

AUDIENCES = [(audience.value, words) for audience, words in AUDIENCE_WORDS.items()]
SEVERITIES = [(severity.value, severity.value.capitalize()) for severity in Severity]
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class ClockField(serializers.TimeField):
    """A time of day as HH:MM, without a zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not CLOCK.fullmatch(value):
            self.fail("invalid", format="HH:MM")
        return super().to_internal_value(value)


class RouteRequest(StrictSerializer):
    name = TextField(max_length=100)
    channel = WholeNumberField(min_value=0, max_value=MOST, help_text="The id of a channel.")
    team = team_field()
    system = TextField(max_length=100, required=False, allow_blank=True)
    repository = TextField(
        max_length=140, required=False, allow_blank=True, help_text="Slug or id; empty for all."
    )
    least_severity = WordField(choices=SEVERITIES, required=False)
    audience = WordField(choices=AUDIENCES, required=False)
    mentions = FlagField(required=False, help_text="Whether people are called by name.")

    def validate_channel(self, number: int) -> int:
        try:
            return channel_get(number).pk
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None

    def validate_team(self, slug: str) -> int | None:
        return team_id(slug)

    def validate_repository(self, key: str) -> int | None:
        try:
            return repository_by_key(key).pk if key else None
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        renamed = {"channel": "channel_id", "team": "team_id", "repository": "repository_id"}
        return {renamed.get(name, name): value for name, value in attrs.items()}


class RouteChange(RouteRequest):
    name = TextField(max_length=100, required=False)
    channel = WholeNumberField(required=False, min_value=0, max_value=MOST)


class RouteSerializer(serializers.ModelSerializer[Route]):
    channel = serializers.IntegerField(source="channel_id")
    team = serializers.CharField(source="team.slug", default=None, allow_null=True)
    repository = serializers.CharField(source="repository.slug", default=None, allow_null=True)
    least_severity = serializers.ChoiceField(choices=SEVERITIES)
    audience = serializers.ChoiceField(choices=AUDIENCES)
    is_on = serializers.BooleanField()

    class Meta:
        model = Route
        fields: ClassVar = [
            "id", "name", "channel", "team", "system", "repository", "least_severity", "audience",
            "mentions", "is_on", "switched_on_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ScheduleChange(StrictSerializer):
    """When a team works and is spoken to; what is left out stays."""

    time_zone = TextField(max_length=64, required=False, help_text="Such as Europe/Berlin.")
    country = TextField(
        max_length=2, required=False, allow_blank=True, help_text="ISO 3166; empty for no holidays."
    )
    subdivision = TextField(max_length=10, required=False, allow_blank=True)
    working_days = serializers.ListField(
        child=WholeNumberField(min_value=0, max_value=6),
        required=False,
        max_length=7,
        help_text="Monday is 0.",
    )
    speaks_at = ClockField(required=False)
    weekly_on = WholeNumberField(required=False, min_value=0, max_value=6, help_text="Monday is 0.")
    days_off = serializers.ListField(child=DayField(), required=False, max_length=400)


class ScheduleSerializer(serializers.Serializer[Any]):
    team = serializers.CharField(allow_null=True, help_text="null: the organisation's.")
    is_own = serializers.BooleanField(help_text="False where the organisation's counts.")
    time_zone = serializers.CharField()
    country = serializers.CharField(allow_blank=True)
    subdivision = serializers.CharField(allow_blank=True)
    working_days = serializers.ListField(child=serializers.IntegerField())
    speaks_at = ClockField()
    weekly_on = serializers.IntegerField()
    days_off = serializers.ListField(child=serializers.DateField())
    next_working_days = serializers.ListField(child=serializers.DateField())


class PreviewDaySerializer(serializers.Serializer[Any]):
    """One message that would have been sent."""

    day = serializers.DateField()
    debts = serializers.IntegerField()
    mentions = serializers.IntegerField(help_text="Owners who would have been called by name.")
    escalations = serializers.IntegerField(help_text="Debts for which the lead would be called.")
    is_summary = serializers.BooleanField()


class PreviewSerializer(serializers.Serializer[Any]):
    """What a rule would have sent between two days."""

    since = serializers.DateField()
    until = serializers.DateField()
    working_days = serializers.IntegerField()
    messages = serializers.IntegerField()
    rows = serializers.IntegerField(help_text="Debts named in all messages together.")
    mentions = serializers.IntegerField()
    escalations = serializers.IntegerField()
    days = PreviewDaySerializer(many=True)

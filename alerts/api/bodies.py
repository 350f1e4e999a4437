"""What the API takes and says of channels and messages. Secrets go in and never come out."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.selectors import team_by_slug
from alerts.channels.registry import KINDS
from alerts.domain.states import DeliveryKind, DeliveryState, Outcome
from alerts.models import Attempt, Channel, Delivery
from alerts.selectors.channels import place_shown, values_shown
from common.api.fields import (
    StrictSerializer,
    TextField,
    WholeNumberField,
    WordField,
)
from common.api.pagination import PageQuery

KIND_NAMES = [(kind.name, kind.label) for kind in KINDS.values()]
DELIVERY_STATES = [(one.value, one.value) for one in DeliveryState]
DELIVERY_KINDS = [(one.value, one.value) for one in DeliveryKind]
OUTCOMES = [(one.value, one.value) for one in Outcome]
MOST = 10**18 - 1


def values_field(**options: Any) -> serializers.DictField:
    """The settings of a channel by name."""
    return serializers.DictField(
        child=TextField(max_length=2000, allow_blank=True),
        help_text="Settings by name, as `channels/kinds` lists them.",
        **options,
    )


def team_field() -> TextField:
    return TextField(
        max_length=64, required=False, allow_blank=True, help_text="The handle of a team."
    )


def team_id(slug: str) -> int | None:
    """The number of a team, None for the empty text. Raises ValidationError."""
    if not slug:
        return None
    team = team_by_slug(slug)
    if team is None:
        raise serializers.ValidationError(f"There is no team “{slug[:64]}”.")
    return team.pk


class ChannelRequest(StrictSerializer):
    kind = WordField(choices=KIND_NAMES)
    name = TextField(max_length=100, help_text="Unique.")
    team = team_field()
    values = values_field()

    def validate_team(self, slug: str) -> int | None:
        return team_id(slug)


class ChannelChange(StrictSerializer):
    name = TextField(max_length=100, required=False)
    values = values_field(required=False)
    clear = serializers.ListField(
        child=TextField(max_length=100),
        required=False,
        max_length=20,
        help_text="Names of secrets to forget, of those that are not required.",
    )


class SwitchRequest(StrictSerializer):
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")


class DropRequest(StrictSerializer):
    reason = TextField(max_length=300, allow_blank=True, help_text="Not empty.")


class SettingSerializer(serializers.Serializer[Any]):
    """One setting that a kind of channel has."""

    name = serializers.CharField()
    title = serializers.CharField(source="label")
    hint = serializers.CharField(source="help")
    is_secret = serializers.BooleanField()
    is_required = serializers.BooleanField()
    default = serializers.CharField()
    choices = serializers.SerializerMethodField()

    def get_choices(self, field: Any) -> list[str]:
        return [value for value, _label in field.choices]


class KindSerializer(serializers.Serializer[Any]):
    """A service that can be spoken to."""

    name = serializers.CharField()
    title = serializers.CharField(source="label")
    settings = SettingSerializer(many=True, source="fields")
    edits = serializers.BooleanField(source="abilities.edits")
    threads = serializers.BooleanField(source="abilities.threads")
    buttons = serializers.BooleanField(source="abilities.buttons")
    is_idempotent = serializers.BooleanField(source="abilities.is_idempotent")
    steps = serializers.ListField(child=serializers.CharField())


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    team = serializers.CharField(source="team.slug", default=None, allow_null=True)
    person = serializers.CharField(source="person.username", default=None, allow_null=True)
    values = serializers.SerializerMethodField(help_text="Settings that are no secret.")
    secrets = serializers.SerializerMethodField(help_text="The names of the secrets that are set.")
    place = serializers.SerializerMethodField(help_text="Where messages go, in words.")
    is_enabled = serializers.BooleanField(source="is_on")

    class Meta:
        model = Channel
        fields: ClassVar = [
            "id", "kind", "name", "team", "person", "values", "secrets", "place", "is_enabled",
            "disabled_at", "disabled_reason", "failures", "open_until", "last_sent_at",
            "last_error", "last_error_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_values(self, channel: Channel) -> dict[str, str]:
        return {
            one.field.name: one.text for one in values_shown(channel) if not one.field.is_secret
        }

    def get_secrets(self, channel: Channel) -> list[str]:
        return [
            one.field.name for one in values_shown(channel) if one.field.is_secret and one.is_set
        ]

    def get_place(self, channel: Channel) -> str:
        return place_shown(channel)


class TestSerializer(serializers.Serializer[Any]):
    """What came of a test message."""

    __test__: ClassVar[bool] = False  # no test case, whatever its name begins with

    is_sent = serializers.BooleanField()
    said = serializers.CharField(help_text="The service's own words.")
    status = serializers.IntegerField(allow_null=True)
    took = serializers.FloatField(help_text="Seconds.")
    delivery_id = serializers.IntegerField(allow_null=True)


class RetriedSerializer(serializers.Serializer[Any]):
    retried = serializers.IntegerField(help_text="Messages that are tried again.")


class DeliveriesQuery(PageQuery):
    channel = WholeNumberField(required=False, min_value=0, max_value=MOST, default=None)
    state = serializers.MultipleChoiceField(
        choices=DELIVERY_STATES, default=set, help_text="Default: all."
    )
    kind = serializers.ChoiceField(
        choices=DELIVERY_KINDS, required=False, allow_blank=True, default=""
    )
    q = TextField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="Words of the title, references of debts, or the channel's name.",
    )


class ChatMessageSerializer(serializers.ModelSerializer[Delivery]):
    channel = serializers.IntegerField(source="channel_id")
    channel_name = serializers.CharField(source="channel.name")
    kind = serializers.ChoiceField(choices=DELIVERY_KINDS)
    state = serializers.ChoiceField(choices=DELIVERY_STATES)
    reference = serializers.CharField(help_text="Printed under the message.")

    class Meta:
        model = Delivery
        fields: ClassVar = [
            "id", "reference", "channel", "channel_name", "kind", "state", "attempts",
            "created_at", "next_attempt_at", "expires_at", "sent_at", "settled_at", "error",
        ]  # fmt: skip
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    outcome = serializers.ChoiceField(choices=OUTCOMES, allow_blank=True)

    class Meta:
        model = Attempt
        fields: ClassVar = ["number", "started_at", "ended_at", "outcome", "status", "said"]
        read_only_fields = fields


class ChatMessageDetailSerializer(ChatMessageSerializer):
    message = serializers.JSONField(help_text="What was to be said, before any service's marks.")
    tries = AttemptSerializer(many=True)

    class Meta(ChatMessageSerializer.Meta):
        fields: ClassVar = [*ChatMessageSerializer.Meta.fields, "message", "tries"]
        read_only_fields = fields

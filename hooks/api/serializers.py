"""What the API says of webhooks, deliveries and watched tips. Secrets are said once, when made."""

from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from analysis.api.serializers import OfRepositoryQuery
from analysis.selectors import repository_by_key
from common.api.fields import StrictSerializer, TextField, WholeNumberField, WordField
from common.errors import NotFound
from hooks.domain.kinds import Kind
from hooks.domain.looks import Outcome
from hooks.models import Delivery, Endpoint
from hooks.services.endpoints import LONGEST_OVERLAP

KINDS = [(kind.value, kind.label) for kind in Kind]
OUTCOMES = [(outcome.value, outcome.value) for outcome in Outcome]
MOST_HOURS = int(LONGEST_OVERLAP.total_seconds() // 3600)


def own_secret() -> TextField:
    """The field for a secret that the caller brings along."""
    return TextField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="16 to 200 visible ASCII characters; without it, one is made.",
    )


class WebhooksQuery(OfRepositoryQuery):
    """Which webhooks to list."""


class WebhookRequest(StrictSerializer):
    repository = TextField(max_length=140, help_text="The slug or the id of the repository.")
    kind = WordField(choices=KINDS, help_text="What sends the events.")
    secret = own_secret()

    def validate_repository(self, key: str) -> int:
        try:
            return repository_by_key(key).pk
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None


class RotationRequest(StrictSerializer):
    overlap_hours = WholeNumberField(
        required=False,
        default=24,
        min_value=0,
        max_value=MOST_HOURS,
        help_text="How long the secret before stays valid; 0 ends it at once.",
    )
    secret = own_secret()


class WebhookSerializer(serializers.ModelSerializer[Endpoint]):
    repository = serializers.CharField(source="repository.slug")
    kind = serializers.ChoiceField(choices=KINDS)
    address = serializers.SerializerMethodField(help_text="Where events are to be sent.")
    is_enabled = serializers.SerializerMethodField()

    class Meta:
        model = Endpoint
        fields: ClassVar = [
            "id", "repository", "kind", "address", "is_enabled", "created_at", "rotated_at",
            "previous_until", "last_seen_at", "refused_at", "refused_reason",
        ]  # fmt: skip
        read_only_fields = fields

    def get_address(self, endpoint: Endpoint) -> str:
        path = reverse("webhooks:receive", args=[endpoint.kind, endpoint.key])
        return f"{settings.BASE_URL}{path}"

    def get_is_enabled(self, endpoint: Endpoint) -> bool:
        return endpoint.disabled_at is None


class NewWebhookSerializer(WebhookSerializer):
    """A webhook whose secret was made just now."""

    secret = serializers.SerializerMethodField(
        help_text="Said once; null in an answer that is repeated for an Idempotency-Key."
    )

    class Meta(WebhookSerializer.Meta):
        fields: ClassVar = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields

    def get_secret(self, endpoint: Endpoint) -> str | None:
        secret: str | None = self.context.get("secret")
        return secret


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    class Meta:
        model = Delivery
        fields: ClassVar = [
            "id", "delivery_id", "event", "subject", "state", "reason", "received_at",
            "settled_at",
        ]  # fmt: skip
        read_only_fields = fields


class TipSerializer(serializers.Serializer[Any]):
    """How the tip of a repository's default branch is watched."""

    outcome = serializers.ChoiceField(choices=OUTCOMES, help_text="What the last look found.")
    looked_at = serializers.DateTimeField(allow_null=True)
    next_look_at = serializers.DateTimeField(allow_null=True)
    is_wanted = serializers.BooleanField(help_text="Whether a look at once is asked for.")
    branch = serializers.CharField(source="tip_branch")
    sha = serializers.CharField(
        source="tip_sha", help_text="As the last look saw it; may be empty."
    )
    error = serializers.CharField(help_text="Why the last look failed; empty where it did not.")
    failures = serializers.IntegerField(help_text="Failed looks in a row.")

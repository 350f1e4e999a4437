"""The gate: HTTP in, one service call, JSON out."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import require_role
from accounts.domain.roles import Role
from analysis.api.views import KEY, REPOSITORY
from analysis.selectors import repository_by_key
from common.api.fields import StrictSerializer, TextField
from common.api.routing import Resource
from hooks.domain.gate import Conclusion, Level
from hooks.domain.gate_override import MOST_CHARACTERS
from hooks.domain.gate_reports import document
from hooks.models import GateOverride
from hooks.services.gate_overrides import Plea
from hooks.services.gates import gate_check
from ledger.domain.policy import Enforcement, Rule

# It may fetch from the repository's host.
ASKS = Role.CONTRIBUTOR
MOST_REVISION = 250


class GateRequest(StrictSerializer):
    base = TextField(max_length=MOST_REVISION, help_text="What is merged into: a branch or commit.")
    head = TextField(max_length=MOST_REVISION, help_text="What is merged: a branch or commit.")
    break_glass = TextField(
        max_length=MOST_CHARACTERS,
        required=False,
        allow_blank=True,
        default="",
        help_text=(
            "Why a blocked change is let through. Needs the role approver, and is recorded under "
            "the caller's name for all to see."
        ),
    )


def choices(enumeration: Any) -> list[tuple[str, str]]:
    """The same pairs as the ledger's own, so that the schema has one name for both."""
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in enumeration]


class GateRepositorySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    slug = serializers.CharField(allow_null=True)


class GatePolicySerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(help_text="0 is the default, which nobody has changed.")


class GateChangeSerializer(serializers.Serializer[Any]):
    files = serializers.IntegerField()
    commits = serializers.IntegerField()


class GateCountsSerializer(serializers.Serializer[Any]):
    notice = serializers.IntegerField()
    comment = serializers.IntegerField()
    check = serializers.IntegerField()
    block = serializers.IntegerField()


class GateWaiverSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True)
    expires_on = serializers.DateField()
    reason = serializers.CharField()
    approver = serializers.CharField()


class GateFindingSerializer(serializers.Serializer[Any]):
    rule = serializers.ChoiceField(choices=choices(Rule))
    level = serializers.ChoiceField(choices=choices(Level))
    enforcement = serializers.ChoiceField(choices=choices(Enforcement))
    path = serializers.CharField(allow_null=True)
    line = serializers.IntegerField(allow_null=True)
    end_line = serializers.IntegerField(allow_null=True)
    debt = serializers.CharField(allow_null=True)
    message = serializers.CharField()
    advice = serializers.CharField()
    overdue_days = serializers.IntegerField(allow_null=True)
    fingerprint = serializers.CharField()
    waiver = GateWaiverSerializer(allow_null=True)


class GateClosingSerializer(serializers.Serializer[Any]):
    debt = serializers.CharField()
    title = serializers.CharField()
    path = serializers.CharField(allow_null=True)
    line = serializers.IntegerField(allow_null=True)
    how = serializers.ChoiceField(choices=["removed", "paid"])
    commit = serializers.CharField(allow_null=True)


class GateOverrideSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    actor = serializers.CharField()
    reason = serializers.CharField()
    # The name is also that of an attribute of every field, which this class is not used as.
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of the answer
        choices=GateOverride.Source.values
    )
    recorded_at = serializers.DateTimeField()


class GateSerializer(serializers.Serializer[Any]):
    """What a merge would do; `docs/gate.md` says what each field means."""

    schema = serializers.IntegerField()
    repository = GateRepositorySerializer()
    base = serializers.CharField()
    head = serializers.CharField()
    merge_base = serializers.CharField()
    checked_on = serializers.DateField()
    policy = GatePolicySerializer()
    change = GateChangeSerializer()
    conclusion = serializers.ChoiceField(choices=choices(Conclusion))
    blocked = serializers.BooleanField()
    counts = GateCountsSerializer()
    findings = GateFindingSerializer(many=True)
    closes = GateClosingSerializer(many=True)
    override = GateOverrideSerializer(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())


class Gate(Resource):
    lookup_field = "key"
    lookup_value_regex = KEY

    @extend_schema(
        operation_id="repositories_gate",
        summary="Say what a merge would do",
        description=(
            "Needs the role contributor. `blocked` is the answer; the status is 200 either way. "
            "The commits must be on branches or tags of the repository: for others, run the "
            "command `gate` in a checkout."
        ),
        parameters=[REPOSITORY],
        request=GateRequest,
        responses=GateSerializer,
    )
    @action(detail=True, methods=["post"])
    def gate(self, request: Request, key: str) -> Response:
        user = require_role(request, ASKS)
        body = GateRequest(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        reason = values["break_glass"]
        result = gate_check(
            repository=repository_by_key(key),
            base=values["base"],
            head=values["head"],
            plea=Plea(actor=user, reason=reason, source="api") if reason else None,
        )
        return Response(document(result))

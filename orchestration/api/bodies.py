"""What the API takes: bodies and query strings."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from accounts.selectors import team_by_slug
from common.api.fields import FlagField, StrictSerializer, TextField, WholeNumberField, WordField
from common.api.pagination import PageQuery
from common.errors import NotFound, Refused
from ledger.selectors import debt_by_reference
from orchestration.api import answers
from orchestration.domain.lifetimes import DEFAULT_DAYS
from orchestration.domain.states import DeletionPolicy, LinkRole
from orchestration.engines.registry import ENGINES
from orchestration.selectors.environments import environment_get

NUMBER = r"[0-9]{1,18}"
REFERENCE = r"[^/]+"
MOST = 10**18 - 1
ENGINE_NAMES = [(name, name) for name in sorted(ENGINES)]

ID = OpenApiParameter(
    "id", {"type": "integer", "minimum": 0, "maximum": MOST}, OpenApiParameter.PATH
)
ENVIRONMENT = OpenApiParameter(
    "reference", {"type": "string"}, OpenApiParameter.PATH, description="E-000042, 42 or its key."
)
RUN = OpenApiParameter(
    "reference", {"type": "string"}, OpenApiParameter.PATH, description="R-000042 or 42."
)


def checked(body: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return the checked values of the body; raises ValidationError."""
    serializer = body(data=request.data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def team_id(slug: str) -> int | None:
    """The number of a team, None for the empty text. Raises ValidationError."""
    if not slug:
        return None
    team = team_by_slug(slug)
    if team is None:
        raise serializers.ValidationError(f"There is no team “{slug[:64]}”.")
    return team.pk


def debt_id(reference: str) -> int | None:
    """The number of a debt, None for the empty text. Raises ValidationError."""
    try:
        return debt_by_reference(reference).pk if reference else None
    except (NotFound, Refused) as error:
        raise serializers.ValidationError(error.message) from None


def words(most: int, **options: Any) -> TextField:
    """Text that may be left out."""
    return TextField(max_length=most, required=False, allow_blank=True, default="", **options)


def parameters() -> serializers.DictField:
    return serializers.DictField(
        required=False, help_text="By name, as the blueprint's manifest describes them."
    )


class ResourceBody(StrictSerializer):
    name = TextField(max_length=40, help_text="Unique in the environment.")
    blueprint = TextField(max_length=120)
    tier = TextField(max_length=40)
    parameters = parameters()
    target = words(100, help_text="A target's name; empty for this host.")


class EnvironmentRequest(StrictSerializer):
    name = TextField(max_length=100, help_text="Unique among those that stand.")
    owner = TextField(max_length=100, help_text="The handle of a person or a team.")
    resources = ResourceBody(many=True, help_text="In the order in which they are built.")
    purpose = words(500)
    team = words(64, help_text="The handle of a team.")
    days = WholeNumberField(
        required=False, min_value=1, default=DEFAULT_DAYS, help_text="How long it is needed."
    )
    is_production = FlagField(required=False, default=False)
    system = words(100, help_text="Whose load it is sized for.")
    justification = words(1000, help_text="Why it is larger or smaller than was measured.")
    debt = words(200, help_text="The reference of a debt whose repayment it serves.")
    role = WordField(choices=answers.LINK_ROLES, required=False, default=LinkRole.PROVISION.value)
    deletion_policy = WordField(
        choices=answers.DELETION_POLICIES, required=False, default=DeletionPolicy.DELETE.value
    )

    def validate_team(self, slug: str) -> int | None:
        return team_id(slug)

    def validate_debt(self, reference: str) -> int | None:
        return debt_id(reference)


class EnvironmentsQuery(PageQuery):
    state = serializers.ChoiceField(
        choices=answers.ENVIRONMENT_STATES, required=False, allow_blank=True, default=""
    )
    owner = words(100)
    team = words(64, help_text="The handle of a team.")
    capability = words(40)
    debt = words(200, help_text="The reference of a debt.")
    q = words(200, help_text="Words of the name or the purpose.")
    with_gone = serializers.BooleanField(
        required=False, default=False, help_text="Also those that are gone."
    )

    def validate_team(self, slug: str) -> int | None:
        return team_id(slug)

    def validate_debt(self, reference: str) -> int | None:
        return debt_id(reference)


class EnvironmentResize(StrictSerializer):
    tiers = serializers.DictField(
        child=TextField(max_length=40), help_text="Tiers by name of the resource."
    )
    justification = words(1000)


class EnvironmentExtension(StrictSerializer):
    days = WholeNumberField(min_value=1)
    reason = TextField(max_length=500)


class EnvironmentPromotion(StrictSerializer):
    owner = TextField(max_length=100, help_text="Who has it from now on, for good.")
    reason = TextField(max_length=500)


class EnvironmentAdoption(StrictSerializer):
    owner = TextField(max_length=100, help_text="Who has it from now on.")
    days = WholeNumberField(min_value=1, help_text="From now on.")
    reason = TextField(max_length=500)
    name = words(100, help_text="A new name, where another environment has its own by now.")


class GiveUpRequest(StrictSerializer):
    reason = TextField(max_length=500)


class NoteRequest(StrictSerializer):
    note = words(500)


class RunsQuery(PageQuery):
    environment = words(64, help_text="The reference of an environment.")
    action = serializers.ChoiceField(
        choices=answers.RUN_ACTIONS, required=False, allow_blank=True, default=""
    )
    state = serializers.MultipleChoiceField(
        choices=answers.RUN_STATES, default=set, help_text="Default: all."
    )

    def validate_environment(self, reference: str) -> int | None:
        try:
            return environment_get(reference).pk if reference else None
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None


class EventsQuery(StrictSerializer):
    after = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**31 - 1, help_text="A line's number."
    )
    limit = serializers.IntegerField(required=False, default=500, min_value=1, max_value=500)


class ApproveRequest(StrictSerializer):
    digest = TextField(max_length=100, help_text="The digest of the plan that you read.")
    reason = words(1000)


class RejectRequest(StrictSerializer):
    digest = TextField(max_length=100, help_text="The digest of the plan that you read.")
    reason = TextField(max_length=1000)


class CancelRequest(StrictSerializer):
    reason = words(500)


class BlueprintsQuery(PageQuery):
    capability = words(40)
    name = words(120)


def values_field(**options: Any) -> serializers.DictField:
    return serializers.DictField(
        child=TextField(max_length=8000, allow_blank=True, trim_whitespace=False),
        help_text="The engine's settings by name; secret ones are sealed and never said again.",
        **options,
    )


class TargetRequest(StrictSerializer):
    engine = WordField(choices=ENGINE_NAMES)
    name = TextField(max_length=100, help_text="Unique.")
    values = values_field(required=False)


class TargetChange(StrictSerializer):
    name = TextField(max_length=100, required=False)
    values = values_field(required=False)


class TargetsQuery(PageQuery):
    engine = serializers.ChoiceField(
        choices=ENGINE_NAMES, required=False, allow_blank=True, default=""
    )


class ProposalsQuery(PageQuery):
    debt = words(200, help_text="The reference of a debt.")
    state = serializers.MultipleChoiceField(
        choices=answers.PROPOSAL_STATES, default=set, help_text="Default: all."
    )

    def validate_debt(self, reference: str) -> int | None:
        return debt_id(reference)


class ProposalTaking(StrictSerializer):
    name = words(100, help_text="Left out, it is named after the debt.")
    owner = words(100, help_text="Left out, whoever owns the debt.")
    days = WholeNumberField(required=False, min_value=1, default=DEFAULT_DAYS)
    tiers = serializers.DictField(
        child=TextField(max_length=40),
        required=False,
        help_text="Other sizes than the proposed ones, by name of the resource.",
    )
    parameters = serializers.DictField(
        child=serializers.DictField(),
        required=False,
        help_text="Values for the blueprints, by name of the resource, then of the parameter.",
    )
    is_production = FlagField(required=False, default=False)
    justification = words(1000)


class ProposalDismissal(StrictSerializer):
    reason = TextField(max_length=500)

"""What the API says of environments, runs, blueprints, targets and proposals.

Each takes a document of `selectors.documents` and describes it for the schema.
"""

from typing import Any, ClassVar

from rest_framework import serializers

from orchestration.domain.plans import ChangeKind
from orchestration.domain.states import (
    Decision,
    DeletionPolicy,
    EnvironmentState,
    EventKind,
    Fidelity,
    LinkRole,
    ProposalState,
    RunAction,
    RunState,
    VersionState,
)

ENVIRONMENT_STATES = [(one.value, one.value) for one in EnvironmentState]
RUN_STATES = [(one.value, one.value) for one in RunState]
RUN_ACTIONS = [(one.value, one.value) for one in RunAction]
EVENT_KINDS = [(one.value, one.value) for one in EventKind]
CHANGE_KINDS = [(one.value, one.value) for one in ChangeKind]
FIDELITIES = [(one.value, one.value) for one in Fidelity]
DECISIONS = [(one.value, one.value) for one in Decision]
VERSION_STATES = [(one.value, one.value) for one in VersionState]
PROPOSAL_STATES = [(one.value, one.value) for one in ProposalState]
LINK_ROLES = [(one.value, one.value) for one in LinkRole]
DELETION_POLICIES = [(one.value, one.value) for one in DeletionPolicy]

Answer = serializers.Serializer[Any]


def money(**options: Any) -> serializers.CharField:
    return serializers.CharField(help_text="A decimal number, such as `25.00`.", **options)


class OutputSerializer(Answer):
    name = serializers.CharField()
    value = serializers.CharField(allow_null=True, help_text="null where it is secret.")
    is_secret = serializers.BooleanField()


class ResourceSerializer(Answer):
    id = serializers.IntegerField(help_text="What `loads` takes as `resource`.")
    name = serializers.CharField()
    capability = serializers.CharField()
    blueprint = serializers.CharField()
    version = serializers.IntegerField()
    tier = serializers.CharField()
    target = serializers.CharField()
    parameters = serializers.JSONField()
    observed = serializers.JSONField(help_text="What was seen of it last.")
    observed_at = serializers.DateTimeField(allow_null=True)
    outputs = OutputSerializer(many=True)


class ServedDebtSerializer(Answer):
    reference = serializers.CharField()
    role = serializers.ChoiceField(choices=LINK_ROLES)


class EnvironmentLineSerializer(Answer):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    owner = serializers.CharField()
    team = serializers.CharField(allow_null=True)
    requested_by = serializers.CharField(allow_null=True, help_text="null: Displace itself.")
    state = serializers.ChoiceField(choices=ENVIRONMENT_STATES)
    state_reason = serializers.CharField()
    is_production = serializers.BooleanField()
    deletion_policy = serializers.ChoiceField(choices=DELETION_POLICIES)
    system = serializers.CharField()
    justification = serializers.CharField()
    generation = serializers.IntegerField(help_text="How often it was changed.")
    ttl_extensions = serializers.IntegerField()
    active_run = serializers.CharField(allow_null=True, help_text="What changes it right now.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    promoted_at = serializers.DateTimeField(allow_null=True)
    adopted_at = serializers.DateTimeField(allow_null=True)
    ready_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class EnvironmentSerializer(EnvironmentLineSerializer):
    monthly_cost = money()
    cost_until_end = money(allow_null=True)
    currency = serializers.CharField()
    resources = ResourceSerializer(many=True)
    open_runs = serializers.ListField(child=serializers.CharField())
    debts = ServedDebtSerializer(many=True)


class PlannedChangeSerializer(Answer):
    resource = serializers.CharField()
    kind = serializers.ChoiceField(choices=CHANGE_KINDS)
    subject = serializers.CharField()
    details = serializers.ListField(child=serializers.CharField())
    is_predicted = serializers.BooleanField(help_text="Not computed by the engine itself.")
    is_destructive = serializers.BooleanField(help_text="Data would be lost.")


class VerdictSerializer(Answer):
    rule = serializers.CharField()
    text = serializers.CharField()
    is_refusal = serializers.BooleanField()
    asks = serializers.BooleanField(help_text="Look at it twice.")


class RunPlanSerializer(Answer):
    digest = serializers.CharField(help_text="What `approve` takes.")
    fidelity = serializers.ChoiceField(choices=FIDELITIES)
    changes = PlannedChangeSerializer(many=True)
    verdicts = VerdictSerializer(many=True)
    monthly_cost = money()
    cost_until_end = money(allow_null=True)
    currency = serializers.CharField()
    generation = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class RunDecisionSerializer(Answer):
    decision = serializers.ChoiceField(choices=DECISIONS)
    digest = serializers.CharField()
    by = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class RunLineSerializer(Answer):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    environment = serializers.CharField()
    environment_name = serializers.CharField()
    action = serializers.ChoiceField(choices=RUN_ACTIONS)
    state = serializers.ChoiceField(choices=RUN_STATES)
    reason = serializers.CharField(help_text="Why it ended so, and what to do now.")
    wanted = serializers.JSONField(help_text="What a resize is to change.")
    requested_by = serializers.CharField(allow_null=True, help_text="null: Displace itself.")
    requested_at = serializers.DateTimeField()
    state_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    events = serializers.IntegerField(help_text="The number of its newest event.")
    is_over = serializers.BooleanField()


class RunSerializer(RunLineSerializer):
    plan = RunPlanSerializer(allow_null=True)
    decisions = RunDecisionSerializer(many=True)


class RunEventSerializer(Answer):
    sequence = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=EVENT_KINDS)
    text = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]  # a field, which the class takes out


class RunEventsSerializer(Answer):
    """Some lines of a run's log, the oldest first."""

    after = serializers.IntegerField(help_text="Give this to get the lines that follow.")
    is_over = serializers.BooleanField(help_text="No line will follow these.")
    state = serializers.ChoiceField(choices=RUN_STATES)
    results = RunEventSerializer(many=True)


class BlueprintVersionLineSerializer(Answer):
    id = serializers.IntegerField()
    blueprint = serializers.CharField()
    number = serializers.IntegerField()
    digest = serializers.CharField()
    state = serializers.ChoiceField(choices=VERSION_STATES)
    commit = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    decision_note = serializers.CharField()


class BlueprintVersionSerializer(BlueprintVersionLineSerializer):
    manifest = serializers.JSONField()
    files = serializers.DictField(child=serializers.CharField())


class BlueprintSerializer(Answer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    title = serializers.CharField()
    capability = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a field, which the class takes out
        allow_null=True, help_text="null: our own catalogue."
    )
    created_at = serializers.DateTimeField()
    current = BlueprintVersionLineSerializer(allow_null=True)
    manifest = serializers.JSONField(allow_null=True, help_text="The current version's.")


class TargetSerializer(Answer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    engine = serializers.CharField()
    values = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="Settings that are no secret."
    )
    secrets = serializers.ListField(
        child=serializers.CharField(), help_text="The names of the secrets that are set."
    )
    is_enabled = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)


class TargetTestSerializer(Answer):
    """What came of trying a target out."""

    __test__: ClassVar[bool] = False  # no test case, whatever its name begins with

    is_well = serializers.BooleanField()
    sentences = serializers.ListField(child=serializers.CharField())


class ProposalSerializer(Answer):
    id = serializers.IntegerField()
    debt = serializers.CharField()
    debt_title = serializers.CharField()
    state = serializers.ChoiceField(choices=PROPOSAL_STATES)
    needs = serializers.ListField(child=serializers.CharField())
    resources = serializers.JSONField(help_text="What would be built, each with its reason.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Capabilities that nothing here offers."
    )
    monthly_cost = money()
    currency = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    environment = serializers.CharField(allow_null=True)

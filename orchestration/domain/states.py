"""The states of runs and environments, and the one table of what may follow what."""

from collections.abc import Mapping
from enum import StrEnum


class RunAction(StrEnum):
    """What a run is to do to an environment."""

    PROVISION = "provision"
    # The same resources in another tier, in place, their data kept.
    RESIZE = "resize"
    # Make it again as it was declared, after drift or a run that went wrong.
    REPAIR = "repair"
    DESTROY = "destroy"
    # Look whether it is still as declared; changes nothing.
    DRIFT = "drift"
    # Connect to everything and see that it works; changes nothing.
    VERIFY = "verify"

    @property
    def mutates(self) -> bool:
        return self not in (RunAction.DRIFT, RunAction.VERIFY)


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    PLANNING = "planning"
    PLAN_FAILED = "plan_failed"
    NO_CHANGES = "no_changes"
    # A drift run found differences; nothing was changed.
    DRIFT_FOUND = "drift_found"
    PLANNED = "planned"
    POLICY_CHECK = "policy_check"
    POLICY_FAILED = "policy_failed"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    # Nobody decided, or nobody applied, in time.
    EXPIRED = "expired"
    # The environment, its blueprint or its engine changed after the plan was made.
    STALE = "stale"
    APPLY_QUEUED = "apply_queued"
    APPLYING = "applying"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    VERIFY_FAILED = "verify_failed"
    APPLY_FAILED = "apply_failed"
    CANCELING = "canceling"
    CANCELED = "canceled"
    # Whoever applied is gone: nobody knows how far it came.
    INDETERMINATE = "indeterminate"
    # What is really there is being looked at.
    RECONCILING = "reconciling"


_S = RunState
# Everything that may follow a state. A state that is not named here is final.
NEXT_RUN_STATES: Mapping[RunState, frozenset[RunState]] = {
    _S.QUEUED: frozenset({_S.PLANNING, _S.VERIFYING, _S.CANCELED, _S.EXPIRED}),
    _S.PLANNING: frozenset(
        {_S.QUEUED, _S.PLAN_FAILED, _S.NO_CHANGES, _S.DRIFT_FOUND, _S.PLANNED, _S.CANCELING}
    ),
    _S.PLANNED: frozenset({_S.POLICY_CHECK, _S.CANCELED}),
    _S.POLICY_CHECK: frozenset({_S.POLICY_FAILED, _S.AWAITING_APPROVAL, _S.APPROVED, _S.CANCELED}),
    _S.AWAITING_APPROVAL: frozenset({_S.APPROVED, _S.REJECTED, _S.EXPIRED, _S.STALE, _S.CANCELED}),
    _S.APPROVED: frozenset({_S.APPLY_QUEUED, _S.EXPIRED, _S.STALE, _S.CANCELED}),
    _S.APPLY_QUEUED: frozenset({_S.APPLYING, _S.EXPIRED, _S.STALE, _S.CANCELED}),
    _S.APPLYING: frozenset({_S.VERIFYING, _S.APPLY_FAILED, _S.CANCELING, _S.INDETERMINATE}),
    _S.VERIFYING: frozenset(
        {_S.QUEUED, _S.SUCCEEDED, _S.VERIFY_FAILED, _S.CANCELING, _S.INDETERMINATE}
    ),
    _S.CANCELING: frozenset({_S.CANCELED, _S.INDETERMINATE}),
    _S.INDETERMINATE: frozenset({_S.RECONCILING}),
    _S.RECONCILING: frozenset(
        {_S.INDETERMINATE, _S.SUCCEEDED, _S.VERIFY_FAILED, _S.APPLY_FAILED, _S.CANCELED}
    ),
}

FINAL_RUN_STATES = frozenset(_S) - frozenset(NEXT_RUN_STATES)
OPEN_RUN_STATES = frozenset(NEXT_RUN_STATES)
# A worker holds a lease in these.
WORKING_STATES = frozenset({_S.PLANNING, _S.APPLYING, _S.VERIFYING, _S.CANCELING, _S.RECONCILING})
# A worker is to take these up.
WAITING_FOR_WORKER = frozenset({_S.QUEUED, _S.APPLY_QUEUED, _S.INDETERMINATE})


def may_follow(state: RunState, following: RunState) -> bool:
    """Whether a run may go from one state to the other."""
    return following in NEXT_RUN_STATES.get(state, frozenset())


class EnvironmentState(StrEnum):
    """How an environment is, apart from any run."""

    REQUESTED = "requested"
    PROVISIONING = "provisioning"
    READY = "ready"
    # Something of it does not work, or a run ended in the middle of changing it.
    DEGRADED = "degraded"
    # It works, but not as declared.
    DRIFTED = "drifted"
    # It works, and its time is over soon.
    EXPIRING = "expiring"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    # We gave it up and left it standing (deletion policy "orphan").
    ORPHANED = "orphaned"


_E = EnvironmentState
_ENDING = frozenset({_E.EXPIRING, _E.DESTROYING, _E.ORPHANED})
_STANDING = frozenset({_E.PROVISIONING, _E.READY, _E.DEGRADED, _E.DRIFTED})
NEXT_ENVIRONMENT_STATES: Mapping[EnvironmentState, frozenset[EnvironmentState]] = {
    # A request that was refused or canceled before anything was made is simply over.
    _E.REQUESTED: frozenset({_E.PROVISIONING, _E.DESTROYED}),
    _E.PROVISIONING: frozenset({_E.READY, _E.DEGRADED, _E.DESTROYED}),
    _E.READY: (_ENDING | _STANDING) - {_E.READY},
    _E.DEGRADED: (_ENDING | _STANDING) - {_E.DEGRADED},
    _E.DRIFTED: (_ENDING | _STANDING) - {_E.DRIFTED},
    _E.EXPIRING: (_ENDING | _STANDING) - {_E.EXPIRING},
    _E.DESTROYING: frozenset({_E.DESTROYED, _E.DEGRADED}),
    # Adopted: nobody knows how it is before it was looked at.
    _E.ORPHANED: frozenset({_E.DEGRADED}),
}

GONE_STATES = frozenset({_E.DESTROYED, _E.ORPHANED})
# Something of these stands somewhere and may cost money.
LIVE_STATES = frozenset(_E) - GONE_STATES - {_E.REQUESTED}


def environment_may_become(state: EnvironmentState, following: EnvironmentState) -> bool:
    """Whether an environment may go from one state to the other."""
    return following in NEXT_ENVIRONMENT_STATES.get(state, frozenset())


class Fidelity(StrEnum):
    """How well a plan tells what applying it will do."""

    # The engine computed it and refuses to apply anything else.
    EXACT = "exact"
    # Derived from what the blueprint declares and from what was observed; "predicted".
    ADVISORY = "advisory"
    # The engine can say nothing beforehand.
    NONE = "none"


class DeletionPolicy(StrEnum):
    """What becomes of the resources when an environment ends."""

    DELETE = "delete"
    ORPHAN = "orphan"


class EventKind(StrEnum):
    """What a line in the log of a run is about."""

    STATE = "state"
    STEP = "step"
    OUTPUT = "output"
    WARNING = "warning"
    ERROR = "error"
    # Something that a person did: approve, reject, cancel.
    PERSON = "person"


class LinkRole(StrEnum):
    """What an environment is to a debt."""

    PROVISION = "provision"
    LOAD_TEST = "load-test"
    CUTOVER = "cutover"
    TEARDOWN = "teardown"


class Decision(StrEnum):
    """What an approver said to a plan."""

    APPROVED = "approved"
    REJECTED = "rejected"


class VersionState(StrEnum):
    """Whether a version of a blueprint may be used."""

    PROPOSED = "proposed"
    SIGNED_OFF = "signed_off"
    RETIRED = "retired"
    REFUSED = "refused"


class ProposalState(StrEnum):
    """What became of a proposal to prepare a refactor."""

    OPEN = "open"
    TAKEN = "taken"
    DISMISSED = "dismissed"
    # The debt was closed or needs something else by now.
    OUTDATED = "outdated"

"""What states and actions are called on the pages, how they look, and what to do about them."""

from collections.abc import Mapping

from orchestration.domain.capabilities import METRIC_WORDS
from orchestration.domain.plans import ChangeKind
from orchestration.domain.sizing import Fit
from orchestration.domain.states import (
    EnvironmentState,
    EventKind,
    Fidelity,
    ProposalState,
    RunAction,
    RunState,
    VersionState,
)
from orchestration.selectors.offers import SMALLEST

# Words of the domain that templates use besides those below.
__all__ = ["METRIC_WORDS"]

_E = EnvironmentState
ENVIRONMENT_WORDS: Mapping[str, str] = {
    _E.REQUESTED: "Asked for",
    _E.PROVISIONING: "Being built",
    _E.READY: "Ready",
    _E.DEGRADED: "Not working",
    _E.DRIFTED: "Not as declared",
    _E.EXPIRING: "Ends soon",
    _E.DESTROYING: "Being taken away",
    _E.DESTROYED: "Gone",
    _E.ORPHANED: "Given up",
}
ENVIRONMENT_TONES: Mapping[str, str] = {
    _E.REQUESTED: "quiet",
    _E.PROVISIONING: "running",
    _E.READY: "good",
    _E.DEGRADED: "danger",
    _E.DRIFTED: "warn",
    _E.EXPIRING: "warn",
    _E.DESTROYING: "running",
    _E.DESTROYED: "quiet",
    _E.ORPHANED: "quiet",
}
# What a state means, and what is to be done now.
ENVIRONMENT_ADVICE: Mapping[str, str] = {
    _E.REQUESTED: "Nothing is built yet, and nothing costs money yet. It is built as soon as its "
    "plan is approved.",
    _E.PROVISIONING: "It is being built. It may be used as soon as somebody who did not build it, "
    "the verification, has found that everything answers.",
    _E.READY: "Everything was built, and was seen to work from outside.",
    _E.DEGRADED: "Something of it does not work. Verify it to see what; repair makes it again as "
    "it was declared and keeps its data.",
    _E.DRIFTED: "Somebody or something changed it past this page. Repair makes it as it was "
    "declared; its plan shows beforehand what that changes.",
    _E.EXPIRING: "It works, and its time is nearly over. Extend it, promote it to stay, or let it "
    "end.",
    _E.DESTROYING: "It is being taken away, and it is then proved that nothing of it remains.",
    _E.DESTROYED: "Nothing of it stands any more. Its runs and their logs stay here.",
    _E.ORPHANED: "It was given up here and left standing where it is. Nobody here looks after it "
    "or counts its cost; an approver may adopt it.",
}

ACTION_WORDS: Mapping[str, str] = {
    RunAction.PROVISION: "Build",
    RunAction.RESIZE: "Change the size",
    RunAction.REPAIR: "Repair",
    RunAction.DESTROY: "Take away",
    RunAction.DRIFT: "Check for drift",
    RunAction.VERIFY: "Verify",
}

_S = RunState
RUN_WORDS: Mapping[str, str] = {
    _S.QUEUED: "Waits for a worker",
    _S.PLANNING: "Being planned",
    _S.PLAN_FAILED: "Could not be planned",
    _S.NO_CHANGES: "Nothing to change",
    _S.DRIFT_FOUND: "Not as declared",
    _S.PLANNED: "Planned",
    _S.POLICY_CHECK: "Held against the policy",
    _S.POLICY_FAILED: "Refused by the policy",
    _S.AWAITING_APPROVAL: "Waits for approval",
    _S.APPROVED: "Approved",
    _S.REJECTED: "Rejected",
    _S.EXPIRED: "Its time ran out",
    _S.STALE: "Overtaken by a change",
    _S.APPLY_QUEUED: "Approved, waits for a worker",
    _S.APPLYING: "Being carried out",
    _S.VERIFYING: "Being verified",
    _S.SUCCEEDED: "Done",
    _S.VERIFY_FAILED: "Does not work",
    _S.APPLY_FAILED: "Went wrong",
    _S.CANCELING: "Being stopped",
    _S.CANCELED: "Canceled",
    _S.INDETERMINATE: "Unknown how far it came",
    _S.RECONCILING: "Looked at what is there",
}
RUN_TONES: Mapping[str, str] = {
    _S.QUEUED: "quiet",
    _S.PLANNING: "running",
    _S.PLAN_FAILED: "danger",
    _S.NO_CHANGES: "good",
    _S.DRIFT_FOUND: "warn",
    _S.PLANNED: "running",
    _S.POLICY_CHECK: "running",
    _S.POLICY_FAILED: "danger",
    _S.AWAITING_APPROVAL: "warn",
    _S.APPROVED: "info",
    _S.REJECTED: "danger",
    _S.EXPIRED: "warn",
    _S.STALE: "warn",
    _S.APPLY_QUEUED: "info",
    _S.APPLYING: "running",
    _S.VERIFYING: "running",
    _S.SUCCEEDED: "good",
    _S.VERIFY_FAILED: "danger",
    _S.APPLY_FAILED: "danger",
    _S.CANCELING: "running",
    _S.CANCELED: "quiet",
    _S.INDETERMINATE: "danger",
    _S.RECONCILING: "running",
}

# What to do after an end that was not the one hoped for.
RUN_ADVICE: Mapping[str, str] = {
    _S.PLAN_FAILED: "Nothing was changed. Mend what is named above, then ask again.",
    _S.DRIFT_FOUND: "Nothing was changed. Repair makes it as it was declared; its plan shows "
    "beforehand what that changes.",
    _S.POLICY_FAILED: "Nothing was changed. Ask again with what the policy wants: a smaller size, "
    "a reason in writing, or an end.",
    _S.REJECTED: "Nothing was changed. Talk to whoever rejected it, then ask again with another "
    "size, time or reason.",
    _S.EXPIRED: "Nothing was changed. Ask again: the plan is then made from how things are now.",
    _S.STALE: "Nothing was changed: what was approved is not what would be done now. Ask again, "
    "and have the new plan approved.",
    _S.VERIFY_FAILED: "It was built, but does not answer as it should. The log says which part. "
    "Mend the cause, then repair the environment.",
    _S.APPLY_FAILED: "Part of it may have been changed. The log says how far it came. Verify the "
    "environment to see what works, then repair it or take it away.",
    _S.CANCELED: "A cancel is no way back: what never was ready is taken away again, what stood "
    "before stays as it was left. The last lines of the log say what is left.",
    _S.INDETERMINATE: "Whoever carried it out is gone in the middle. Nobody guesses: what is "
    "really there is looked at next.",
}

FIDELITY_WORDS: Mapping[str, str] = {
    Fidelity.EXACT: "Exact: the engine worked out this plan, and refuses to do anything else.",
    Fidelity.ADVISORY: "Predicted: derived from what the blueprint declares and from what stands "
    "there now. The engine cannot work out every detail beforehand.",
    Fidelity.NONE: "Not known: this engine cannot say beforehand what it will do.",
}
CHANGE_WORDS: Mapping[str, str] = {
    ChangeKind.CREATE: "Make",
    ChangeKind.UPDATE: "Change",
    ChangeKind.REPLACE: "Replace",
    ChangeKind.DELETE: "Take away",
    ChangeKind.NONE: "Leave",
}
CHANGE_SIGNS: Mapping[str, str] = {
    ChangeKind.CREATE: "+",
    ChangeKind.UPDATE: "~",
    ChangeKind.REPLACE: "±",
    ChangeKind.DELETE: "−",  # noqa: RUF001 - the sign of a minus
    ChangeKind.NONE: "=",
}
EVENT_WORDS: Mapping[str, str] = {
    EventKind.STATE: "State",
    EventKind.STEP: "Step",
    EventKind.OUTPUT: "",
    EventKind.WARNING: "Warning",
    EventKind.ERROR: "Error",
    EventKind.PERSON: "Person",
}
FIT_WORDS: Mapping[str, str] = {
    Fit.RIGHT: "Right size",
    Fit.UNMEASURED: "Not measured",
    Fit.TOO_SMALL: "Too small",
    Fit.NEEDS_REASON: "Needs a reason",
    Fit.NEEDS_ADMIN: "Needs an admin",
    SMALLEST: "Smallest there is",
}
FIT_TONES: Mapping[str, str] = {
    Fit.RIGHT: "good",
    Fit.UNMEASURED: "quiet",
    Fit.TOO_SMALL: "danger",
    Fit.NEEDS_REASON: "warn",
    Fit.NEEDS_ADMIN: "danger",
    SMALLEST: "good",
}
VERSION_WORDS: Mapping[str, str] = {
    VersionState.PROPOSED: "Waits for sign-off",
    VersionState.SIGNED_OFF: "Signed off",
    VersionState.RETIRED: "Retired",
    VersionState.REFUSED: "Refused",
}
VERSION_TONES: Mapping[str, str] = {
    VersionState.PROPOSED: "warn",
    VersionState.SIGNED_OFF: "good",
    VersionState.RETIRED: "quiet",
    VersionState.REFUSED: "danger",
}
PROPOSAL_WORDS: Mapping[str, str] = {
    ProposalState.OPEN: "Open",
    ProposalState.TAKEN: "Taken",
    ProposalState.DISMISSED: "Dismissed",
    ProposalState.OUTDATED: "Outdated",
}
PROPOSAL_TONES: Mapping[str, str] = {
    ProposalState.OPEN: "info",
    ProposalState.TAKEN: "good",
    ProposalState.DISMISSED: "quiet",
    ProposalState.OUTDATED: "quiet",
}

# Who told a load: a person, a program, our own look; a Prometheus stands as "prometheus:1".
SOURCE_WORDS: Mapping[str, str] = {
    "page": "entered by hand",
    "api": "a program",
    "probe": "our own look",
    "prometheus": "Prometheus",
}

"""The words of the ledger: what is stored about a debt item, as closed sets."""

from enum import StrEnum


class State(StrEnum):
    """The stored states. Whether a promise is due is never stored: see `timing`."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    REPAYING = "repaying"
    REPAID = "repaid"
    VERIFIED = "verified"
    REJECTED = "rejected"
    ROLLED_BACK = "rolled_back"
    WRITTEN_OFF = "written_off"


# Debt that is still owed: it has a timing, counts in the totals and can expire.
OPEN_STATES = (State.PROPOSED, State.ACTIVE, State.REPAYING)
# Debt that somebody accepted and that is still owed.
ACCEPTED_STATES = (State.ACTIVE, State.REPAYING)
CLOSED_STATES = tuple(state for state in State if state not in OPEN_STATES)


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(StrEnum):
    """How well the debt is understood; it limits how long the promise may run."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Quadrant(StrEnum):
    """Fowler's technical debt quadrant."""

    DELIBERATE_PRUDENT = "deliberate_prudent"
    DELIBERATE_RECKLESS = "deliberate_reckless"
    INADVERTENT_PRUDENT = "inadvertent_prudent"
    INADVERTENT_RECKLESS = "inadvertent_reckless"


class Containment(StrEnum):
    EXTENSIBLE = "extensible"
    CONTAINED = "contained"
    DEAD_END = "dead_end"


class Reversibility(StrEnum):
    TWO_WAY = "two_way"
    ONE_WAY = "one_way"


class Origin(StrEnum):
    ANNOTATION = "annotation"
    MANUAL = "manual"
    IMPORT = "import"
    TRAILER = "trailer"


class Need(StrEnum):
    """What infrastructure a repayment can need while it lasts, or for good."""

    POSTGRESQL = "postgresql"
    READ_REPLICA = "read-replica"
    REDIS = "redis"
    QUEUE = "queue"
    MONITORING = "monitoring"
    LOAD_TEST = "load-test"
    FEATURE_FLAGS = "feature-flags"


class Resolution(StrEnum):
    """How a repaid item ended: the team paid, or the marked code simply went away."""

    PAID = "paid"
    REMOVED = "removed"


class Basis(StrEnum):
    """Where an estimate comes from."""

    MEASURED = "measured"
    PRIOR = "prior"
    EXPERT = "expert"


class EvidenceKind(StrEnum):
    MERGE_COMMIT = "merge_commit"
    TRAILER = "trailer"
    ANNOTATION_LEFT = "annotation_left"
    MEASUREMENT = "measurement"
    REVIEWER = "reviewer"


# What proves that a repayment was merged.
MERGE_EVIDENCE = (
    EvidenceKind.MERGE_COMMIT,
    EvidenceKind.TRAILER,
    EvidenceKind.ANNOTATION_LEFT,
)


class CommitmentKind(StrEnum):
    """A date that was proposed before acceptance, or an extension granted after it."""

    PROMISE = "promise"
    REVISION = "revision"
    EXTENSION = "extension"


class Timing(StrEnum):
    CURRENT = "current"
    DUE_SOON = "due_soon"
    DUE = "due"
    EXPIRED = "expired"


class Problem(StrEnum):
    """Why a marked line of code is not a registered debt."""

    MALFORMED = "malformed"
    DUPLICATE = "duplicate"
    CANDIDATE = "candidate"


class EventType(StrEnum):
    """What can happen to an item. The names are stored for ever: add, never rename."""

    RECORDED = "recorded"
    DESCRIBED = "described"
    ACTIVATED = "activated"
    EXTENDED = "extended"
    REPAYMENT_STARTED = "repayment_started"
    REPAID = "repaid"
    VERIFIED = "verified"
    WRITTEN_OFF = "written_off"
    REJECTED = "rejected"
    ROLLED_BACK = "rolled_back"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    DOOR_REVIEWED = "door_reviewed"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    ANNOTATION_CHANGED = "annotation_changed"
    ANNOTATION_LEFT = "annotation_left"
    ANNOTATION_RETURNED = "annotation_returned"

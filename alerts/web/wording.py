"""What states are called on the pages, and how they look."""

from collections.abc import Mapping

from alerts.domain.messages import ANSWER_LABELS
from alerts.domain.standing import Standing
from alerts.domain.states import DeliveryKind, DeliveryState, Outcome
from ledger.domain.audiences import AUDIENCE_WORDS

# Words of the domain that templates use besides those below.
__all__ = ["ANSWER_LABELS", "AUDIENCE_WORDS"]

STANDING_WORDS: Mapping[str, str] = {
    Standing.OFF: "Off",
    Standing.PAUSED: "Pausing after failures",
    Standing.FAILING: "Failing",
    Standing.WORKING: "Working",
    Standing.UNTRIED: "Not tried yet",
}
STANDING_TONES: Mapping[str, str] = {
    Standing.OFF: "danger",
    Standing.PAUSED: "warn",
    Standing.FAILING: "warn",
    Standing.WORKING: "good",
    Standing.UNTRIED: "quiet",
}

STATE_WORDS: Mapping[str, str] = {
    DeliveryState.WAITING: "Waiting",
    DeliveryState.SENDING: "Being sent",
    DeliveryState.SENT: "Sent",
    DeliveryState.UNKNOWN: "Not confirmed",
    DeliveryState.DEAD: "Given up",
    DeliveryState.DROPPED: "Dropped",
}
STATE_TONES: Mapping[str, str] = {
    DeliveryState.WAITING: "",
    DeliveryState.SENDING: "running",
    DeliveryState.SENT: "good",
    DeliveryState.UNKNOWN: "warn",
    DeliveryState.DEAD: "danger",
    DeliveryState.DROPPED: "quiet",
}
STATE_MEANINGS: Mapping[str, str] = {
    DeliveryState.WAITING: "It goes out as soon as the channel takes it.",
    DeliveryState.SENDING: "A worker is sending it now.",
    DeliveryState.SENT: "The service has taken it.",
    DeliveryState.UNKNOWN: (
        "The last try may have arrived: the service did not answer in time. It is tried again "
        "under the same name."
    ),
    DeliveryState.DEAD: "It is not tried any more, until somebody tries again or drops it.",
    DeliveryState.DROPPED: "Somebody decided that it is no longer sent.",
}

KIND_WORDS: Mapping[str, str] = {
    DeliveryKind.DIGEST: "Digest",
    DeliveryKind.EDIT: "Change of a message",
    DeliveryKind.REPLY: "Reply below a message",
    DeliveryKind.TEST: "Test message",
    DeliveryKind.NOTICE: "Notice about alerts",
}

OUTCOME_WORDS: Mapping[str, str] = {
    "": "Under way",
    Outcome.SENT: "Sent",
    Outcome.FAILED: "Not taken, tried again later",
    Outcome.UNKNOWN: "Not confirmed",
    Outcome.REFUSED: "Refused for good",
    Outcome.LIMITED: "Asked to wait",
    Outcome.LOST: "Broken off",
}
OUTCOME_TONES: Mapping[str, str] = {
    "": "running",
    Outcome.SENT: "good",
    Outcome.FAILED: "warn",
    Outcome.UNKNOWN: "warn",
    Outcome.REFUSED: "danger",
    Outcome.LIMITED: "",
    Outcome.LOST: "warn",
}

# Which states the log's filter offers, and what each stands for.
STATE_CHOICES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "": ("Every state", ()),
    "open": ("Not sent yet", ("waiting", "sending", "unknown")),
    "dead": ("Given up", ("dead",)),
    "sent": ("Sent", ("sent",)),
    "dropped": ("Dropped", ("dropped",)),
}

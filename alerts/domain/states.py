"""The words for what becomes of a delivery."""

from enum import StrEnum


class DeliveryKind(StrEnum):
    """Why something is sent."""

    DIGEST = "digest"
    EDIT = "edit"
    REPLY = "reply"
    TEST = "test"
    # Something went wrong elsewhere: a channel is off, messages were given up.
    NOTICE = "notice"


class DeliveryState(StrEnum):
    """Where a delivery stands. A person decides about what is dead."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    # The last attempt may have arrived; it is tried again with the same key.
    UNKNOWN = "unknown"
    DEAD = "dead"
    DROPPED = "dropped"


OPEN_STATES = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Outcome(StrEnum):
    """What one attempt came to."""

    SENT = "sent"
    # The service took nothing, and may later.
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    # The service asked to wait.
    LIMITED = "limited"
    # The worker was gone before it could say.
    LOST = "lost"

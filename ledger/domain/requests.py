"""What commits ask for and people decide."""

from enum import StrEnum


class RequestState(StrEnum):
    """How a request for an extension stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"

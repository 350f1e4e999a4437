"""How a channel stands, from what is known of it."""

from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """The one thing that is said of a channel first."""

    OFF = "off"
    # The breaker is open: nothing is tried for a while.
    PAUSED = "paused"
    # The newest thing that is known of it is a failure.
    FAILING = "failing"
    WORKING = "working"
    # Nothing has gone out yet.
    UNTRIED = "untried"


def standing_of(
    *,
    disabled_at: datetime | None,
    open_until: datetime | None,
    last_sent_at: datetime | None,
    last_error_at: datetime | None,
    now: datetime,
) -> Standing:
    """How a channel stands at `now`."""
    if disabled_at is not None:
        return Standing.OFF
    if open_until is not None and open_until > now:
        return Standing.PAUSED
    if last_error_at is not None and (last_sent_at is None or last_sent_at < last_error_at):
        return Standing.FAILING
    return Standing.WORKING if last_sent_at is not None else Standing.UNTRIED

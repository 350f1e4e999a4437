"""When to stop listening to somebody who guesses passwords."""

from datetime import timedelta

# Failures older than this are forgotten.
WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_NAME = 10
# Higher, since many people may share one address.
MAX_FAILURES_PER_ADDRESS = 50


def is_throttled(failures_of_name: int, failures_of_address: int) -> bool:
    """Whether the next attempt is refused, given the failures within `WINDOW`."""
    return (
        failures_of_name >= MAX_FAILURES_PER_NAME or failures_of_address >= MAX_FAILURES_PER_ADDRESS
    )

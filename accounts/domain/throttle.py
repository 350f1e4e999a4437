"""When to stop listening to somebody who guesses passwords."""

from dataclasses import dataclass
from datetime import timedelta

# Failures older than this are forgotten.
WINDOW = timedelta(minutes=15)

# One person at one place who has forgotten a password.
MAX_BY_NAME_AND_ADDRESS = 10
# Many people may share one address.
MAX_BY_ADDRESS = 50
# Many addresses guess at one name. High, so that a stranger cannot easily lock somebody out.
MAX_BY_NAME = 100


@dataclass(frozen=True, slots=True)
class Failures:
    """How often signing in failed within `WINDOW`."""

    by_name_and_address: int
    by_address: int
    by_name: int


def is_throttled(failures: Failures) -> bool:
    """Whether the next attempt is refused unseen."""
    return (
        failures.by_name_and_address >= MAX_BY_NAME_AND_ADDRESS
        or failures.by_address >= MAX_BY_ADDRESS
        or failures.by_name >= MAX_BY_NAME
    )

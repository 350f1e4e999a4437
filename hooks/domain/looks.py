"""When a repository's tip is looked at next."""

import hashlib
from datetime import timedelta
from enum import StrEnum

# A remote that keeps failing is asked this rarely at most.
LONGEST_PAUSE = timedelta(hours=6)
# While an analysis is under way, and after one was asked for.
FOLLOW_UP = timedelta(seconds=20)
# A look that takes longer than this has died with its worker.
LEASE = timedelta(minutes=3)


class Outcome(StrEnum):
    """What the last look at a repository's tip found."""

    NEVER = "never"
    UNCHANGED = "unchanged"
    ANALYSING = "analysing"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


def next_pause(*, interval: timedelta, failures: int, repository_id: int, looks: int) -> timedelta:
    """Return how long to wait until the next look.

    `failures` in a row double the pause, up to 6 hours (or the interval, if that is longer). The
    result is 90 to 110 % of that, so that many repositories do not stay in step; it depends on
    the arguments only.
    """
    longest = max(LONGEST_PAUSE, interval)
    pause = min(interval * (1 << max(0, min(failures, 20) - 1)), longest)
    return pause * (0.9 + 0.2 * _fraction(f"{repository_id}:{looks}"))


def first_pause(*, interval: timedelta, repository_id: int) -> timedelta:
    """Return when a repository is first looked at, spread over the interval."""
    return interval * _fraction(f"first:{repository_id}")


def _fraction(text: str) -> float:
    """A number from 0 up to 1 that looks random and is always the same for a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / 2**32

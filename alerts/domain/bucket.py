"""How many messages a service takes in a while: a bucket that fills steadily.

A message takes one token. `burst` is what the bucket holds at most, `per_second` what runs in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Clocks of several machines differ by less. One that is behind by more was set back.
SKEW = timedelta(seconds=5)
# A wait that is computed in fractions ends a hair's breadth too early otherwise.
_ENOUGH = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was left at a moment."""

    tokens: float
    at: datetime


def filled(bucket: Bucket, *, now: datetime, per_second: float, burst: int) -> Bucket:
    """The bucket as it stands now.

    No second fills it twice: where a clock is a little behind, time stands still until it has come
    up. A clock that was set back by more begins anew with what is left.
    """
    if bucket.at - SKEW <= now < bucket.at:
        return Bucket(min(float(burst), bucket.tokens), bucket.at)
    elapsed = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(min(float(burst), bucket.tokens + elapsed * per_second), now)


def taken(bucket: Bucket, *, now: datetime, per_second: float, burst: int) -> Bucket | None:
    """The bucket after a message, or None while there is too little in it for one."""
    full = filled(bucket, now=now, per_second=per_second, burst=burst)
    return Bucket(full.tokens - 1, full.at) if full.tokens >= _ENOUGH else None


def wait(bucket: Bucket, *, now: datetime, per_second: float, burst: int) -> timedelta:
    """How long until there is enough for one message."""
    full = filled(bucket, now=now, per_second=per_second, burst=burst)
    return full.at - now + timedelta(seconds=max(0.0, (1 - full.tokens) / per_second))

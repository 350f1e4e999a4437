"""When a message is tried again.

Full jitter: each pause is drawn from nothing up to a limit that doubles, so that messages which
failed together do not come back together.
"""

from datetime import timedelta

LEAST = timedelta(seconds=1)
FIRST = timedelta(seconds=10)
MOST = timedelta(minutes=30)
# A service that asks for more is asked again sooner; it may say the same then.
LONGEST_WISH = timedelta(hours=1)


def limit(attempts: int) -> timedelta:
    """The longest pause after so many attempts, at least one."""
    doublings = min(max(attempts - 1, 0), 16)
    return min(MOST, FIRST * (1 << doublings))


def pause(attempts: int, draw: float) -> timedelta:
    """The pause after so many attempts; `draw` is a random number from 0 up to 1."""
    return max(LEAST, limit(attempts) * draw)


def wished(seconds: float) -> timedelta:
    """How long a service's wish to wait is honoured."""
    if seconds != seconds or seconds < 0:  # a number that is none
        return LEAST
    return max(LEAST, timedelta(seconds=min(seconds, LONGEST_WISH.total_seconds())))

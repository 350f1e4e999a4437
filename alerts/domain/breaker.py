"""When a channel is left in peace: failures in a row open the breaker for a while.

After that while one message is tried. If it fails too, the breaker opens again, for longer.
"""

from datetime import timedelta

# Failures in a row that are still taken for chance.
PATIENCE = 5
FIRST = timedelta(seconds=30)
MOST = timedelta(minutes=15)


def is_open_after(failures: int) -> bool:
    """Whether so many failures in a row open the breaker."""
    return failures >= PATIENCE


def rest(failures: int, draw: float) -> timedelta | None:
    """How long nothing is tried after so many failures in a row; None: go on.

    `draw` is a random number from 0 up to 1: it takes up to a quarter off.
    """
    if not is_open_after(failures):
        return None
    doublings: int = min(failures - PATIENCE, 16)
    longest = min(MOST, FIRST * (1 << doublings))
    return longest * (1 - draw / 4)

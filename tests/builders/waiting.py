"""Waiting for something that happens in another process."""

import time
from collections.abc import Callable


def until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return as soon as it is so; fail when that takes longer."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)

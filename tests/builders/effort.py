"""How the work grows with the text: by processor time, and in proportion, not by the clock."""

import time
from collections.abc import Callable

# Linear work grows by 4 with a text of 4 times the length, quadratic work by 16.
_TIMES = 4
_MOST = 10
# Too short to be compared, in seconds of the processor.
_NOTHING = 0.02


def is_linear(work: Callable[[str], object], part: str, size: int = 40_000) -> bool:
    """Whether the work on `part`, repeated up to so many characters, grows in proportion.

    A neighbour may disturb a look; three disturbed looks in a row are no neighbour.
    """
    short, long = part * (size // len(part)), part * (_TIMES * size // len(part))
    for _ in range(3):
        before, after = _seconds(work, short), _seconds(work, long)
        if after < max(_NOTHING, _MOST * before):
            return True
    return False


def _seconds(work: Callable[[str], object], text: str) -> float:
    start = time.thread_time()
    work(text)
    return time.thread_time() - start

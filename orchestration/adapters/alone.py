"""One process of this host at a time: a lock that ends with whoever holds it.

A lease in the database can run out while its holder is only stopped, and an engine below it goes
on. The kernel knows better: as long as the holder lives, nobody else gets this lock.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Taken(Exception):
    """Another process has the lock; `holder` is what it wrote about itself."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def alone(path: Path, *, who: str, seconds: float) -> Iterator[None]:
    """Hold the lock of this name. Raises Taken when another process keeps it for so long."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Not inherited by what is started meanwhile.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, time.monotonic() + seconds)
        os.ftruncate(descriptor, 0)
        # On a full disk it is held all the same; whoever waits is told no name then.
        with suppress(OSError):
            os.pwrite(descriptor, who.encode()[:200], 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Taken(os.pread(descriptor, 200, 0).decode(errors="replace")) from None
            time.sleep(0.1)
        else:
            return

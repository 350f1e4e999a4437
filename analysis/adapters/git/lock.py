"""One writer per mirror, and the remains of a writer that was killed."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.adapters.git.errors import MirrorBusy, storage_error

_LOCK_NAME = "displace.writer"
_STEP = 0.1


@contextmanager
def sole_writer(git_dir: Path, *, patience: float) -> Iterator[int]:
    """Hold the mirror's lock; yields the open file for the git children to inherit.

    The operating system drops the lock when the last process that has the file open ends. Since
    git inherits it, a fetch that outlived its killed parent still counts as a writer.
    """
    try:
        file = (git_dir / _LOCK_NAME).open("wb")
    except OSError as error:
        raise storage_error(error) from error
    with file:
        _acquire(file.fileno(), patience)
        yield file.fileno()


def clean_remains(git_dir: Path) -> int:
    """Remove lock files and half-written packs. Call it only while holding the lock.

    Returns how many were removed. Objects that are complete, and refs, are never touched.
    """
    remains = [
        *git_dir.glob("*.lock"),
        *(git_dir / "refs").rglob("*.lock"),
        *(git_dir / "objects" / "info").rglob("*.lock"),
        *(git_dir / "objects" / "pack").glob("tmp_*"),
        *(git_dir / "objects" / "pack").glob(".tmp-*"),
        *(git_dir / "objects").glob("??/tmp_obj_*"),
    ]
    for path in remains:
        path.unlink(missing_ok=True)
    return len(remains)


def _acquire(descriptor: int, patience: float) -> None:
    os.set_inheritable(descriptor, False)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise MirrorBusy(
                    "Another process is reading this repository just now; try again in a minute."
                ) from None
            time.sleep(_STEP)
        else:
            return

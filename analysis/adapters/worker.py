"""Who works on a run: a process of a host, and whether it is certainly gone."""

import os
import socket
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


def current_worker() -> str:
    """Return the name of this process among all workers: where it runs, and its number there."""
    return f"{_place()}:{os.getpid()}"


def is_gone(worker: str) -> bool:
    """Whether the worker has certainly ended: it was a process of this place and is no more.

    Of other places nothing is known; there only the end of the lease tells.
    """
    place, _, process = worker.rpartition(":")
    if place != _place() or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _place() -> str:
    """Where process numbers mean the same: a host since its start, and a container in it."""
    try:
        return f"{socket.gethostname()}/{_BOOT.read_text().strip()}/{_NAMESPACE.readlink()}"
    except OSError:  # not Linux: a name that no other process will equal
        return f"{socket.gethostname()}/{os.getpid()}"

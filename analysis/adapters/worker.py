"""Who works on a run: a process of a host, and whether it is certainly gone."""

import os
import socket


def current_worker() -> str:
    """Return the name of this process among all workers: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(worker: str) -> bool:
    """Whether the worker has certainly ended: it was a process of this host and is no more.

    Of other hosts nothing is known; there only the end of the lease tells.
    """
    host, _, process = worker.rpartition(":")
    if host != socket.gethostname() or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False

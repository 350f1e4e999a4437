"""A module as a process of its own: it is asked in JSON, answers in JSON, and has so much time.

For code that is not trusted to come back, to free its memory or to keep the environment to itself.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from django.conf import settings

# What a library needs to run and to trust certificates; none of this program's own secrets.
_PASSED_ON = (
    "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR",
    "TZ",
)  # fmt: skip


class ChildFailed(Exception):
    """The process ended without an answer. `is_time_over`: because it was killed for its time."""

    def __init__(self, message: str, *, is_time_over: bool = False) -> None:
        super().__init__(message)
        self.is_time_over = is_time_over


def ask(module: str, question: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
    """Run `python -m module`, give it the question on stdin and return what it says on stdout.

    Raises ChildFailed. Everything that the process started is killed with it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(json.dumps(question).encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ChildFailed(
            f"It did not end within {seconds:g} seconds.", is_time_over=True
        ) from None
    finally:
        _end(process)
    try:
        answer = json.loads(said)
    except ValueError:
        answer = None
    if process.returncode or not isinstance(answer, dict):
        raise ChildFailed(f"It ended without an answer (status {process.returncode}).")
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started, unless it has ended by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            pipe.close()
    process.wait()

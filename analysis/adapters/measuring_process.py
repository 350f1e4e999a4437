"""One pair of processes that measures blobs: Git, and the worker that reads what Git writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from analysis.adapters.measuring_worker import LENGTH, unpack
from analysis.domain.python_source import LARGEST_SOURCE
from analysis.domain.source import SourceError, SourceFacts

_ROOT = Path(__file__).resolve().parents[2]
_WORKER = ("-S", "-s", "-P", "-m", "analysis.adapters.measuring_worker")
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: bytes, seconds of processor time, bytes of address space.

    `patience` is the longest silence, in seconds of the wall clock, before a process that does
    not even compute is given up.
    """

    size: int = LARGEST_SOURCE
    seconds: float = 20.0
    memory: int = 600 << 20
    patience: float = 300.0


class MeasuringFailed(Exception):
    """The measuring itself does not work here, whatever the blob."""


class MeasuringProcess:
    """Git and the measuring process behind it; `pending` are the object ids not yet answered."""

    def __init__(self, git_dir: str, limits: Limits) -> None:
        self.pending: deque[str] = deque()
        self.heard = time.monotonic()
        self._ready = False
        self._silent = False
        self._buffer = bytearray()
        self._git = subprocess.Popen(
            ["git", "--git-dir", git_dir, "cat-file", "--batch"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            bufsize=0, env=_environment(), start_new_session=True,
        )  # fmt: skip
        arguments = (str(limits.seconds), str(limits.size), str(limits.memory))
        self._process = subprocess.Popen(
            [sys.executable, *_WORKER, *arguments],
            stdin=self._git.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            bufsize=0, env=_environment() | {"PYTHONPATH": str(_ROOT)}, start_new_session=True,
        )  # fmt: skip
        cast("IO[bytes]", self._git.stdout).close()
        self._requests = cast("IO[bytes]", self._git.stdin)
        self.results = cast("IO[bytes]", self._process.stdout)

    def ask(self, oids: Sequence[str]) -> None:
        self.pending.extend(oids)
        try:
            for oid in oids:
                self._requests.write(oid.encode() + b"\n")
        except BrokenPipeError:
            return  # Git has ended; the end of the results says so too

    def read(self) -> list[tuple[str, SourceFacts | SourceError]] | None:
        """Return the results that have come, None at the end of the process."""
        piece = os.read(self.results.fileno(), _PIECE)
        if not piece:
            return None
        self.heard = time.monotonic()
        self._buffer += piece
        return list(self._messages())

    def _messages(self) -> Iterator[tuple[str, SourceFacts | SourceError]]:
        buffer = self._buffer
        start = 0
        while len(buffer) >= start + LENGTH.size:
            (length,) = LENGTH.unpack_from(buffer, start)
            end = start + LENGTH.size + length
            if len(buffer) < end:
                break
            if length:
                yield self.pending.popleft(), unpack(bytes(buffer[end - length : end]))
            else:
                self._ready = True
            start = end
        del buffer[:start]

    def give_up(self) -> None:
        """End a process that has been silent for too long; the end of its results follows."""
        self._silent = True
        self._process.kill()

    def epitaph(self) -> SourceError:
        """Return what the end of the process, already seen, means for the blob it was at.

        Raises MeasuringFailed if it ended before it was ready to measure anything.
        """
        status = self._process.wait()
        if not self._ready:
            raise MeasuringFailed(
                f"The measuring process does not start (status {status}); to see why, run "
                f"{sys.executable} {' '.join(_WORKER)} 1 1 {1 << 30} in {_ROOT}."
            )
        if self._silent or status == -signal.SIGPROF:
            return SourceError("timeout", "Measuring the file took too long.")
        if status == 0:  # it saw the end of its input, so it was Git that ended
            return SourceError("missing", "Git could not read this content.")
        return SourceError("crashed", f"Measuring the file {_how(status)}.")

    def stop(self) -> None:
        """End both processes, whatever they are doing, and wait for them."""
        self._requests.close()
        for process in (self._process, self._git):
            process.kill()
            process.wait()
        self.results.close()


def _how(status: int) -> str:
    if status > 0:
        return f"ended the process with status {status}"
    return f"brought the process down ({signal.Signals(-status).name})"


def check_repository(git_dir: str) -> None:
    """Raise MeasuringFailed if `git_dir` is no Git directory, or Git is not there."""
    try:
        subprocess.run(
            ["git", "--git-dir", git_dir, "rev-parse", "--git-dir"],
            check=True, capture_output=True, env=_environment(),
        )  # fmt: skip
    except FileNotFoundError as error:
        raise MeasuringFailed("The git program is not installed here; install it.") from error
    except subprocess.CalledProcessError as error:
        raise MeasuringFailed(f"{git_dir} is not a Git directory.") from error


def _environment() -> dict[str, str]:
    """Neither the settings of this machine nor its secrets are any business of the children."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }

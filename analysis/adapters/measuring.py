"""Measure blobs of a repository in processes of their own, which strangers' code may bring down.

Each process is the end of a pipe `git cat-file --batch | measuring_worker`: the parent writes the
object ids to Git and reads the facts from the worker. A worker that crashes or takes too long
costs the one blob it was at; the rest goes on in a fresh pair of processes.
"""

from __future__ import annotations

import selectors
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from analysis.adapters.measuring_process import (
    Limits,
    MeasuringFailed,
    MeasuringProcess,
    check_repository,
)
from analysis.domain.source import SourceError, SourceFacts

__all__ = ["Limits", "Measured", "MeasuringFailed", "Standby", "Wanted", "measure_blobs"]

# Object ids written ahead: enough to keep Git busy, too few to fill a pipe.
_AHEAD = 24
_GIT_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A blob to measure. `path_hint` only decides the order; `size` is in bytes."""

    oid: str
    path_hint: str
    language: str
    size: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one blob: its facts, or why there are none."""

    oid: str
    facts: SourceFacts | None
    error: SourceError | None


class Standby:
    """A measuring process that starts while its caller still finds out what to measure.

    Use it in a `with` block: a process that nobody took ends with it.
    """

    def __init__(self, git_dir: Path | str, limits: Limits | None = None) -> None:
        self._git_dir = str(git_dir)
        self._limits = limits or Limits()
        self._process: MeasuringProcess | None = None

    def start(self) -> None:
        """Start the process, unless it is there already."""
        if self._process is None:
            self._process = MeasuringProcess(self._git_dir, self._limits)

    def take(self) -> MeasuringProcess | None:
        """Return the process to whoever asks first, from then on its owner."""
        process, self._process = self._process, None
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        process = self.take()
        if process is not None:
            process.stop()


def measure_blobs(
    git_dir: Path | str,
    wanted: Sequence[Wanted],
    *,
    processes: int = 2,
    limits: Limits | None = None,
    standby: Standby | None = None,
) -> Iterator[Measured]:
    """Measure each blob once and yield the results as they come, in no particular order.

    A process on `standby` is the first that is used.

    Blobs above the size limit are not even read. Nothing is held but what is on its way, so a
    slow caller slows the processes down. They end with the iterator, and with this process.
    Raises MeasuringFailed if Git or the measuring process cannot run.
    """
    limits = limits or Limits()
    blobs = {blob.oid: blob for blob in wanted}.values()
    for blob in blobs:
        if blob.size > limits.size:
            detail = f"The file has {blob.size} bytes, more than the {limits.size} measured."
            yield Measured(blob.oid, None, SourceError("too_large", detail))
    readable = [blob for blob in blobs if blob.size <= limits.size]
    if readable:
        # Versions of a file next to each other are next to each other in the pack.
        readable.sort(key=lambda blob: blob.path_hint)
        count = max(1, min(processes, len(readable)))
        yield from _Crew(str(git_dir), limits, _shares(readable, count), standby).run()


def _shares(blobs: list[Wanted], count: int) -> list[deque[str]]:
    """Cut the blobs into `count` runs of about the same number of bytes."""
    shares: list[deque[str]] = [deque() for _ in range(count)]
    total = sum(blob.size for blob in blobs) + 1
    before = 0
    for blob in blobs:
        shares[before * count // total].append(blob.oid)
        before += blob.size
    return shares


class _Crew:
    """The processes of one call and the blobs they still have to measure."""

    def __init__(
        self, git_dir: str, limits: Limits, shares: list[deque[str]], standby: Standby | None
    ) -> None:
        self._git_dir = git_dir
        self._limits = limits
        self._shares = shares
        self._standby = standby
        self._git_failures = 0  # in a row
        self._selector = selectors.DefaultSelector()
        self._workers: dict[int, MeasuringProcess] = {}

    def run(self) -> Iterator[Measured]:
        if self._standby is None:
            check_repository(self._git_dir)
        try:
            for number in range(len(self._shares)):
                self._start(number, ())
            while any(worker.pending for worker in self._workers.values()):
                for number in self._ready():
                    yield from self._collect(number)
        finally:
            for worker in self._workers.values():
                worker.stop()
            self._selector.close()

    def _start(self, number: int, again: Sequence[str]) -> None:
        spare = self._standby.take() if self._standby else None
        worker = spare or MeasuringProcess(self._git_dir, self._limits)
        self._workers[number] = worker
        self._selector.register(worker.results, selectors.EVENT_READ, number)
        worker.ask(again)
        self._feed(number)

    def _feed(self, number: int) -> None:
        """Keep a worker busy from its own share, and when that is done from the longest other."""
        worker, own = self._workers[number], self._shares[number]
        while len(worker.pending) < _AHEAD:
            if own:
                worker.ask((own.popleft(),))
            elif longest := max(self._shares, key=len):
                worker.ask((longest.pop(),))
            else:
                return

    def _ready(self) -> list[int]:
        ready = [key.data for key, _ in self._selector.select(self._limits.patience)]
        now = time.monotonic()
        for number, worker in self._workers.items():
            silent = now - worker.heard > self._limits.patience
            if silent and worker.pending and number not in ready:
                worker.give_up()
        return ready

    def _collect(self, number: int) -> Iterator[Measured]:
        worker = self._workers[number]
        results = worker.read()
        if results is None:
            yield from self._replace(number)
            return
        if results:
            self._git_failures = 0
        self._feed(number)
        for oid, result in results:
            if isinstance(result, SourceError):
                yield Measured(oid, None, result)
            else:
                yield Measured(oid, result, None)

    def _replace(self, number: int) -> Iterator[Measured]:
        """Report the blob that a dead worker was at, and start another for the rest."""
        worker = self._workers[number]
        self._selector.unregister(worker.results)
        error = worker.epitaph()
        worker.stop()
        lost = worker.pending.popleft() if worker.pending else None
        if error.reason == "missing":
            self._git_failures += 1
            if self._git_failures == _GIT_FAILURES:
                raise MeasuringFailed(
                    f"Git stops at each object of {self._git_dir}; run git fsck there."
                )
        self._start(number, worker.pending)
        if lost is not None:
            yield Measured(lost, None, error)

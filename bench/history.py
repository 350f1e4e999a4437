"""Reading a whole history against `git log --numstat -M` on the same repository.

    python -m bench.history PATH_OF_A_REPOSITORY [--processes 2] [--rounds 1]

Prints the seconds of git alone, of reading + folding + coupling, their ratio, and the peak memory
of this process and its git children (proportional set size, so shared pages count once).
"""

import argparse
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.adapters.git import read_history
from analysis.domain.coupling import change_coupling
from analysis.domain.history import HistoryFold

_SAMPLE_SECONDS = 0.2


class PeakMemory:
    """The highest sum of the proportional set sizes of this process and its children, in MiB."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._stop = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Sample in the background while the block runs."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(_memory(pid) for pid in _family()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    for _ in range(options.rounds):
        _measure(options.repository, options.processes)


def _measure(repository: Path, processes: int) -> None:
    head = _git(repository, "rev-parse", "HEAD")
    started = time.perf_counter()
    reached = _git_log_commits(repository)
    alone = time.perf_counter() - started

    memory = PeakMemory()
    fold = HistoryFold()
    changesets = []
    changes = 0
    started = time.perf_counter()
    with memory.watching():
        for record in read_history(repository, head, processes=processes):
            folded = fold.add(record)
            changes += len(folded.changes)
            changesets.append(folded.changeset)
        read = time.perf_counter() - started
        pairs = change_coupling(changesets)
    ours = time.perf_counter() - started

    if reached < fold.commits:
        print(f"git log stopped after {reached} of {fold.commits} commits: its time is too short")
    print(
        f"{fold.commits} commits, {changes} changes, {len(fold.files)} files, {len(pairs)} pairs\n"
        f"git log --numstat -M  {alone:7.2f} s\n"
        f"read and fold         {read:7.2f} s\n"
        f"with coupling         {ours:7.2f} s   ratio {ours / alone:.2f}\n"
        f"peak memory           {memory.peak:7.0f} MiB"
    )


def _git_log_commits(repository: Path) -> int:
    """Run the baseline; returns how many commits it got through."""
    with subprocess.Popen(
        ["git", "log", "--format=commit %H", "--numstat", "-M", "HEAD"],
        cwd=repository,
        stdout=subprocess.PIPE,
    ) as log:
        assert log.stdout is not None
        return sum(line.startswith(b"commit ") for line in log.stdout)


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], cwd=repository, text=True).strip()


def _family() -> list[int]:
    family = [process_id := int(Path("/proc/self").readlink().name)]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process_id:
            family.append(int(stat.parent.name))
    return family


def _memory(process_id: int) -> float:
    try:
        lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()

"""A first analysis of a real repository, and a second one after a commit of 20 files.

    python -m bench.pipeline PATH_OF_A_REPOSITORY [--files 20] [--rounds 3]

Everything is real: a data directory of its own, the database of DISPLACE_DATABASE_URL (SQLite in
that directory by default), a clone that gets the new commits. Prints the seconds of each stage,
the ratio of the first analysis to the second, and the peak memory of the process and its children.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from bench.history import PeakMemory

Stages = dict[str, float]


class StageClock:
    """Measures how long an analysis stays in each stage."""

    def __init__(self) -> None:
        self.seconds: Stages = {}
        self._stage, self._since = "", time.perf_counter()

    def listen(self, stage: str, _done: int, _total: int) -> None:
        """Take note of a report."""
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    def stop(self) -> Stages:
        """End the last stage and return all."""
        self.listen("", 0, 0)
        return self.seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="displace-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "displace.settings"
        os.environ["DISPLACE_DATA_DIR"] = str(Path(folder) / "data")
        clone = Path(folder) / "clone"
        _git(Path(folder), "clone", "-q", str(options.repository), str(clone))
        _measure(clone, options.files, options.rounds)


def _measure(clone: Path, files: int, rounds: int) -> None:
    # The settings read the environment, so Django starts only now.
    import django  # noqa: PLC0415 - see above
    from django.core.management import call_command  # noqa: PLC0415 - see above

    django.setup()
    call_command("migrate", verbosity=0)
    memory = PeakMemory()
    with memory.watching():
        first, stages = _analyse(clone)
    print(f"first analysis        {first:8.2f} s   {_shown(stages)}")
    print(f"peak memory           {memory.peak:8.0f} MiB")
    seconds = []
    for number in range(rounds):
        _commit(clone, files, number)
        second, stages = _analyse(clone)
        seconds.append(second)
        print(f"after {files} files        {second:8.2f} s   {_shown(stages)}")
    middle = sorted(seconds)[len(seconds) // 2]
    print(f"first / second        {first / middle:8.1f} x (median of {rounds})")


def _analyse(clone: Path) -> tuple[float, Stages]:
    from analysis import services  # noqa: PLC0415 - needs Django's settings

    clock = StageClock()
    started = time.perf_counter()
    repository = services.repository_register(location=str(clone))
    services.analyse_now(repository=repository, listener=clock.listen)
    return time.perf_counter() - started, clock.stop()


def _commit(clone: Path, files: int, number: int) -> None:
    """Change that many Python files as people do: a new function and a new import in each."""
    paths = _git(clone, "ls-files", "*.py").split("\n")
    for path in paths[:: max(len(paths) // files, 1)][:files]:
        with (clone / path).open("a") as file:
            file.write(
                f"\n\ndef added_{number}(a):\n    import json\n    return json if a else 1\n"
            )
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org")
    _git(clone, *identity, "commit", "-q", "-a", "-m", f"Change {files} files")


def _shown(stages: Stages) -> str:
    return "  ".join(f"{stage} {seconds:.2f}" for stage, seconds in stages.items())


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    main()

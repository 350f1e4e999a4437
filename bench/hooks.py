"""What the hook script adds to a merge and to a push, in a repository of 5,000 files.

    python -m bench.hooks [--files 5000] [--annotations 200] [--changed 50] [--rounds 15]

Merges the same branch with and without the hooks of a client, and pushes the same commits to a
server with and without its hook, in turns, with a Displace server that answers, one that takes
two seconds, and none. Prints medians in milliseconds. The goals: a merge under 150 ms more, and a
post-receive that ends in under 60 ms. Exit status 1 when a goal is missed.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.fakes.receiver import ENDPOINT, SECRET, receiver

SCRIPT = Path(__file__).resolve().parents[1] / "hooks" / "client" / "displace-hook"
MERGE_GOAL, PUSH_GOAL = 150.0, 60.0
# `python3` is the Python that runs this, and no script that looks for one.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org",
}  # fmt: skip
BODY = "".join(
    f"def step_{number}(value):\n    return value + {number}\n\n" for number in range(40)
)


def run(*command: str, cwd: Path, stdin: str = "") -> str:
    done = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, input=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Took(NamedTuple):
    """Milliseconds on the clock and of the processor, which other work hardly changes."""

    clock: float
    processor: float

    def __sub__(self, other: "Took") -> "Took":
        return Took(self.clock - other.clock, self.processor - other.processor)


def now() -> Took:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(time.perf_counter() * 1000, (used.ru_utime + used.ru_stime) * 1000)


def milliseconds(action: Callable[[], object]) -> Took:
    before = now()
    action()
    return now() - before


def annotation(number: int) -> str:
    return f"# DEBT(debt-{number}, owner=payments) [2099-03-01]: number {number}\n"


def build(work: Path, options: argparse.Namespace) -> None:
    """A work tree with files, annotations, and a branch `topic` that changes some of them."""
    run("git", "init", "--quiet", "--initial-branch=main", cwd=work)
    paths = [
        work / f"part_{n % 50}" / f"module_{n}.py" for n in range(options.files)
    ]  # fifty folders, as in a project of this size
    for number, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        mark = annotation(number) if number < options.annotations else ""
        path.write_text(mark + BODY, encoding="utf-8")
    run("git", "add", "--all", cwd=work)
    run("git", "commit", "--quiet", "--message", "all", cwd=work)
    run("git", "gc", "--quiet", cwd=work)
    run("git", "switch", "--quiet", "--create", "topic", cwd=work)
    for number, path in enumerate(paths[-options.changed :]):
        path.write_text(annotation(90_000 + number) + BODY + "x = 1\n", encoding="utf-8")
    run("git", "commit", "--quiet", "--all", "--message", "topic", cwd=work)
    run("git", "switch", "--quiet", "main", cwd=work)


def merge_times(work: Path, rounds: int) -> tuple[list[Took], list[Took]]:
    """Milliseconds of the same merge with and without the hooks, in turns."""
    times: dict[str, list[Took]] = {"install": [], "uninstall": []}
    for _ in range(rounds):
        for command, found in times.items():
            run(sys.executable, str(SCRIPT), command, cwd=work)
            merge = ("git", "merge", "--quiet", "--no-ff", "--no-edit", "topic")
            found.append(milliseconds(lambda merge=merge: run(*merge, cwd=work)))
            run("git", "reset", "--quiet", "--hard", "HEAD~1", cwd=work)
    return times["install"], times["uninstall"]


def push_times(work: Path, bare: Path, rounds: int) -> tuple[list[Took], list[Took]]:
    """Milliseconds of a push without and with the hook, and of the hook alone."""
    pushes: list[Took] = []
    hooks: list[Took] = []
    for _ in range(rounds):
        old = run("git", "rev-parse", "HEAD", cwd=work)
        run("git", "commit", "--quiet", "--allow-empty", "--message", "x", cwd=work)
        pushes.append(
            milliseconds(lambda: run("git", "push", "--quiet", str(bare), "main", cwd=work))
        )
        new = run("git", "rev-parse", "HEAD", cwd=work)
        update = f"{old} {new} refs/heads/main\n"
        hook = str(bare / "hooks" / "post-receive")
        if Path(hook).exists():
            hooks.append(
                milliseconds(lambda hook=hook, update=update: run(hook, cwd=bare, stdin=update))
            )
    return pushes, hooks


def report(name: str, figures: list[Took], goal: float = 0.0) -> bool:
    """Print a line; whether the goal, if there is one, is met."""
    median, best = (choose(one.clock for one in figures) for choose in (statistics.median, min))
    processor = statistics.median(one.processor for one in figures)
    verdict = f"  goal {goal:.0f}: {'met' if median < goal else 'MISSED'}" if goal else ""
    print(
        f"{name:<42} median {median:7.1f}  best {best:7.1f}  processor {processor:6.1f}{verdict}",
        flush=True,
    )
    return not goal or median < goal


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--annotations", type=int, default=200)
    parser.add_argument("--changed", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="displace-bench-") as folder, ExitStack() as stack:
        work, bare = Path(folder) / "work", Path(folder) / "server.git"
        work.mkdir()
        build(work, options)
        hooked, plain = merge_times(work, options.rounds)
        report("merge without hooks", plain)
        report("merge with hooks", hooked)
        added = [one - other for one, other in zip(hooked, plain, strict=True)]
        good = report("added to a merge", added, MERGE_GOAL)
        run("git", "clone", "--quiet", "--bare", str(work), str(bare), cwd=work)
        report("push without a hook", push_times(work, bare, options.rounds)[0])
        secret = Path(folder) / "secret"
        secret.write_text(SECRET, encoding="ascii")
        secret.chmod(0o600)
        server = stack.enter_context(receiver())
        install = (sys.executable, str(SCRIPT), "install", "--server", "--endpoint", ENDPOINT)
        run(*install, "--secret-file", str(secret), cwd=bare)
        run("git", "config", "displace.patience", "0", cwd=bare)
        for name, url, seconds in (
            ("up", server.url, 0.0), ("slow", server.url, 2.0), ("down", "http://127.0.0.1:9", 0.0),
        ):  # fmt: skip
            time.sleep(seconds + 3)  # the last events are still being sent
            server.seconds = seconds
            run("git", "config", "displace.url", url, cwd=bare)
            pushes, hooks = push_times(work, bare, options.rounds)
            report(f"push, the server is {name}", pushes)
            good = report(f"post-receive alone, the server is {name}", hooks, PUSH_GOAL) and good
        server.seconds = 0.0
        time.sleep(3)  # the last events are still being sent
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())

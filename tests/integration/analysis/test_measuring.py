"""Measuring blobs in processes of their own, with files that break them."""

import gc
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from analysis.adapters import measuring, measuring_process
from analysis.adapters.measuring import (
    Limits,
    Measured,
    MeasuringFailed,
    Wanted,
    measure_blobs,
)
from analysis.domain.python_source import measure_python
from tests.builders.git_history import History

# Python's own parser takes time quadratic in the number of fields of one f-string.
SLOW = b"x = f'" + b"{a}" * 60_000 + b"'\n"
FINE = b"def f(a):\n    return a and 1\n"
BROKEN: dict[str, tuple[bytes, str]] = {
    "deep_parentheses.py": (b"x = " + b"(" * 5000 + b")" * 5000, "too_deep"),
    "deep_sum.py": (b"x = 1" + b" + 1" * 50_000, "too_deep"),
    "deep_unary.py": (b"x = " + b"-" * 200_000 + b"1", "too_deep"),
    "binary.py": (b"\x00\x01\x02" * 1000, "binary"),
    "latin.py": (b"x = '\xe9'\n", "encoding"),
    "old.py": (b'print "hello"\n', "python2"),
    "broken.py": (b"def f(:\n", "syntax"),
}
READABLE = {
    "cookie.py": b"# coding: latin-1\ndef f(): return '\xe9'\n",
    "mark.py": b"\xef\xbb\xbfdef f(): pass\n",
    "empty.py": b"",
    "plain.py": FINE,
}


class Blobs:
    """A repository of one commit, and what to measure in it."""

    def __init__(self, path: Path, files: Mapping[str, bytes]) -> None:
        self.git_dir = History(path).commit("add", dict(files)).path
        self.wanted = []
        self.path_of = {}
        listing = self._git("ls-tree", "-r", "-l", "main")
        for line in listing.splitlines():
            head, name = line.split("\t")
            oid, size = head.split()[2:]
            self.wanted.append(Wanted(oid, name, "python", int(size)))
            self.path_of[oid] = name

    def _git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", "--git-dir", self.git_dir, *arguments],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def measure(self, limits: Limits | None = None, processes: int = 2) -> dict[str, Measured]:
        found = list(measure_blobs(self.git_dir, self.wanted, processes=processes, limits=limits))
        by_path = {self.path_of[result.oid]: result for result in found}
        assert len(by_path) == len(found) == len(self.wanted)
        return by_path


def reason(result: Measured) -> str | None:
    return result.error.reason if result.error else None


def many(count: int) -> dict[str, bytes]:
    return {f"m{n:03}.py": b"def f%d(): pass\n" % n * (n % 7 + 1) for n in range(count)}


@pytest.fixture
def children() -> Iterator[list[measuring_process.MeasuringProcess]]:
    """The measuring processes started during a test; at its end none may be left."""
    started: list[measuring_process.MeasuringProcess] = []
    original = measuring_process.MeasuringProcess

    class Noted(original):
        def __init__(self, *arguments) -> None:
            super().__init__(*arguments)
            started.append(self)

    measuring.MeasuringProcess = Noted
    try:
        yield started
    finally:
        measuring.MeasuringProcess = original
    for child in started:
        assert child._process.poll() is not None
        assert child._git.poll() is not None


def test_results_are_those_of_measuring_here(tmp_path: Path) -> None:
    files = many(120) | READABLE
    blobs = Blobs(tmp_path / "r.git", files)
    for path, result in blobs.measure().items():
        assert result.facts == measure_python(files[path])


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_unreadable_files_cost_nobody_else_a_thing(tmp_path: Path, processes: int) -> None:
    files = {name: source for name, (source, _) in BROKEN.items()} | READABLE | many(40)
    results = Blobs(tmp_path / "r.git", files).measure(processes=processes)
    expected = {name: why for name, (_, why) in BROKEN.items()}
    assert {name: reason(result) for name, result in results.items() if result.error} == expected


def test_a_slow_file_is_given_up_alone(tmp_path: Path, children) -> None:
    files = many(40) | {"m020_slow.py": SLOW, "m021_slow.py": SLOW + b"#"}
    results = Blobs(tmp_path / "r.git", files).measure(Limits(seconds=0.5))
    errors = {name: reason(result) for name, result in results.items() if result.error}
    assert errors == {"m020_slow.py": "timeout", "m021_slow.py": "timeout"}
    assert len(children) == 4


def test_a_file_that_needs_too_much_memory_is_given_up_alone(tmp_path: Path) -> None:
    files = many(20) | {"m010_wide.py": b"x = " + b"a," * 400_000}
    results = Blobs(tmp_path / "r.git", files).measure(Limits(memory=200 << 20))
    errors = {name: result.error for name, result in results.items() if result.error}
    assert list(errors) == ["m010_wide.py"]
    assert errors["m010_wide.py"].reason in {"too_deep", "too_large"}


def test_a_large_file_is_not_read(tmp_path: Path, children) -> None:
    blobs = Blobs(tmp_path / "r.git", {"large.py": b"x = 1\n" * 1000})
    (result,) = blobs.measure(Limits(size=5999)).values()
    assert reason(result) == "too_large"
    assert not children


def test_a_wrong_size_does_not_get_a_large_file_in(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "r.git", many(5) | {"large.py": b"x = 1\n" * 100_000})
    blobs.wanted = [Wanted(b.oid, b.path_hint, b.language, 1) for b in blobs.wanted]
    results = blobs.measure(Limits(size=5999), processes=1)
    assert {n: reason(r) for n, r in results.items() if r.error} == {"large.py": "too_large"}


@pytest.mark.parametrize("sent", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_process_that_dies_costs_the_file_it_was_at(tmp_path: Path, children, sent) -> None:
    blobs = Blobs(tmp_path / "r.git", many(30) | {"m015_slow.py": SLOW})
    results = measure_blobs(blobs.git_dir, blobs.wanted, processes=1)
    before = [next(results) for _ in range(16)]
    time.sleep(0.3)  # it is at the slow file now
    os.kill(children[0]._process.pid, sent)
    found = {blobs.path_of[result.oid]: result for result in [*before, *results]}
    assert len(found) == 31
    assert {n: reason(r) for n, r in found.items() if r.error} == {"m015_slow.py": "crashed"}
    assert sent.name in found["m015_slow.py"].error.detail


def test_half_a_message_is_not_taken_for_one(tmp_path: Path, children) -> None:
    blobs = Blobs(tmp_path / "r.git", many(30) | {"m015_slow.py": SLOW})
    results = measure_blobs(blobs.git_dir, blobs.wanted, processes=1)
    before = [next(results) for _ in range(16)]
    # As if the process had died in the middle of writing.
    children[0]._buffer += measuring_process.LENGTH.pack(1000) + b"half"
    os.kill(children[0]._process.pid, signal.SIGKILL)
    found = {blobs.path_of[result.oid]: result for result in [*before, *results]}
    assert {n: reason(r) for n, r in found.items() if r.error} == {"m015_slow.py": "crashed"}


def test_a_process_that_hangs_without_computing_is_given_up(tmp_path: Path, children) -> None:
    blobs = Blobs(tmp_path / "r.git", many(30) | {"m015_slow.py": SLOW})
    results = measure_blobs(blobs.git_dir, blobs.wanted, processes=1, limits=Limits(patience=2.0))
    before = [next(results) for _ in range(16)]
    os.kill(children[0]._process.pid, signal.SIGSTOP)
    found = {blobs.path_of[result.oid]: result for result in [*before, *results]}
    assert {n: reason(r) for n, r in found.items() if r.error} == {"m015_slow.py": "timeout"}


def test_git_that_dies_is_replaced(tmp_path: Path, children) -> None:
    blobs = Blobs(tmp_path / "r.git", many(200))
    results = measure_blobs(blobs.git_dir, blobs.wanted, processes=1)
    first = next(results)
    os.kill(children[0]._git.pid, signal.SIGKILL)
    found = [first, *results]
    assert len(found) == 200
    assert {reason(result) for result in found} <= {None, "missing"}
    assert sum(result.facts is None for result in found) <= 1


def test_content_that_is_not_there_is_missing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "r.git", READABLE)
    absent = Wanted("1" * 40, "gone.py", "python", 10)
    results = list(measure_blobs(blobs.git_dir, [absent, *blobs.wanted]))
    assert {r.oid: reason(r) for r in results if r.error} == {"1" * 40: "missing"}
    assert len(results) == 5


def test_the_same_content_is_measured_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "r.git", {"a.py": FINE})
    assert len(list(measure_blobs(blobs.git_dir, blobs.wanted * 3))) == 1


def test_nothing_to_measure_starts_nothing(tmp_path: Path, children) -> None:
    assert list(measure_blobs(tmp_path, [])) == []
    assert not children


def test_a_directory_that_is_no_repository_is_told(tmp_path: Path) -> None:
    wanted = [Wanted("1" * 40, "a.py", "python", 1)]
    with pytest.raises(MeasuringFailed, match="is not a Git directory"):
        list(measure_blobs(tmp_path, wanted))


def test_processes_end_with_an_iterator_that_is_left(tmp_path: Path, children) -> None:
    blobs = Blobs(tmp_path / "r.git", many(300))
    results = measure_blobs(blobs.git_dir, blobs.wanted)
    next(results)
    del results
    gc.collect()
    assert len(children) == 2  # the fixture sees that both have ended


def test_a_caller_that_waits_holds_the_processes_back(tmp_path: Path, children) -> None:
    blobs = Blobs(tmp_path / "r.git", many(400))
    results = measure_blobs(blobs.git_dir, blobs.wanted, processes=1)
    next(results)
    time.sleep(0.5)
    assert len(children[0].pending) <= 24
    assert sum(1 for _ in results) == 399


def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "r.git", many(400))
    wanted = [(b.oid, b.path_hint, b.language, b.size) for b in blobs.wanted]
    program = (
        "import os, sys\n"
        "from analysis.adapters import measuring\n"
        "from analysis.adapters.measuring import Wanted, measure_blobs\n"
        "pids = []\n"
        "class Noted(measuring.MeasuringProcess):\n"
        "    def __init__(self, *arguments):\n"
        "        super().__init__(*arguments)\n"
        "        pids.extend([self._process.pid, self._git.pid])\n"
        "measuring.MeasuringProcess = Noted\n"
        f"results = measure_blobs({str(blobs.git_dir)!r}, [Wanted(*w) for w in {wanted!r}])\n"
        "next(results)\n"
        "print(*pids, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [measuring_process.sys.executable, "-c", program],
        capture_output=True, text=True, check=False, cwd=measuring_process._ROOT,
    )  # fmt: skip
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 4, done.stderr
    deadline = time.monotonic() + 10
    while any(map(_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_running, pids))


def _running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # ended, and only waiting for init to notice

"""All Python metrics of one snapshot, against ast.parse and against Radon, in one run.

    python bench/snapshot_metrics.py PATH_OF_A_REPOSITORY [--sample N] [--json FILE]

Compares, on the same files of the tip: plain ast.parse with everything measured here (goal: at
most 2 times), both in one process; and Radon's four functions with measuring here, both on two
processes (goal: at least 20 times as fast). Radon gets a time limit for each file; what exceeds
it is left out on both sides. Seconds of the processor are compared as well as those of the wall
clock, which on a busy machine say less. Every figure that differs from Radon's is counted.
"""

import argparse
import ast
import gc
import json
import multiprocessing
import random
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# Also runs as a file, without the package around it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from radon.complexity import cc_visit
from radon.metrics import h_visit, mi_visit
from radon.raw import analyze

from analysis.adapters.measuring import Measured, Wanted, measure_blobs
from analysis.domain.python_reading import decode, parse
from analysis.domain.python_source import LARGEST_SOURCE, measure_python
from analysis.domain.source import SourceFacts, SourceUnreadable

Figures = tuple[tuple[int, ...], tuple[int, ...], float]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the snapshot that Python can parse."""

    wanted: Wanted
    source: bytes
    text: str


class _TooSlow(BaseException):
    pass


def main() -> None:
    """Measure, print, and write the JSON."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("repository", help="a Git directory")
    arguments.add_argument("--sample", type=int, help="only this many files, chosen at random")
    arguments.add_argument("--limit", type=int, default=60, help="seconds for Radon and one file")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json", type=Path, help="where to write the figures")
    options = arguments.parse_args()
    warnings.simplefilter("ignore")
    files = _read(options.repository, options.sample)
    results = {"files": len(files), "lines": sum(file.text.count("\n") for file in files)}
    results |= _against_parse(files, options.rounds)
    results |= _against_radon(options.repository, files, options.limit)
    for name, value in results.items():
        print(f"{name:<36}{value:>12.2f}" if isinstance(value, float) else f"{name:<36}{value:>9}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


def _read(repository: str, sample: int | None) -> list[File]:
    command = ["git", "--git-dir", repository]
    listing = subprocess.run(
        [*command, "ls-tree", "-r", "-l", "-z", "HEAD"], check=True, capture_output=True, text=True
    ).stdout
    wanted = {}
    for row in listing.split("\0")[:-1]:
        head, path = row.split("\t")
        _, kind, oid, size = head.split()
        if kind == "blob" and path.endswith(".py") and int(size) <= LARGEST_SOURCE:
            wanted[oid] = Wanted(oid, path, "python", int(size))
    chosen = list(wanted.values())
    if sample and sample < len(chosen):
        chosen = random.Random(0).sample(chosen, sample)
    files = []
    for blob in chosen:
        source = subprocess.run(
            [*command, "cat-file", "blob", blob.oid], check=True, capture_output=True
        ).stdout
        try:
            text = decode(source)
            parse(text)
        except SourceUnreadable:
            continue
        files.append(File(blob, source, text))
    return files


def _against_parse(files: list[File], rounds: int) -> dict[str, float]:
    """Seconds of the processor, in this process; medians of interleaved rounds."""
    parsing, measuring = [], []
    for _ in range(rounds):
        parsing.append(_seconds(lambda: _for_each(ast.parse, [file.text for file in files])))
        gc.disable()  # as the measuring processes do
        measuring.append(
            _seconds(lambda: _for_each(measure_python, [file.source for file in files]))
        )
        gc.enable()
    return {
        "ast.parse, s": median(parsing),
        "all metrics, s": median(measuring),
        "all metrics / ast.parse (<= 2)": median(measuring) / median(parsing),
    }


def _for_each(function: Callable[..., object], values: Iterable[object]) -> None:
    for value in values:
        function(value)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _against_radon(repository: str, files: list[File], limit: int) -> dict[str, float]:
    start = time.perf_counter()
    tasks = [(file.text, limit) for file in files]
    with multiprocessing.Pool(2) as pool:
        by_radon = pool.starmap(_radon, tasks, chunksize=1)
    wall = time.perf_counter() - start
    pairs = [(file, *found) for file, found in zip(files, by_radon, strict=True) if found]
    left_out = len(files) - len(pairs)
    processor = sum(seconds for _, seconds, _ in pairs)
    before, start = _children(), time.perf_counter()
    measured = list(measure_blobs(repository, [file.wanted for file, *_ in pairs], processes=2))
    our_wall = time.perf_counter() - start
    our_processor = _children() - before
    return {
        "radon left out (time limit, error)": left_out,
        "figures unlike radon's": _differences(measured, pairs),
        "radon, 2 processes, wall s": wall,
        "ours, 2 processes, wall s": our_wall,
        "radon, processor s": processor,
        "ours, processor s (git included)": our_processor,
        "radon / ours, processor (>= 20)": processor / our_processor,
        # What was spent on files left out is no fair part of the comparison.
        "radon / ours, wall (>= 20)": (wall - left_out * limit / 2) / our_wall,
    }


def _radon(text: str, limit: int) -> tuple[float, Figures] | None:
    """The processor's seconds and the figures; None: it took too long or failed."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    start = time.process_time()
    try:
        blocks, raw, total, index = (
            cc_visit(text), analyze(text), h_visit(text).total, mi_visit(text, multi=True)
        )  # fmt: skip
    except (_TooSlow, SyntaxError, RecursionError):
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    seconds = time.process_time() - start
    del blocks
    return seconds, (tuple(raw), tuple(total[:4]), index)


def _stop(*_: object) -> None:
    raise _TooSlow


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _differences(measured: list[Measured], pairs: list[tuple[File, float, Figures]]) -> int:
    expected = {file.wanted.oid: figures for file, _, figures in pairs}
    return sum(
        result.facts is None or _figures(result.facts) != expected[result.oid]
        for result in measured
    )


def _figures(facts: SourceFacts) -> Figures:
    raw, halstead = facts.raw, facts.halstead
    counts = (
        raw.loc, raw.lloc, raw.sloc, raw.comments, raw.multi, raw.blank, raw.single_comments
    )  # fmt: skip
    totals = (halstead.h1, halstead.h2, halstead.N1, halstead.N2)
    return counts, totals, facts.maintainability_index


if __name__ == "__main__":
    main()

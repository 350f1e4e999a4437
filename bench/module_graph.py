"""The module graph from stored import statements against grimp's cold build of the same commit.

    python -m bench.module_graph PATH_OF_A_REPOSITORY [--rounds 3]

Prints the seconds of grimp (cache off, scanning its own files), of finding modules and resolving
imports, their ratio (goal: at most 3), every difference in the edges, and the seconds of all graph
metrics, on the repository and on generated graphs (goal: 20,000 modules and 150,000 dependencies
in under 10 s). Packages whose name occurs twice are left out of the comparison: grimp can hold
only one of them.
"""

import argparse
import io
import json
import random
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

from analysis.domain.graph import graph_metrics
from analysis.domain.graph_cycles import explain_cycle
from analysis.domain.modules import find_modules, resolve_imports
from analysis.domain.python_source import measure_python
from analysis.domain.source import ImportStatement, SourceUnreadable
from analysis.domain.source_tree import name_of, parent_of

GENERATED = ((3_000, 12_000), (20_000, 150_000))

# In a process of its own, so that no package is taken for one that is already imported here.
GRIMP = """
import json, sys, time
import grimp
roots, packages, rounds = json.loads(sys.stdin.read())
sys.path[:0] = roots
seconds = []
for _ in range(rounds):
    started = time.perf_counter()
    graph = grimp.build_graph(*packages, cache_dir=None)
    seconds.append(time.perf_counter() - started)
edges = [(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)]
print(json.dumps([seconds, edges]))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        _check_out(options.repository, Path(top))
        _measure_repository(Path(top), options.rounds)
    for modules, dependencies in GENERATED:
        _measure_generated(modules, dependencies)


def _check_out(repository: Path, top: Path) -> None:
    archive = subprocess.check_output(["git", "archive", "HEAD"], cwd=repository)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(top, filter="data")


def _measure_repository(top: Path, rounds: int) -> None:
    imports = _stored_imports(top)
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        modules = find_modules(imports, imports)
        dependencies = resolve_imports(modules, imports)
        seconds.append(time.perf_counter() - started)
    ours = median(seconds)

    every = {module.package_root for module in modules}
    times = Counter(map(name_of, every))
    compared = {root for root in every if times[name_of(root)] == 1}
    name = {module.path: module.name for module in modules if module.package_root in compared}
    theirs, expected = _with_grimp(top, compared, rounds)
    edges = {
        (name[edge.importer], name[edge.imported])
        for edge in dependencies
        if edge.importer in name and edge.imported in name
    }
    print(
        f"{len(every)} packages ({len(compared)} compared), {len(modules)} modules, "
        f"{len(dependencies)} dependencies\n"
        f"grimp, cache off      {theirs:7.3f} s\n"
        f"find and resolve      {ours:7.3f} s   ratio {ours / theirs:.2f}\n"
        f"edges only in grimp: {sorted(expected - edges)}, only here: {sorted(edges - expected)}"
    )
    _measure_metrics(
        [module.path for module in modules], [(e.importer, e.imported) for e in dependencies]
    )


def _stored_imports(top: Path) -> dict[str, tuple[ImportStatement, ...]]:
    imports = {}
    for path in sorted(top.rglob("*.py")):
        if path.is_symlink() or not path.is_file():
            continue
        key = path.relative_to(top).as_posix()
        try:
            imports[key] = measure_python(path.read_bytes()).imports
        except SourceUnreadable as error:
            imports[key] = ()
            print(f"{key}: {error}")
    return imports


def _with_grimp(top: Path, roots: set[str], rounds: int) -> tuple[float, set[tuple[str, str]]]:
    places = sorted({str(top / parent_of(root)) for root in roots})
    request = json.dumps([places, sorted(map(name_of, roots)), rounds])
    answer = subprocess.check_output([sys.executable, "-c", GRIMP], input=request, text=True)
    seconds, edges = json.loads(answer)
    return median(seconds), {(importer, imported) for importer, imported in edges}


def _measure_generated(modules: int, dependencies: int) -> None:
    """A graph whose modules import mostly, but not only, modules that come before them."""
    chance = random.Random(modules)
    edges: set[tuple[str, str]] = set()
    while len(edges) < dependencies:
        low, high = sorted(chance.sample(range(modules), 2))
        pair = (low, high) if chance.random() < 0.001 else (high, low)
        edges.add((f"package.module_{pair[0]}", f"package.module_{pair[1]}"))
    print(f"generated: {modules} modules, {dependencies} dependencies")
    _measure_metrics([f"package.module_{number}" for number in range(modules)], sorted(edges))


def _measure_metrics(nodes: list[str], edges: list[tuple[str, str]]) -> None:
    started = time.perf_counter()
    found = graph_metrics(nodes, edges)
    measured = time.perf_counter()
    explained = [explain_cycle(cycle, edges) for cycle in found.cycles]
    print(
        f"all metrics           {measured - started:7.3f} s   ({len(found.cycles)} cycles, "
        f"the largest has {found.core_size} modules)\n"
        f"explain every cycle   {time.perf_counter() - measured:7.3f} s   "
        f"({sum(len(one.cuts) for one in explained)} cuts)"
    )


if __name__ == "__main__":
    main()

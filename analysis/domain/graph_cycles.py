"""Why modules form a cycle, and which imports to cut so that they no longer do.

Cutting the fewest imports is the minimum feedback arc set problem, which is NP-hard. Up to
``EXACT_SIZE`` modules it is solved by dynamic programming over subsets (E. Lawler, IEEE Trans.
Circuit Theory 11 (1964) 296). Larger cycles use the greedy sequence of P. Eades, X. Lin and
W. Smyth, "A fast and effective heuristic for the feedback arc set problem", Information
Processing Letters 47 (1993) 319-323, with weights; cuts that turn out to be needless are given
back, heaviest first, so that each cut that remains breaks a cycle that no other one breaks.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[str, str]

EXACT_SIZE = 10
# Giving cuts back takes cuts x edges steps; above this number (about a second) all are kept.
MOST_STEPS = 4_000_000


@dataclass(frozen=True, slots=True)
class CycleExplanation:
    """The inside of a cycle: a strongly connected component of two modules or more."""

    edges: tuple[Edge, ...]  # importer, imported; all those between its modules, sorted
    cuts: tuple[Edge, ...]  # without these no cycle is left, sorted
    exact: bool  # no cheaper set of cuts exists; otherwise there may be one


def explain_cycle(
    cycle: Collection[str], edges: Iterable[Edge], weights: Mapping[Edge, int] | None = None
) -> CycleExplanation:
    """The edges between the modules of ``cycle``, and the suggested cuts.

    ``weights``: cost of cutting an edge, at least 1 (the default), such as its import statements.
    """
    members = set(cycle)
    inside = sorted({(a, b) for a, b in edges if a != b and a in members and b in members})
    weighted = {edge: weights.get(edge, 1) if weights else 1 for edge in inside}
    exact = len(members) <= EXACT_SIZE
    order = _best_order(sorted(members), weighted) if exact else importers_first(weighted)
    place = {module: position for position, module in enumerate(order)}
    cuts = {edge for edge in inside if place[edge[0]] > place[edge[1]]}
    if not exact and len(cuts) * len(inside) <= MOST_STEPS:
        cuts = _needed(cuts, weighted)
    return CycleExplanation(tuple(inside), tuple(sorted(cuts)), exact)


def importers_first(weights: Mapping[Edge, int]) -> list[str]:
    """The modules of the edges in the sequence of Eades, Lin and Smyth: few edges point back."""
    return _GreedySequence(weights).run()


def _best_order(modules: Sequence[str], weights: Mapping[Edge, int]) -> list[str]:
    """An order, importers first, whose backward edges weigh least."""
    number = {module: position for position, module in enumerate(modules)}
    cost: list[list[int]] = [[0] * len(modules) for _ in modules]
    for (importer, imported), weight in weights.items():
        cost[number[importer]][number[imported]] = weight
    best = [0]
    last = [0]
    for subset in range(1, 1 << len(modules)):
        inside = [module for module in range(len(modules)) if subset >> module & 1]
        options = [
            (best[subset ^ (1 << module)] + sum(cost[module][other] for other in inside), module)
            for module in inside
        ]
        total, module = min(options)
        best.append(total)
        last.append(module)
    order: list[str] = []
    subset = (1 << len(modules)) - 1
    while subset:
        order.append(modules[last[subset]])
        subset ^= 1 << last[subset]
    return order[::-1]


class _GreedySequence:
    """Take sinks to the right end, sources to the left, else the largest surplus of out-weight."""

    def __init__(self, weights: Mapping[Edge, int]) -> None:
        modules = sorted({module for edge in weights for module in edge})
        self._targets: dict[str, dict[str, int]] = {module: {} for module in modules}
        self._sources: dict[str, dict[str, int]] = {module: {} for module in modules}
        for (importer, imported), weight in weights.items():
            self._targets[importer][imported] = weight
            self._sources[imported][importer] = weight
        self._out = {module: sum(self._targets[module].values()) for module in modules}
        self._in = {module: sum(self._sources[module].values()) for module in modules}
        self._ends = [module for module in modules if not self._out[module] or not self._in[module]]
        self._heap = [(self._in[module] - self._out[module], module) for module in modules]
        heapq.heapify(self._heap)
        self._left: list[str] = []
        self._right: list[str] = []

    def run(self) -> list[str]:
        while self._targets:
            if self._ends:
                self._take(self._ends.pop())
            else:
                surplus, module = heapq.heappop(self._heap)
                if surplus == self._in[module] - self._out[module]:  # else the entry is outdated
                    self._take(module)
        return self._left + self._right[::-1]

    def _take(self, module: str) -> None:
        if module not in self._targets:
            return
        (self._left if self._out[module] else self._right).append(module)
        targets, sources = self._targets.pop(module), self._sources.pop(module)
        for other, weight in targets.items():
            del self._sources[other][module]
            self._changed(other, self._in, weight)
        for other, weight in sources.items():
            del self._targets[other][module]
            self._changed(other, self._out, weight)

    def _changed(self, module: str, total: dict[str, int], weight: int) -> None:
        total[module] -= weight
        if total[module]:
            heapq.heappush(self._heap, (self._in[module] - self._out[module], module))
        else:
            self._ends.append(module)


def _needed(cuts: set[Edge], weights: Mapping[Edge, int]) -> set[Edge]:
    """The cuts without those that close no cycle with the edges that are kept."""
    kept: dict[str, set[str]] = {}
    for importer, imported in weights.keys() - cuts:
        kept.setdefault(importer, set()).add(imported)
    needed = set()
    for importer, imported in sorted(cuts, key=lambda edge: (-weights[edge], edge)):
        if _reaches(kept, imported, importer):
            needed.add((importer, imported))
        else:
            kept.setdefault(importer, set()).add(imported)
    return needed


def _reaches(targets: Mapping[str, Collection[str]], start: str, goal: str) -> bool:
    seen = {start}
    waiting = [start]
    while waiting:
        for module in targets.get(waiting.pop(), ()):
            if module == goal:
                return True
            if module not in seen:
                seen.add(module)
                waiting.append(module)
    return False

"""Metrics of the module dependency graph.

Nodes are any unique strings, such as paths; an edge (a, b) says that a depends on b. A module's
dependency on itself couples nothing: it counts among the dependencies and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.domain.graph_architecture import Architecture, Role, classify, roles
from analysis.domain.graph_closure import Condensation, condense, fan_in, fan_out
from analysis.domain.graph_cycles import importers_first


@dataclass(frozen=True, slots=True)
class ModuleMetrics:
    key: str
    ca: int  # afferent coupling: modules that depend on this one
    ce: int  # efferent coupling: modules that this one depends on
    instability: float | None  # 0 stable ... 1 unstable; None if isolated
    cycle: int | None  # position in GraphMetrics.cycles
    vfi: int  # visibility fan-in: modules that depend on it directly or indirectly, and itself
    vfo: int  # visibility fan-out: modules it depends on directly or indirectly, and itself
    role: Role
    level: int  # longest chain of dependencies below it; 0 depends on nothing; equal in a cycle


@dataclass(frozen=True, slots=True)
class Violation:
    """A dependency on a less stable module (stable dependencies principle)."""

    source: str
    target: str
    source_instability: float
    target_instability: float


@dataclass(frozen=True, slots=True)
class GraphMetrics:
    """Totals are None where there is no module to measure, never 0."""

    modules: tuple[ModuleMetrics, ...]  # by key
    dependencies: int  # distinct pairs, dependencies on itself included
    cycles: tuple[tuple[str, ...], ...]  # components of two or more modules, the biggest first
    propagation_cost: float | None  # share of the system that a change may reach, 1/n ... 1
    ccd: int  # cumulative component dependency
    acd: float | None  # average component dependency
    nccd: float | None  # ccd relative to a balanced binary tree of as many modules
    cyclicality: float | None  # share of the modules that are in a cycle
    architecture: Architecture
    core_size: int  # modules in the largest cycle, 0 without cycles
    violations: tuple[Violation, ...]  # the largest difference first
    order: tuple[str, ...]  # for a design structure matrix: what is depended on comes first


def graph_metrics(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> GraphMetrics:
    """All metrics of a graph.

    Ca, Ce, instability Ce / (Ca + Ce) and the stable dependencies principle: R. Martin, "Agile
    Software Development" (2002), ch. 20. CCD, ACD = CCD / n, NCCD: J. Lakos, "Large-Scale C++
    Software Design" (1996), ch. 4. Propagation cost = CCD / n^2: A. MacCormack, J. Rusnak,
    C. Baldwin, Management Science 52 (2006) 1015-1030. Raises ValueError for an edge to or from an
    unknown node.
    """
    keys = sorted(set(nodes))
    number = {key: position for position, key in enumerate(keys)}
    pairs = set(edges)
    unknown = {key for pair in pairs for key in pair} - number.keys()
    if unknown:
        raise ValueError(f"The graph has no node {min(unknown)!r}, but an edge names it.")
    links = sorted({(number[a], number[b]) for a, b in pairs if a != b})
    condensation = condense(len(keys), links)
    cycles = sorted(
        (members for members in condensation.components if len(members) > 1),
        key=lambda members: (-len(members), members),
    )
    architecture = classify(len(keys), [len(members) for members in cycles])
    modules = _module_metrics(keys, links, condensation, cycles, architecture)
    ccd = sum(module.vfo for module in modules)
    count = len(keys)
    return GraphMetrics(
        modules=tuple(modules),
        dependencies=len(pairs),
        cycles=tuple(tuple(keys[node] for node in members) for members in cycles),
        propagation_cost=ccd / count**2 if count else None,
        ccd=ccd,
        acd=ccd / count if count else None,
        nccd=ccd / balanced_tree_ccd(count) if count else None,
        cyclicality=sum(map(len, cycles)) / count if count else None,
        architecture=architecture,
        core_size=len(cycles[0]) if cycles else 0,
        violations=_violations(modules, links),
        order=_matrix_order(keys, links, condensation),
    )


def balanced_tree_ccd(modules: int) -> int:
    """CCD of a balanced binary tree: the sum of floor(log2 i) + 1 for i = 1 ... ``modules``."""
    depth = modules.bit_length()
    return (modules + 1) * depth - (1 << depth) + 1


def _module_metrics(
    keys: list[str],
    links: list[tuple[int, int]],
    condensation: Condensation,
    cycles: list[tuple[int, ...]],
    architecture: Architecture,
) -> list[ModuleMetrics]:
    ca, ce = [0] * len(keys), [0] * len(keys)
    for source, target in links:
        ce[source] += 1
        ca[target] += 1
    cycle_of = {node: position for position, members in enumerate(cycles) for node in members}
    vfi, vfo = fan_in(condensation), fan_out(condensation)
    visibility = [(vfi[component], vfo[component]) for component in condensation.component_of]
    role = roles(visibility, architecture, visibility[cycles[0][0]] if cycles else None)
    return [
        ModuleMetrics(
            key=key,
            ca=ca[node],
            ce=ce[node],
            instability=_instability(ca[node], ce[node]),
            cycle=cycle_of.get(node),
            vfi=visibility[node][0],
            vfo=visibility[node][1],
            role=role[node],
            level=condensation.levels[condensation.component_of[node]],
        )
        for node, key in enumerate(keys)
    ]


def _instability(ca: int, ce: int) -> float | None:
    return ce / (ca + ce) if ca + ce else None


def _violations(
    modules: list[ModuleMetrics], links: list[tuple[int, int]]
) -> tuple[Violation, ...]:
    found = []
    for source, target in links:
        own, other = modules[source].instability, modules[target].instability
        # A linked module is not isolated, so neither is None.
        if own is not None and other is not None and own < other:
            found.append(Violation(modules[source].key, modules[target].key, own, other))
    return tuple(
        sorted(
            found, key=lambda v: (v.source_instability - v.target_instability, v.source, v.target)
        )
    )


def _matrix_order(
    keys: list[str], links: list[tuple[int, int]], condensation: Condensation
) -> tuple[str, ...]:
    """By level, then by key; a cycle stays together, ordered so that few marks point forward.

    This is partitioning by reachability: J. Warfield, "Binary matrices in system modeling", IEEE
    Trans. Systems, Man and Cybernetics 3 (1973) 441-449.
    """
    inside: dict[int, dict[tuple[str, str], int]] = {}
    for source, target in links:
        component = condensation.component_of[source]
        if component == condensation.component_of[target]:
            inside.setdefault(component, {})[keys[source], keys[target]] = 1
    order: list[str] = []
    for component, members in enumerate(condensation.components):
        if component in inside:
            order.extend(reversed(importers_first(inside[component])))
        else:
            order.append(keys[members[0]])
    return tuple(order)

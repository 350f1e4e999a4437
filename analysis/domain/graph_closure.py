"""The condensation of a directed graph, and how many nodes each node reaches and is reached from.

The transitive closure is computed on the strongly connected components, in topological order, with
one integer as the set of reached nodes. Bits are numbered in that order, so that the integers near
the bottom stay short, and a set is dropped once every component that needs it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx


@dataclass(frozen=True, slots=True)
class Condensation:
    """Strongly connected components in topological order: each after all those it reaches."""

    components: tuple[tuple[int, ...], ...]  # members ascending
    component_of: tuple[int, ...]  # by node
    targets: tuple[tuple[int, ...], ...]  # by component: the other components it has an edge to
    levels: tuple[int, ...]  # by component: edges of the longest path down to one without targets


def condense(nodes: int, edges: Iterable[tuple[int, int]]) -> Condensation:
    """The condensation of the graph with the nodes 0 ... ``nodes`` - 1."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(edges)
    condensed = nx.condensation(graph)
    members = [tuple(sorted(condensed.nodes[number]["members"])) for number in condensed]
    order: list[int] = []
    levels: list[int] = []
    # A generation of the reversed graph depends on earlier ones only: it is a level.
    for level, generation in enumerate(nx.topological_generations(condensed.reverse(copy=False))):
        order.extend(sorted(generation, key=members.__getitem__))
        levels.extend([level] * len(generation))
    place = {number: position for position, number in enumerate(order)}
    component_of = [0] * nodes
    for number, component in enumerate(members):
        for node in component:
            component_of[node] = place[number]
    return Condensation(
        tuple(members[number] for number in order),
        tuple(component_of),
        tuple(tuple(sorted(place[target] for target in condensed[number])) for number in order),
        tuple(levels),
    )


def fan_out(condensation: Condensation) -> list[int]:
    """By component: how many nodes its members reach, themselves included."""
    return _reached([len(members) for members in condensation.components], condensation.targets)


def fan_in(condensation: Condensation) -> list[int]:
    """By component: how many nodes reach its members, themselves included."""
    last = len(condensation.components) - 1
    sources: list[list[int]] = [[] for _ in condensation.components]
    for source, targets in enumerate(condensation.targets):
        for target in targets:
            sources[last - target].append(last - source)
    sizes = [len(members) for members in reversed(condensation.components)]
    return _reached(sizes, sources)[::-1]


def _reached(sizes: Sequence[int], targets: Sequence[Sequence[int]]) -> list[int]:
    """The number of nodes each component reaches; every target has a lower number."""
    users = [0] * len(sizes)
    for below in targets:
        for target in below:
            users[target] += 1
    sets: dict[int, int] = {}
    counts: list[int] = []
    first_bit = 0
    for number, size in enumerate(sizes):
        reached = ((1 << size) - 1) << first_bit
        first_bit += size
        for target in targets[number]:
            reached |= sets[target]
            users[target] -= 1
            if not users[target]:
                del sets[target]
        counts.append(reached.bit_count())
        if users[number]:
            sets[number] = reached
    return counts

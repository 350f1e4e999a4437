"""What a change does to the module graph: cycles that it makes or enlarges, unstable dependencies.

Only dependencies that the change itself brings are ever held against it. A renamed module is the
module that it was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.domain.graph_closure import condense
from analysis.domain.graph_cycles import explain_cycle
from analysis.domain.modules import find_modules, labels, resolve_imports
from analysis.domain.source import ImportStatement

Edge = tuple[str, str]

# Old dependencies are not the change's to cut: one costs as much as very many new ones.
_OLD_PRICE = 1_000_000


@dataclass(frozen=True, slots=True)
class Links:
    """The modules of a tree (name by path) and who imports whom (paths), with the lines."""

    names: Mapping[str, str]
    lines: Mapping[Edge, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Link:
    """One dependency: where it is written and what it joins, by name."""

    path: str
    line: int
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class GrownCycle:
    """A cycle that the change makes, or enlarges by the modules `added`.

    `cuts` are dependencies of the change whose removal would undo that.
    """

    modules: tuple[str, ...]
    added: tuple[str, ...]
    is_new: bool
    cuts: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class UnstableLink:
    """A new dependency on a module that is less stable: I(source) < I(target)."""

    link: Link
    source_instability: float
    target_instability: float


@dataclass(frozen=True, slots=True)
class StructureChange:
    """What the change does to the graph, the largest first."""

    cycles: tuple[GrownCycle, ...] = ()
    unstable: tuple[UnstableLink, ...] = ()


def links_of(
    paths: Iterable[str], imports_by_path: Mapping[str, Sequence[ImportStatement]]
) -> Links:
    """Find the importable modules among `paths` and resolve their imports."""
    modules = find_modules(paths, imports_by_path)
    found = resolve_imports(modules, imports_by_path)
    return Links(labels(modules), {(one.importer, one.imported): one.lines for one in found})


def structure_change(before: Links, after: Links, renamed: Mapping[str, str]) -> StructureChange:
    """Compare two trees; `renamed` gives the old path of each renamed file by its new one."""
    fresh = {
        edge
        for edge in after.lines
        if edge[0] != edge[1] and _before(edge, renamed) not in before.lines
    }
    if not fresh:
        return StructureChange()
    return StructureChange(_grown(before, after, fresh, renamed), _unstable(after, fresh))


def _before(edge: Edge, renamed: Mapping[str, str]) -> Edge:
    return renamed.get(edge[0], edge[0]), renamed.get(edge[1], edge[1])


def _grown(
    before: Links, after: Links, fresh: Collection[Edge], renamed: Mapping[str, str]
) -> tuple[GrownCycle, ...]:
    known = _cycles(before)
    found = []
    for cycle in _cycles(after):
        members = {renamed.get(path, path) for path in cycle}
        overlapping = [old for old in known if members & old]
        if any(members <= old for old in overlapping):
            continue
        inside = {edge for edge in fresh if edge[0] in cycle and edge[1] in cycle}
        if not inside:
            continue
        largest: frozenset[str] = max(overlapping, key=len, default=frozenset())
        found.append(
            GrownCycle(
                modules=_named(cycle, after),
                added=_named({p for p in cycle if renamed.get(p, p) not in largest}, after),
                is_new=not overlapping,
                cuts=_cuts(cycle, after, inside, known, renamed),
            )
        )
    return tuple(sorted(found, key=lambda cycle: (-len(cycle.modules), cycle.modules)))


def _cycles(links: Links) -> list[frozenset[str]]:
    keys = sorted(links.names)
    number = {key: position for position, key in enumerate(keys)}
    edges = [(number[a], number[b]) for a, b in links.lines if a != b]
    components = condense(len(keys), edges).components
    return [frozenset(keys[node] for node in one) for one in components if len(one) > 1]


def _cuts(
    cycle: Collection[str],
    after: Links,
    inside: Collection[Edge],
    known: Sequence[frozenset[str]],
    renamed: Mapping[str, str],
) -> tuple[Link, ...]:
    """New dependencies without which the cycle falls apart into what was there before.

    Each old cycle counts as one module: its inside is not this change's matter, and without the
    new dependencies no cycle of such modules would be left.
    """
    home = {path: min(old) for old in known for path in old}
    place = {path: home.get(before := renamed.get(path, path), before) for path in cycle}
    weights: dict[Edge, int] = defaultdict(int)
    for (source, target), lines in after.lines.items():
        if source in place and target in place and place[source] != place[target]:
            price = 1 if (source, target) in inside else _OLD_PRICE
            weights[place[source], place[target]] += price * len(lines)
    cut = set(explain_cycle(set(place.values()), weights, weights).cuts)
    own = [edge for edge in inside if (place[edge[0]], place[edge[1]]) in cut]
    return tuple(_link(edge, after) for edge in sorted(own or inside))


def _unstable(after: Links, fresh: Collection[Edge]) -> tuple[UnstableLink, ...]:
    instability = instabilities(after.names, after.lines)
    found = [
        UnstableLink(_link(edge, after), instability[edge[0]], instability[edge[1]])
        for edge in fresh
        if instability[edge[0]] < instability[edge[1]] and not _gathers(edge)
    ]
    return tuple(
        sorted(
            found, key=lambda one: (one.source_instability - one.target_instability, one.link.path)
        )
    )


def _gathers(edge: Edge) -> bool:
    """Whether a package takes in a module of its own, as its `__init__` is there to do."""
    folder, is_package, _ = edge[0].rpartition("__init__.py")
    return bool(is_package) and edge[1].startswith(folder)


def instabilities(nodes: Iterable[str], edges: Iterable[Edge]) -> dict[str, float]:
    """Ce / (Ca + Ce) of each node that has a dependency at all (R. Martin, 2002, ch. 20)."""
    ca = dict.fromkeys(nodes, 0)
    ce = dict.fromkeys(ca, 0)
    for source, target in {(a, b) for a, b in edges if a != b}:
        ce[source] += 1
        ca[target] += 1
    return {key: ce[key] / (ca[key] + ce[key]) for key in ca if ca[key] + ce[key]}


def _link(edge: Edge, links: Links) -> Link:
    return Link(
        path=edge[0],
        line=min(links.lines[edge], default=1),
        source=links.names[edge[0]],
        target=links.names[edge[1]],
    )


def _named(paths: Iterable[str], links: Links) -> tuple[str, ...]:
    return tuple(sorted(links.names[path] for path in paths))

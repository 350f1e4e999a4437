"""The module graph of one commit, measured and named for its readers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from analysis.domain.graph import GraphMetrics, ModuleMetrics, graph_metrics
from analysis.domain.graph_cycles import explain_cycle
from analysis.domain.modules import find_modules, labels, resolve_imports
from analysis.domain.source import ImportStatement


@dataclass(frozen=True, slots=True)
class ModulePicture:
    """A module by its unique name, with its metrics (whose key is the module's path)."""

    name: str
    metrics: ModuleMetrics

    @property
    def path(self) -> str:
        """The module's file."""
        return self.metrics.key


@dataclass(frozen=True, slots=True)
class CyclePicture:
    """Modules that depend on each other in a loop, and imports whose removal would end it."""

    modules: tuple[str, ...]
    cuts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ModuleEdges:
    """Who imports whom: names by path, and per edge (of paths) its number of statements."""

    names: Mapping[str, str]
    weights: Mapping[tuple[str, str], int]

    @property
    def digest(self) -> str:
        """A digest that is equal for equal graphs, whatever else the files contain."""
        names = sorted(self.names.items())
        weights = sorted(self.weights.items())
        return sha256(repr((names, weights)).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ModuleGraph:
    """Modules, dependencies by name, cycles (the largest first), and the totals in `metrics`."""

    digest: str
    modules: tuple[ModulePicture, ...]
    dependencies: tuple[tuple[str, str], ...]
    cycles: tuple[CyclePicture, ...]
    metrics: GraphMetrics


def module_edges(
    paths: Iterable[str], imports_by_path: Mapping[str, Sequence[ImportStatement]]
) -> ModuleEdges:
    """Find the importable modules among `paths` and resolve their imports."""
    modules = find_modules(paths, imports_by_path)
    found = resolve_imports(modules, imports_by_path)
    return ModuleEdges(
        names=labels(modules),
        weights={(one.importer, one.imported): len(one.lines) for one in found},
    )


def is_same_graph(
    paths: Iterable[str],
    before: Mapping[str, Sequence[ImportStatement]],
    after: Mapping[str, Sequence[ImportStatement]],
) -> bool:
    """Whether a change of some files' imports leaves the graph of a tree certainly as it was.

    `paths` are the tree's modules, the same before and after; `before` and `after` hold the
    imports of the changed files only. Statements that name nothing in the tree (the standard
    library, packages from elsewhere) and the lines they stand on make no difference. A "no" is
    not certain: moving an import up or down is enough for one.
    """
    here = {part.removesuffix(".py") for path in paths for part in path.split("/")}
    return all(
        _inner_imports(before[path], here) == _inner_imports(after[path], here) for path in before
    )


def _inner_imports(
    statements: Sequence[ImportStatement], here: Collection[str]
) -> list[tuple[object, ...]]:
    """The statements that may name something in the tree; lines by rank, not by number."""
    inner = [
        one
        for one in statements
        if one.level or (one.module or one.name or "").partition(".")[0] in here
    ]
    ranks = {line: rank for rank, line in enumerate(sorted({one.line for one in inner}))}
    return [(one.module, one.name, one.level, one.type_checking, ranks[one.line]) for one in inner]


def module_graph(edges: ModuleEdges) -> ModuleGraph:
    """Measure the graph."""
    names = edges.names
    metrics = graph_metrics(names, edges.weights)
    return ModuleGraph(
        digest=edges.digest,
        modules=tuple(ModulePicture(names[one.key], one) for one in metrics.modules),
        dependencies=tuple(
            sorted((names[source], names[target]) for source, target in edges.weights)
        ),
        cycles=tuple(_cycle(cycle, edges) for cycle in metrics.cycles),
        metrics=metrics,
    )


def _cycle(cycle: tuple[str, ...], edges: ModuleEdges) -> CyclePicture:
    names = edges.names
    cuts = explain_cycle(cycle, edges.weights, edges.weights).cuts
    return CyclePicture(
        modules=tuple(sorted(names[path] for path in cycle)),
        cuts=tuple((names[source], names[target]) for source, target in cuts),
    )

"""The module graph of one commit, measured and named for its readers."""

from collections.abc import Iterable, Mapping, Sequence
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

"""The module graph of one commit, measured and named for its readers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
class ModuleGraph:
    """Modules, dependencies by name, cycles (the largest first), and the totals in `metrics`."""

    modules: tuple[ModulePicture, ...]
    dependencies: tuple[tuple[str, str], ...]
    cycles: tuple[CyclePicture, ...]
    metrics: GraphMetrics


def module_graph(
    paths: Iterable[str], imports_by_path: Mapping[str, Sequence[ImportStatement]]
) -> ModuleGraph:
    """Find the importable modules among `paths`, resolve their imports, measure the graph."""
    modules = find_modules(paths, imports_by_path)
    names = labels(modules)
    found = resolve_imports(modules, imports_by_path)
    weights = {(one.importer, one.imported): len(one.lines) for one in found}
    edges = list(weights)
    metrics = graph_metrics([module.path for module in modules], edges)
    return ModuleGraph(
        modules=tuple(ModulePicture(names[one.key], one) for one in metrics.modules),
        dependencies=tuple(sorted((names[source], names[target]) for source, target in edges)),
        cycles=tuple(_cycle(cycle, weights, names) for cycle in metrics.cycles),
        metrics=metrics,
    )


def _cycle(
    cycle: tuple[str, ...], weights: Mapping[tuple[str, str], int], names: Mapping[str, str]
) -> CyclePicture:
    cuts = explain_cycle(cycle, weights, weights).cuts
    return CyclePicture(
        modules=tuple(sorted(names[path] for path in cycle)),
        cuts=tuple((names[source], names[target]) for source, target in cuts),
    )

"""Measuring the past: totals at chosen commits of the whole history, each measured once ever."""

from collections.abc import Callable, Sequence

from django.db.models import Q

from analysis.adapters.git import GitError, Mirror
from analysis.adapters.measuring import Wanted
from analysis.domain.architecture import module_edges
from analysis.domain.graph import GraphMetrics, graph_metrics
from analysis.domain.picture import file_pictures, totals
from analysis.domain.source import ANALYSER_VERSION
from analysis.domain.trend import Every, sample
from analysis.models import Repository, TrendPoint
from analysis.services.facts import facts_ensure, imports_of
from analysis.services.repositories import location_of, mirror_of
from analysis.services.trees import Tree, tree_read
from common.errors import Refused

Report = Callable[[int, int], None]

TOTALS = (
    "files", "measured_files", "unreadable_files", "loc", "sloc", "lloc", "functions", "complexity",
)  # fmt: skip
GRAPH = ("dependencies", "propagation_cost", "cyclicality", "nccd")


def trend_measure(*, repository: Repository, every: Every, report: Report) -> list[int]:
    """Measure what is missing of a trend; return the ids of its points, the oldest first.

    The history is that of the default branch's tip along first parents, fetched anew. Each point is
    written when it is measured, so a stopped run loses nothing. Raises Refused.
    """
    try:
        place = location_of(repository)
        mirror = Mirror.create(mirror_of(repository).path, source=place)
        head = mirror.fetch(place).head_sha
        walked = mirror.first_parents(head)
        positions = {sha: len(walked) - number for number, (sha, _) in enumerate(walked)}
        return _points(repository, mirror, sample(walked, every), positions, report)
    except GitError as error:
        raise Refused(str(error)) from error


def _points(
    repository: Repository,
    mirror: Mirror,
    chosen: Sequence[str],
    positions: dict[str, int],
    report: Report,
) -> list[int]:
    points = TrendPoint.objects.filter(repository=repository)
    stored = dict(points.filter(analyser=ANALYSER_VERSION).values_list("commit_sha", "pk"))
    gone = [pk for sha, pk in stored.items() if sha not in positions]  # after a force push
    points.filter(Q(pk__in=gone) | ~Q(analyser=ANALYSER_VERSION)).delete()
    known = {sha: pk for sha, pk in stored.items() if sha in positions}
    graphs = _Graphs()
    for number, sha in enumerate(chosen):
        report(number, len(chosen))
        if sha not in known:
            known[sha] = _measure(repository, mirror, sha, positions[sha], graphs).pk
    report(len(chosen), len(chosen))
    return [known[sha] for sha in chosen]


class _Graphs:
    """The metrics of module graphs; most commits leave the graph of the one before as it was."""

    def __init__(self) -> None:
        self._digest = ""
        self._metrics: GraphMetrics | None = None

    def of(self, tree: Tree) -> GraphMetrics:
        imports = imports_of({source.oid for source in tree.measured})
        edges = module_edges(
            (source.path for source in tree.measured),
            {source.path: imports[source.oid] for source in tree.measured if source.oid in imports},
        )
        if self._metrics is None or edges.digest != self._digest:
            self._digest = edges.digest
            self._metrics = graph_metrics(edges.names, edges.weights)
        return self._metrics


def _measure(
    repository: Repository, mirror: Mirror, sha: str, position: int, graphs: _Graphs
) -> TrendPoint:
    tree = tree_read(mirror=mirror, sha=sha, warnings=())
    wanted = [
        Wanted(source.oid, source.path, source.language, source.size) for source in tree.measured
    ]
    stored = facts_ensure(git_dir=mirror.path, wanted=wanted, report=lambda _done, _total: None)
    content = {oid: facts.figures for oid, facts in stored.items()}
    sums = totals(file_pictures(tree.sources, content, None))
    metrics = graphs.of(tree)
    point, _ = TrendPoint.objects.get_or_create(
        repository=repository,
        commit_sha=sha,
        analyser=ANALYSER_VERSION,
        defaults={
            "committed_at": tree.committed_at,
            "position": position,
            "modules": len(metrics.modules),
            **{name: getattr(sums, name) for name in TOTALS},
            **{name: getattr(metrics, name) for name in GRAPH},
        },
    )
    return point

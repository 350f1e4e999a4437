"""How a repository grew, from the points measured in its past and the snapshots since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.domain.source import ANALYSER_VERSION
from analysis.models import Repository, Snapshot, TrendPoint

FIGURES = (
    "files", "measured_files", "unreadable_files", "loc", "sloc", "lloc", "functions", "complexity",
    "modules", "dependencies", "propagation_cost", "cyclicality", "nccd",
)  # fmt: skip
# A chart with more points is no clearer.
MOST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class TrendRow:
    """The totals at one commit."""

    commit_sha: str
    committed_at: datetime
    totals: dict[str, int | float | None]

    @property
    def complexity_per_function(self) -> float | None:
        """Mean complexity of a function: unlike the sum, it does not grow with size alone."""
        functions, complexity = self.totals["functions"], self.totals["complexity"]
        return complexity / functions if functions and complexity is not None else None


def trend_rows(ids: Sequence[int]) -> list[TrendRow]:
    """Return these points, in their order."""
    points = TrendPoint.objects.in_bulk(ids)
    return [_row(points[pk]) for pk in ids]


def trend_of(repository: Repository) -> list[TrendRow]:
    """Return all that is known of the default branch's course, the oldest first, thinned out.

    Measured points of the past first, then the snapshots taken after the last of them.
    """
    points: list[TrendPoint | Snapshot] = list(
        TrendPoint.objects.filter(repository=repository, analyser=ANALYSER_VERSION)
        .order_by("position")
        .iterator()
    )
    snapshots = repository.snapshots.filter(is_default_tip=True, analyser=ANALYSER_VERSION)
    if points:
        snapshots = snapshots.filter(committed_at__gt=points[-1].committed_at)
    known = {point.commit_sha for point in points}
    for snapshot in snapshots.order_by("pk").defer("cycles", "warnings"):
        if snapshot.commit_sha not in known:
            known.add(snapshot.commit_sha)
            points.append(snapshot)
    return [_row(point) for point in _thinned(points)]


def _thinned(points: list[TrendPoint | Snapshot]) -> list[TrendPoint | Snapshot]:
    step = max(1, -(-len(points) // MOST_SHOWN))
    return points[::-1][::step][::-1]  # the newest always stays


def _row(point: TrendPoint | Snapshot) -> TrendRow:
    return TrendRow(
        commit_sha=point.commit_sha,
        committed_at=point.committed_at,
        totals={name: getattr(point, name) for name in FIGURES},
    )

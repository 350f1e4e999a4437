"""What the pages of repositories show, read from stored results in a constant number of queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, Sum

from analysis.models import AnalysisRun, Repository, Snapshot, SnapshotFile
from analysis.selectors.runs import STAGES

WORST = 10


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """A repository in the list: its current figures and how its newest analysis went."""

    repository: Repository
    snapshot: Snapshot | None
    run: AnalysisRun | None

    @property
    def stage_text(self) -> str:
        """What the newest run is doing, in words."""
        return STAGES.get(self.run.stage, "") if self.run else ""


@dataclass(frozen=True, slots=True)
class Concentration:
    """How much of the recent changes falls on the `files` worst hotspots (ratios 0..1)."""

    files: int
    share_of_lines: float
    share_of_changes: float


@dataclass(frozen=True, slots=True)
class LanguageShare:
    """One language of the snapshot; `loc` is None where lines are not measured."""

    language: str
    files: int
    loc: int | None


@dataclass(frozen=True, slots=True)
class SnapshotOverview:
    """The first page of a repository."""

    hotspots: list[dict[str, Any]]
    concentration: Concentration | None
    languages: list[LanguageShare]
    ranked: int
    not_readable: int
    largest_cycle: int
    in_cycles: int


def repository_rows() -> list[RepositoryRow]:
    """Return every repository by name with its current snapshot and newest run (two queries)."""
    repositories = list(Repository.objects.select_related("current_snapshot"))
    newest = AnalysisRun.objects.values("repository").annotate(newest=Max("pk")).values("newest")
    runs = {run.repository_id: run for run in AnalysisRun.objects.filter(pk__in=newest)}
    return [
        RepositoryRow(repository, repository.current_snapshot, runs.get(repository.pk))
        for repository in repositories
    ]


def snapshot_overview(snapshot: Snapshot) -> SnapshotOverview:
    """Return what the first page says about a snapshot besides its totals (three queries)."""
    files = SnapshotFile.objects.filter(snapshot=snapshot)
    sums = files.filter(hotspot__isnull=False).aggregate(
        ranked=Count("pk"), lines=Sum("loc"), changes=Sum("revisions_recent")
    )
    fields = ("path", "hotspot", "loc", "complexity", "complexity_max", "revisions_recent")
    worst: list[dict[str, Any]] = [
        {**row}
        for row in files.filter(hotspot__gt=0).order_by("-hotspot", "path").values(*fields)[:WORST]
    ]
    shares = (
        files.values("language")
        .annotate(files=Count("pk"), lines=Sum("loc"), failed=Count("pk", filter=~Q(error="")))
        .order_by("-files")
    )
    cycles = [len(cycle["modules"]) for cycle in snapshot.cycles]
    rows = list(shares)
    return SnapshotOverview(
        hotspots=worst,
        concentration=_concentration(worst, sums),
        languages=[LanguageShare(row["language"], row["files"], row["lines"]) for row in rows],
        ranked=sums["ranked"],
        not_readable=sum(row["failed"] for row in rows),
        largest_cycle=max(cycles, default=0),
        in_cycles=sum(cycles),
    )


def _concentration(worst: list[dict[str, Any]], sums: dict[str, Any]) -> Concentration | None:
    lines, changes = sums["lines"] or 0, sums["changes"] or 0
    if not worst or not lines or not changes:
        return None
    return Concentration(
        files=len(worst),
        share_of_lines=sum(row["loc"] for row in worst) / lines,
        share_of_changes=sum(row["revisions_recent"] for row in worst) / changes,
    )

"""The files that deserve attention first, over all repositories, and the figures of one file."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from analysis.models import Repository, SnapshotFile


@dataclass(frozen=True, slots=True)
class HotspotRow:
    """A file in the current snapshot of its repository; `hotspot` is 0..1, the worst near 1."""

    repository_slug: str
    repository_name: str
    path: str
    hotspot: float | None
    complexity: int | None
    revisions_recent: int | None
    loc: int | None


@dataclass(frozen=True, slots=True)
class FileFigures:
    """What the current snapshot knows of one file; None where something was not measured.

    `churn` is lines added plus lines deleted over the file's life.
    """

    snapshot_id: int
    commit_sha: str
    path: str
    language: str
    loc: int | None
    complexity: int | None
    complexity_max: int | None
    revisions: int | None
    revisions_recent: int | None
    churn: int | None
    authors: int | None
    age_months: int | None
    hotspot: float | None


def worst_hotspots(limit: int) -> list[HotspotRow]:
    """Return the worst files that people here write, over all current snapshots (two queries).

    A file that is worse than the `limit`-th of its own repository's is all that can be among the
    worst of all; the first query finds that bound, so that the second reads few of many files.
    """
    written_here = SnapshotFile.objects.filter(
        hotspot__gt=0, is_vendored=False, is_generated=False
    ).order_by("-hotspot")
    current = Repository.objects.filter(current_snapshot__isnull=False)
    own = written_here.filter(snapshot=OuterRef("current_snapshot")).values("hotspot")
    bounds = current.order_by().values_list(Subquery(own[limit - 1 : limit]), flat=True)
    bound = max((score for score in bounds if score is not None), default=0.0)
    rows = (
        written_here.filter(snapshot__in=current.values("current_snapshot"), hotspot__gte=bound)
        .order_by("-hotspot", "-complexity", "path")
        .values_list(
            "snapshot__repository__slug",
            "snapshot__repository__name",
            "path",
            "hotspot",
            "complexity",
            "revisions_recent",
            "loc",
        )
    )
    return [HotspotRow(*row) for row in rows[:limit]]


def file_figures(*, repository_id: int, path: str) -> FileFigures | None:
    """Return the figures of a file in its repository's current snapshot, if it is in there."""
    row = (
        SnapshotFile.objects.filter(
            snapshot__in=Repository.objects.filter(pk=repository_id).values("current_snapshot"),
            path=path,
        )
        .select_related("snapshot")
        .first()
    )
    if row is None:
        return None
    churn = None if row.added is None or row.deleted is None else row.added + row.deleted
    return FileFigures(
        snapshot_id=row.snapshot_id,
        commit_sha=row.snapshot.commit_sha,
        path=row.path,
        language=row.language,
        loc=row.loc,
        complexity=row.complexity,
        complexity_max=row.complexity_max,
        revisions=row.revisions,
        revisions_recent=row.revisions_recent,
        churn=churn,
        authors=row.authors,
        age_months=row.age_months,
        hotspot=row.hotspot,
    )


def hotspot_in_current(repository: OuterRef, path: OuterRef) -> Subquery:
    """An expression for other apps' queries: the hotspot score (0 to 1) of a file.

    `repository` and `path` are expressions (OuterRef) of the query that asks; null where the file
    is not in the current snapshot or has no score.
    """
    rows = SnapshotFile.objects.filter(
        snapshot=Subquery(
            Repository.objects.filter(pk=OuterRef(repository)).values("current_snapshot")
        ),
        path=path,
    )
    return Subquery(rows.values("hotspot")[:1])

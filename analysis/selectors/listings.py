"""Rows for the API, which orders and pages them itself."""

from typing import Any

from django.db.models import Q, QuerySet

from analysis.models import (
    AnalysisRun,
    Repository,
    Snapshot,
    SnapshotCoupling,
    SnapshotDependency,
    SnapshotFile,
    SnapshotModule,
)
from analysis.selectors.documents import snapshot_document
from analysis.selectors.repositories import repositories_list
from common.errors import NotFound, Refused

MOST_ID_DIGITS = 18


def repository_by_key(key: str) -> Repository:
    """Return the repository with this slug or, failing that, this id; raises NotFound."""
    named = Q(slug=key)
    if key.isdecimal() and len(key) <= MOST_ID_DIGITS:
        named |= Q(pk=int(key))
    found = {repository.slug: repository for repository in repositories_list().filter(named)}
    if not found:
        raise NotFound(f"There is no repository “{key[:140]}”.")
    return found.get(key) or next(iter(found.values()))


def snapshots_of(repository_id: int | None = None) -> QuerySet[Snapshot]:
    """Return the snapshots of one repository or, without an id, of all."""
    snapshots = Snapshot.objects.select_related("repository")
    return snapshots if repository_id is None else snapshots.filter(repository_id=repository_id)


def snapshot_by_id(snapshot_id: int) -> Snapshot:
    """Return the snapshot, or raise NotFound."""
    snapshot = snapshots_of().filter(pk=snapshot_id).first()
    if snapshot is None:
        raise NotFound(f"There is no snapshot {snapshot_id}.")
    return snapshot


def whole_snapshot_document(*, snapshot_id: int) -> dict[str, Any]:
    """Return the document of a snapshot; raises NotFound, and Refused when its rows are gone."""
    if not snapshot_by_id(snapshot_id).has_rows:
        raise Refused(
            f"Only the totals of snapshot {snapshot_id} are kept; analyse its commit again."
        )
    return snapshot_document(snapshot_id=snapshot_id)


def runs_of(repository_id: int | None = None) -> QuerySet[AnalysisRun]:
    """Return the analyses of one repository or, without an id, of all."""
    runs = AnalysisRun.objects.select_related("repository")
    return runs if repository_id is None else runs.filter(repository_id=repository_id)


def run_by_id(run_id: int) -> AnalysisRun:
    """Return the analysis, or raise NotFound."""
    run = runs_of().filter(pk=run_id).first()
    if run is None:
        raise NotFound(f"There is no analysis {run_id}.")
    return run


def current_files(repository_key: str) -> QuerySet[SnapshotFile]:
    """Return the files of the repository's current snapshot (none before the first analysis)."""
    files = SnapshotFile.objects.filter(snapshot=_current(repository_key)).select_related("facts")
    return files.defer("facts__functions", "facts__imports")


def current_hotspots(repository_key: str) -> QuerySet[SnapshotFile]:
    """Return the files with a hotspot score that people here write."""
    return current_files(repository_key).filter(
        hotspot__isnull=False, is_vendored=False, is_generated=False
    )


def current_modules(repository_key: str) -> QuerySet[SnapshotModule]:
    return SnapshotModule.objects.filter(snapshot=_current(repository_key))


def current_dependencies(repository_key: str) -> QuerySet[SnapshotDependency]:
    return SnapshotDependency.objects.filter(snapshot=_current(repository_key))


def current_couplings(repository_key: str) -> QuerySet[SnapshotCoupling]:
    return SnapshotCoupling.objects.filter(snapshot=_current(repository_key))


def _current(repository_key: str) -> int | None:
    return repository_by_key(repository_key).current_snapshot_id

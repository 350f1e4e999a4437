"""Snapshots as other apps see them: plain values, no model."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.models import Repository, Snapshot
from common.errors import NotFound


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """Which commit a snapshot shows, and of which branch it was the tip."""

    snapshot_id: int
    repository_id: int
    branch: str
    commit_sha: str
    is_default_tip: bool


def snapshot_head(snapshot_id: int) -> SnapshotHead:
    """Return the snapshot's head, or raise NotFound."""
    snapshot = Snapshot.objects.select_related("repository").filter(pk=snapshot_id).first()
    if snapshot is None:
        raise NotFound(f"There is no snapshot {snapshot_id}.")
    return SnapshotHead(
        snapshot_id=snapshot.pk,
        repository_id=snapshot.repository_id,
        branch=snapshot.repository.default_branch,
        commit_sha=snapshot.commit_sha,
        is_default_tip=snapshot.is_default_tip,
    )


def default_heads() -> Iterable[SnapshotHead]:
    """Return the newest default-branch snapshot of each repository that has one."""
    rows = Repository.objects.filter(current_snapshot__isnull=False).values_list(
        "current_snapshot_id", "pk", "default_branch", "current_snapshot__commit_sha"
    )
    return [SnapshotHead(*row, is_default_tip=True) for row in rows]

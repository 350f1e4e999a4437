"""Looking into the sources of a snapshot: the text itself stays in Git."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.adapters.git import GitError
from analysis.models import Repository, Snapshot, SnapshotFile
from analysis.services.repositories import mirror_of
from common.errors import NotFound, Refused

# A larger file is not shown, nor searched (bytes).
LARGEST_SOURCE = 2 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A source file of the snapshot that contains what was looked for."""

    path: str
    language: str
    is_vendored: bool
    is_generated: bool
    oid: str
    content: bytes


def tree_search(*, snapshot_id: int, needle: str) -> Iterator[FoundFile]:
    """Yield every source file of the snapshot's commit whose text contains `needle`, by path.

    The whole tree is searched, or Refused is raised: never a part of it that looks like all.
    """
    snapshot = _with_rows(snapshot_id)
    mirror = mirror_of(snapshot.repository)
    try:
        paths = {match.path for match in mirror.grep(snapshot.commit_sha, needle, fixed=True)}
        rows = SnapshotFile.objects.filter(snapshot=snapshot, size__lte=LARGEST_SOURCE)
        files = [
            file
            for file in rows.order_by("path").only(
                "path", "language", "is_vendored", "is_generated", "oid"
            )
            if file.path in paths
        ]
        blobs = mirror.read_blobs([file.oid for file in files], limit=LARGEST_SOURCE)
        for file, blob in zip(files, blobs, strict=True):
            if blob.data is None:
                raise Refused("The mirror of this repository is incomplete; analyse it again.")
            yield FoundFile(
                path=file.path,
                language=file.language,
                is_vendored=file.is_vendored,
                is_generated=file.is_generated,
                oid=file.oid,
                content=blob.data,
            )
    except GitError as error:
        raise Refused(str(error)) from error


def source_lines(*, snapshot_id: int, path: str, first: int, last: int) -> list[str]:
    """Return lines `first` to `last` (from 1, inclusive) of a file, or NotFound."""
    file = SnapshotFile.objects.select_related("snapshot__repository").filter(
        snapshot_id=snapshot_id, path=path
    )
    row = file.first()
    if row is None:
        raise NotFound(f"There is no source file {path} in this snapshot.")
    try:
        mirror = mirror_of(row.snapshot.repository)
        blob = mirror.read_blob(row.oid, limit=LARGEST_SOURCE)
    except GitError as error:
        raise NotFound(str(error)) from error
    if blob.data is None:
        raise NotFound(f"{path} is too large to be shown here.")
    lines = blob.data.decode("utf-8", "replace").splitlines()
    return lines[max(first, 1) - 1 : last]


def is_ancestor(*, repository_id: int, ancestor_sha: str, descendant_sha: str) -> bool:
    """Whether one commit is reachable from another; an unknown commit is nobody's ancestor."""
    try:
        repository = Repository.objects.get(pk=repository_id)
        return mirror_of(repository).is_ancestor(ancestor_sha, descendant_sha)
    except (GitError, Repository.DoesNotExist):
        return False


def _with_rows(snapshot_id: int) -> Snapshot:
    snapshot = Snapshot.objects.select_related("repository").filter(pk=snapshot_id).first()
    if snapshot is None:
        raise NotFound(f"There is no snapshot {snapshot_id}.")
    if not snapshot.has_rows:
        raise Refused("The files of this older snapshot are no longer kept; analyse it again.")
    return snapshot

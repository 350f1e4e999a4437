"""What the history says of a file and its folder: how far changes reach, and who knows them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from django.db.models import Min, Q

from analysis.domain.ownership import Authorship, truck_factor
from analysis.models import Commit, Contribution, Repository, SnapshotCoupling, SnapshotFile

MOST_NEIGHBOURS = 200


@dataclass(frozen=True, slots=True)
class CoupledPlace:
    """The file that most often changes together with this one; degree in percent."""

    path: str
    shared: int
    revisions: int
    degree: float


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The truck factor of the files in one folder, and the changes it was computed from."""

    truck_factor: int
    files: int
    revisions: int


@dataclass(frozen=True, slots=True)
class PlaceHistory:
    """From the first commit to the snapshot's; None where nothing was measured."""

    snapshot_id: int
    commit_sha: str
    since: date
    until: date
    coupled: CoupledPlace | None
    knowledge: Knowledge | None


def place_history(*, repository_id: int, path: str) -> PlaceHistory | None:
    """The history around a file of the current snapshot; None if it is not in there."""
    current = Repository.objects.filter(pk=repository_id).values("current_snapshot")
    row = (
        SnapshotFile.objects.filter(snapshot__in=current, path=path)
        .select_related("snapshot")
        .first()
    )
    if row is None or not row.snapshot.with_history:
        return None
    first = Commit.objects.filter(repository_id=repository_id).aggregate(at=Min("committed_at"))
    if first["at"] is None:
        return None
    return PlaceHistory(
        snapshot_id=row.snapshot_id,
        commit_sha=row.snapshot.commit_sha,
        since=first["at"].date(),
        until=row.snapshot.committed_at.date(),
        coupled=_coupled(row.snapshot_id, path),
        knowledge=_knowledge(row.snapshot_id, path),
    )


def _coupled(snapshot_id: int, path: str) -> CoupledPlace | None:
    pairs = SnapshotCoupling.objects.filter(Q(a=path) | Q(b=path), snapshot_id=snapshot_id)
    pair = pairs.order_by("-degree", "-shared", "a", "b").first()
    if pair is None:
        return None
    is_first = pair.a == path
    return CoupledPlace(
        path=pair.b if is_first else pair.a,
        shared=pair.shared,
        revisions=pair.revisions_a if is_first else pair.revisions_b,
        degree=pair.degree,
    )


def _knowledge(snapshot_id: int, path: str) -> Knowledge | None:
    """Of the files in the same folder that people here write; bots know nothing."""
    folder = str(PurePosixPath(path).parent)
    below = {} if folder == "." else {"path__startswith": f"{folder}/"}
    rows = SnapshotFile.objects.filter(
        snapshot_id=snapshot_id,
        is_vendored=False,
        is_generated=False,
        tracked_file__isnull=False,
        **below,
    ).order_by("path")
    neighbours = [
        file
        for file, name in rows.values_list("tracked_file_id", "path")[: 5 * MOST_NEIGHBOURS]
        if str(PurePosixPath(name).parent) == folder
    ][:MOST_NEIGHBOURS]
    parts: dict[int, dict[str, Authorship]] = defaultdict(dict)
    revisions = 0
    contributions = Contribution.objects.filter(file__in=neighbours, author__is_bot=False)
    for file, author, count, created in contributions.values_list(
        "file_id", "author_id", "revisions", "created_file"
    ):
        parts[file][str(author)] = Authorship(created, count)
        revisions += count
    if not parts:
        return None
    return Knowledge(len(truck_factor(parts)), len(parts), revisions)

"""What the history says of a file and its folder: how far changes reach, and who knows them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from django.db.models import Q

from analysis.domain.ownership import Authorship, truck_factor
from analysis.models import Contribution, Repository, SnapshotCoupling, SnapshotFile

MOST_NEIGHBOURS = 200


@dataclass(frozen=True, slots=True)
class CoupledPlace:
    """The file, no test, that most often changes together with this one; degree in percent."""

    path: str
    since: date
    shared: int
    revisions: int
    degree: float


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The truck factor of the files in one folder, and the changes it was computed from."""

    since: date
    truck_factor: int
    files: int
    revisions: int


@dataclass(frozen=True, slots=True)
class PlaceHistory:
    """What reaches up to the snapshot's commit; None where nothing was measured.

    `since` is the first change of the file, or of any file in the folder.
    """

    snapshot_id: int
    commit_sha: str
    until: date
    coupled: CoupledPlace | None
    knowledge: Knowledge | None


def place_history(*, repository_id: int, path: str) -> PlaceHistory | None:
    """The history around a file of the current snapshot; None if it is not in there."""
    current = Repository.objects.filter(pk=repository_id).values("current_snapshot")
    row = (
        SnapshotFile.objects.filter(snapshot__in=current, path=path)
        .select_related("snapshot", "tracked_file")
        .first()
    )
    if row is None or row.tracked_file is None or row.tracked_file.first_changed_at is None:
        return None
    return PlaceHistory(
        snapshot_id=row.snapshot_id,
        commit_sha=row.snapshot.commit_sha,
        until=row.snapshot.committed_at.date(),
        coupled=_coupled(row.snapshot_id, path, row.tracked_file.first_changed_at.date()),
        knowledge=_knowledge(row.snapshot_id, path),
    )


def _coupled(snapshot_id: int, path: str, since: date) -> CoupledPlace | None:
    pairs = SnapshotCoupling.objects.filter(Q(a=path) | Q(b=path), snapshot_id=snapshot_id)
    for pair in pairs.order_by("-shared", "-degree", "a", "b")[:MOST_NEIGHBOURS]:
        is_first = pair.a == path
        other = pair.b if is_first else pair.a
        # That a file changes with its test surprises nobody.
        if not is_test(other):
            revisions = pair.revisions_a if is_first else pair.revisions_b
            return CoupledPlace(other, since, pair.shared, revisions, pair.degree)
    return None


def is_test(path: str) -> bool:
    """Whether a file is a test, going by the names that test runners look for."""
    *folders, name = path.lower().split("/")
    stem = name.partition(".")[0]
    return (
        bool({"test", "tests", "spec", "specs", "__tests__"} & set(folders))
        or stem.startswith("test_")
        or stem.endswith(("_test", "_spec"))
        or stem == "conftest"
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
    columns = ("tracked_file_id", "path", "tracked_file__first_changed_at")
    neighbours = {
        file: first
        for file, name, first in rows.values_list(*columns)[: 5 * MOST_NEIGHBOURS]
        if first is not None and str(PurePosixPath(name).parent) == folder
    }
    parts: dict[int, dict[str, Authorship]] = defaultdict(dict)
    revisions = 0
    contributions = Contribution.objects.filter(file__in=list(neighbours), author__is_bot=False)
    for file, author, count, created in contributions.values_list(
        "file_id", "author_id", "revisions", "created_file"
    ):
        parts[file][str(author)] = Authorship(created, count)
        revisions += count
    if not parts:
        return None
    since = min(neighbours.values()).date()
    return Knowledge(since, len(truck_factor(parts)), len(parts), revisions)

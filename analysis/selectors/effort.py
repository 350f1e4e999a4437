"""The work on pieces of a repository's code, in a handful of queries however many they are."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from analysis.domain.effort import Change, RepositoryEffort, Row, Work, places_effort
from analysis.models import Commit, FileChange, KnownPath, Repository, TrackedFile

CHUNK = 5000


def effort_of(
    *, repository_id: int, places: Mapping[int, str], days: int, since: datetime | None = None
) -> RepositoryEffort | None:
    """Return the work on each place up to the current snapshot, or None without a history.

    A place is a path: of a file (also by a name that it bore earlier) or of a folder; one that
    the history never saw has no files. The work of the last `days` days before the snapshot's
    commit is read, and further back to `since` where that is earlier. Bots and merges are left
    out.
    """
    repository = (
        Repository.objects.select_related("current_snapshot").filter(pk=repository_id).first()
    )
    snapshot = repository.current_snapshot if repository else None
    if snapshot is None or not snapshot.with_history:
        return None
    head_at = snapshot.committed_at
    begin = head_at - timedelta(days=days)
    begin = min(begin, since) if since is not None else begin
    files = _files(repository_id, places)
    wanted = sorted(set().union(*files.values())) if files else []
    work = Work(list(_changes(repository_id, begin, head_at)), _rows(repository_id, begin, head_at))
    found, paces = places_effort(work, files, _firsts(wanted), timezone.get_default_timezone())
    return RepositoryEffort(
        snapshot_id=snapshot.pk,
        commit_sha=snapshot.commit_sha,
        head_at=head_at,
        since=begin,
        changes=len(work.changes),
        places=found,
        paces=paces,
    )


def _changes(repository_id: int, begin: datetime, end: datetime) -> Iterator[Change]:
    rows = Commit.objects.filter(
        repository_id=repository_id,
        committed_at__gte=begin,
        committed_at__lte=end,
        is_merge=False,
        author__is_bot=False,
    ).values_list("pk", "author_id", "committed_at", "couples")
    return (Change(*row) for row in rows.iterator(chunk_size=CHUNK))


def _rows(repository_id: int, begin: datetime, end: datetime) -> Sequence[Row]:
    rows = FileChange.objects.filter(
        commit__repository_id=repository_id,
        commit__committed_at__gte=begin,
        commit__committed_at__lte=end,
    ).values_list("commit_id", "file_id", "added", "deleted")
    # Git counts no lines in a binary file.
    return [
        (commit, file, (added or 0) + (deleted or 0))
        for commit, file, added, deleted in rows.iterator(chunk_size=CHUNK)
    ]


def _files(repository_id: int, places: Mapping[int, str]) -> dict[int, frozenset[int]]:
    """The tracked files of each place."""
    paths = sorted(set(places.values()))
    known = {
        path: frozenset({file})
        for start in range(0, len(paths), CHUNK)
        for path, file in KnownPath.objects.filter(
            repository_id=repository_id, path__in=paths[start : start + CHUNK]
        ).values_list("path", "file_id")
    }
    folders = [path for path in paths if path not in known]
    known |= _in_folders(repository_id, folders) if folders else {}
    return {key: known.get(path, frozenset()) for key, path in places.items()}


def _in_folders(repository_id: int, folders: Sequence[str]) -> dict[str, frozenset[int]]:
    rows = TrackedFile.objects.filter(repository_id=repository_id).values_list("path", "pk")
    every = sorted(rows.iterator(chunk_size=CHUNK))
    paths = [path for path, _file in every]
    found = {}
    for folder in folders:
        prefix = folder.strip("/") + "/"
        # "0" is the character after "/".
        first, last = bisect_left(paths, prefix), bisect_left(paths, prefix[:-1] + "0")
        found[folder] = frozenset(file for _path, file in every[first:last])
    return found


def _firsts(files: Sequence[int]) -> dict[int, datetime]:
    """When each file was changed first."""
    return {
        file: at
        for start in range(0, len(files), CHUNK)
        for file, at in TrackedFile.objects.filter(pk__in=files[start : start + CHUNK]).values_list(
            "pk", "first_changed_at"
        )
        if at is not None
    }

"""Appending commits, changes and their sums to the stored history of a default branch."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

from analysis.domain.history import FileHistory
from analysis.domain.languages import is_bot
from analysis.models import (
    Author,
    Commit,
    Contribution,
    FileChange,
    KnownPath,
    Repository,
    SnapshotFile,
    TrackedFile,
)
from analysis.services.history import NewHistory
from common.bulk import insert_rows, update_rows

# Identifiers named in one query.
CHUNK = 5000

Item = TypeVar("Item")


def history_write(*, repository: Repository, new: NewHistory) -> None:
    """Write what was read, and move the repository's `history_head`.

    Call it inside the transaction that also writes the snapshot: either both are there or
    neither. Nothing is written twice, since `new` continues exactly where the head stood.
    """
    if not new.base:
        history_forget(repository=repository)
    if new.head != new.base:
        authors = _write_authors(repository, new)
        files, continued = _write_files(repository, new)
        commits = _write_commits(repository, new, authors)
        insert_rows(
            FileChange,
            ("commit_id", "file_id", "added", "deleted"),
            (
                (commits[commit.sha], files[number], added, deleted)
                for commit in new.commits
                for number, added, deleted in commit.changes
            ),
        )
        _write_contributions(new, files, authors, continued)
        _write_paths(repository, new, files)
    repository.history_head = new.head
    repository.history_is_shallow = new.is_shallow
    repository.save(update_fields=["history_head", "history_is_shallow"])


def history_forget(*, repository: Repository) -> None:
    """Delete the stored history: after a force push it is read again from the beginning."""
    files = TrackedFile.objects.filter(repository=repository)
    SnapshotFile.objects.filter(snapshot__repository=repository).update(tracked_file=None)
    _delete(KnownPath.objects.filter(repository=repository))
    _delete(Contribution.objects.filter(file__in=files))
    _delete(FileChange.objects.filter(file__in=files))
    _delete(files)
    _delete(Commit.objects.filter(repository=repository))
    _delete(Author.objects.filter(repository=repository))


def _delete(rows: QuerySet[Model]) -> None:
    # In the order of their references, so one statement each and no cascade to look for.
    rows._raw_delete(rows.db)


def _write_authors(repository: Repository, new: NewHistory) -> dict[str, int]:
    known = dict(Author.objects.filter(repository=repository).values_list("key", "pk"))
    keys = {key: key[:254] for key in new.authors}
    Author.objects.bulk_create(
        Author(
            repository=repository,
            key=keys[key],
            name=name[:200],
            email=email[:254],
            is_bot=is_bot(name, email),
        )
        for key, (name, email) in new.authors.items()
        if keys[key] not in known
    )
    known = dict(Author.objects.filter(repository=repository).values_list("key", "pk"))
    return {key: known[short] for key, short in keys.items()}


def _write_commits(
    repository: Repository, new: NewHistory, authors: dict[str, int]
) -> dict[str, int]:
    insert_rows(
        Commit,
        (
            "repository_id", "sha", "author_id", "committed_at", "subject", "is_merge", "files",
            "couples",
        ),
        (
            (
                repository.pk, commit.sha, authors[commit.author], commit.committed_at,
                commit.subject, commit.is_merge, len(commit.changes), commit.couples,
            )
            for commit in new.commits
        ),
    )  # fmt: skip
    rows = Commit.objects.filter(repository=repository)
    if new.base:
        return {
            sha: pk
            for shas in _chunks([commit.sha for commit in new.commits])
            for sha, pk in rows.filter(sha__in=shas).values_list("sha", "pk")
        }
    return dict(rows.values_list("sha", "pk").iterator(chunk_size=CHUNK))


def _write_files(repository: Repository, new: NewHistory) -> tuple[dict[int, int], set[int]]:
    """Write the touched files with their sums.

    Return their keys by number, and the keys of those that had been written before.
    """
    touched = new.fold.files
    coupling = Counter(
        number for commit in new.commits if commit.couples for number, *_ in commit.changes
    )
    rows = TrackedFile.objects.filter(repository=repository)
    known = {
        file.number: file for chunk in _chunks(touched) for file in rows.filter(number__in=chunk)
    }
    for number, file in known.items():
        _add(file, touched[number], coupling[number])
    update_rows(
        known.values(),
        [
            "path", "revisions", "coupling_revisions", "added", "deleted", "first_changed_at",
            "last_changed_at",
        ],
    )  # fmt: skip
    insert_rows(
        TrackedFile,
        (
            "repository_id", "number", "path", "revisions", "coupling_revisions", "added",
            "deleted", "authors", "first_changed_at", "last_changed_at",
        ),
        (
            (
                repository.pk, number, sums.path, sums.revisions, coupling[number], sums.added,
                sums.deleted, len(sums.contributions), sums.first_changed_at,
                sums.last_changed_at,
            )
            for number, sums in touched.items()
            if number not in known
        ),
    )  # fmt: skip
    keys = {
        number: pk
        for chunk in _chunks(touched)
        for number, pk in rows.filter(number__in=chunk).values_list("number", "pk")
    }
    return keys, {file.pk for file in known.values()}


def _add(file: TrackedFile, sums: FileHistory, coupling_revisions: int) -> None:
    file.path = sums.path
    file.revisions += sums.revisions
    file.coupling_revisions += coupling_revisions
    file.added += sums.added
    file.deleted += sums.deleted
    file.first_changed_at = min(
        filter(None, (file.first_changed_at, sums.first_changed_at)), default=None
    )
    file.last_changed_at = max(
        filter(None, (file.last_changed_at, sums.last_changed_at)), default=None
    )


def _write_contributions(
    new: NewHistory, files: dict[int, int], authors: dict[str, int], continued: set[int]
) -> None:
    sums = {
        (files[number], authors[author]): contribution
        for number, file in new.fold.files.items()
        for author, contribution in file.contributions.items()
    }
    known = {
        (row.file_id, row.author_id): row
        for chunk in _chunks(continued)
        for row in Contribution.objects.filter(file__in=chunk)
        if (row.file_id, row.author_id) in sums
    }
    for key, row in known.items():
        row.revisions += sums[key].revisions
        row.added += sums[key].added
        row.deleted += sums[key].deleted
        row.created_file = row.created_file or sums[key].created
    update_rows(known.values(), ["revisions", "added", "deleted", "created_file"])
    fresh = {key: one for key, one in sums.items() if key not in known}
    insert_rows(
        Contribution,
        ("file_id", "author_id", "revisions", "added", "deleted", "created_file"),
        (
            (file, author, one.revisions, one.added, one.deleted, one.created)
            for (file, author), one in fresh.items()
        ),
    )
    _count_authors(Counter(file for file, _ in fresh if file in continued))


def _count_authors(new_authors: Counter[int]) -> None:
    """Raise each file's number of authors by those that are new to it."""
    for chunk in _chunks(new_authors):
        files = list(TrackedFile.objects.filter(pk__in=chunk).only("authors"))
        for file in files:
            file.authors += new_authors[file.pk]
        update_rows(files, ["authors"])


def _write_paths(repository: Repository, new: NewHistory, files: dict[int, int]) -> None:
    """Store the names by which later commits will find their files."""
    lineages = new.fold.lineages
    borne = KnownPath.objects.filter(repository=repository)
    touched = [path for path, number in lineages.names.items() if number in files]
    # By path, since a path may have passed from an untouched file to a touched one.
    stored = {
        row.path: row
        for chunk in (_chunks(touched) if new.base else ())
        for row in borne.filter(path__in=chunk)
    }
    changed = []
    for path, row in stored.items():
        file, moved = files[lineages.names[path]], path in lineages.moved_away
        if (row.file_id, row.moved_away) != (file, moved):
            row.file_id, row.moved_away = file, moved
            changed.append(row)
    update_rows(changed, ["file", "moved_away"])
    insert_rows(
        KnownPath,
        ("repository_id", "path", "file_id", "moved_away"),
        (
            (repository.pk, path, files[number], path in lineages.moved_away)
            for path, number in ((path, lineages.names[path]) for path in touched)
            if path not in stored
        ),
    )


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    every = list(items)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]

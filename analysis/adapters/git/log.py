"""Streams the history: who changed which files when, and by how many lines.

Git's time goes into comparing contents, which one process does on one core. So a cheap walk lists
the commits, several `git diff-tree` compare them in alternating batches, and the results are put
back into the walk's order. What waits is bounded: the list of commits is on disk and each
process stops when its queue is full.
"""

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

from analysis.adapters.git.changes import ChangeReader
from analysis.adapters.git.errors import storage_error
from analysis.adapters.git.names import object_id, text_of
from analysis.adapters.git.process import LONG, Git
from analysis.adapters.git.records import fields, instant
from analysis.adapters.git.tree import resolve
from analysis.domain.history import CommitRecord

LogProgress = Callable[[int, int], None]
"""Called with (commits read, commits in all)."""

_FORMAT = "--format=tformat:%H%x00%P%x00%ct%x00%aN%x00%aE%x00%s"
_FIELDS = 6
_BATCH = 64  # commits that one process compares before the next one's turn
_PROGRESS_STEP = 256
_CHUNK = 1 << 16


def read_history(
    git_dir: Path,
    until: str,
    since: str | None = None,
    *,
    processes: int = 2,
    progress: LogProgress | None = None,
    patience: float = LONG,
) -> Generator[CommitRecord, None, None]:
    """Commits reachable from `until` and not from `since` (full shas), parents before children.

    Renames are found as git does by default (-M, at most 1,000 x 1,000 candidates), authors are
    named by the .mailmap of `until`, merges come without changes. Closing the iterator stops the
    processes. `patience` is the longest silence of git in seconds. Raises GitError.
    """
    git = Git(git_dir)
    with ExitStack() as stack:
        spool = stack.enter_context(tempfile.TemporaryFile(prefix="displace-log-"))
        total = _walk(git, spool, until, since, patience)
        readers = [
            stack.enter_context(
                ChangeReader(git, partial(_turns, spool, turn, processes), patience)
            )
            for turn in range(processes)
        ]
        compared = 0
        for done, record in enumerate(_records(spool)):
            if progress is not None and done % _PROGRESS_STEP == 0:
                progress(done, total)
            if record.is_merge:
                yield record
                continue
            reader = readers[compared // _BATCH % processes]
            compared += 1
            yield replace(record, changes=reader.changes_of(record.sha))
        if progress is not None:
            progress(total, total)


def _walk(git: Git, spool: IO[bytes], until: str, since: str | None, patience: float) -> int:
    """Write the commits' own data to the spool; returns how many there are."""
    limits = [_present(git, until)]
    if since is not None:
        limits.append("^" + _present(git, since))
    written = 0
    with git.stream(
        "-c", f"mailmap.blob={until}:.mailmap", "log", "--topo-order", "--reverse", "-z",
        "--no-patch", "--no-color", "--encoding=UTF-8", _FORMAT, *limits, "--",
        patience=patience,
    ) as stream:  # fmt: skip
        try:
            for chunk in stream:
                written += chunk.count(b"\0")
                spool.write(chunk)
            spool.flush()
        except OSError as error:
            raise storage_error(error) from error
    return written // _FIELDS


def _present(git: Git, sha: str) -> str:
    """The sha, if it is one and the mirror has that commit: a rewritten branch may lose it."""
    return resolve(git, object_id(sha))


def _commits(spool: IO[bytes]) -> Iterator[tuple[bytes, ...]]:
    """The spooled commits as tuples of fields. Several readers may be under way at once."""
    return zip(*[fields(_chunks(spool))] * _FIELDS, strict=True)


def _chunks(spool: IO[bytes]) -> Iterator[bytes]:
    offset = 0
    while chunk := os.pread(spool.fileno(), _CHUNK, offset):
        offset += len(chunk)
        yield chunk


def _records(spool: IO[bytes]) -> Iterator[CommitRecord]:
    for sha, parents, committed, name, email, subject in _commits(spool):
        yield CommitRecord(
            sha.decode("ascii"),
            tuple(parents.decode("ascii").split()),
            text_of(name),
            text_of(email),
            instant(committed),
            text_of(subject),
            (),
        )


def _turns(spool: IO[bytes], turn: int, processes: int, skipped: int = 0) -> Iterator[bytes]:
    """The commits that one process compares, as lines, without the first `skipped` ones."""
    ordinary = (sha for sha, parents, *_ in _commits(spool) if b" " not in parents)
    own = (sha for i, sha in enumerate(ordinary) if i // _BATCH % processes == turn)
    return (sha + b"\n" for sha in islice(own, skipped, None))

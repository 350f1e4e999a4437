"""Reads what `git diff-tree` says of a list of commits."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, cast

from analysis.adapters.git.errors import DamagedRepository
from analysis.adapters.git.names import printable_path
from analysis.adapters.git.process import LONG, Git, Stream
from analysis.adapters.git.records import fields
from analysis.domain.history import ChangeStatus, FileChange

# --always: a commit without changes is announced too, so answers and questions stay in step.
# Submodules are other repositories' commits, not files.
_COMPARE = ("diff-tree", "-r", "--root", "-z", "--raw", "--always", "--ignore-submodules")
_IN_FULL = ("-M", "-l1000", "--numstat", "--no-ext-diff", "--no-textconv")
_RESTARTS = 100

RawChange = tuple[str, str | None, ChangeStatus, str | None]
"""Path, old path, status, content afterwards."""


class ChangeReader:
    """The file changes of commits, asked for in the order in which they were given.

    A content that is missing (a partial clone, a bad disk) ends git's process. That one commit is
    then read without comparing contents, so without renames and line counts, and the process is
    started again behind it; only when that happens too often is the repository called damaged.
    """

    def __init__(
        self, git: Git, commits: Callable[[int], Iterable[bytes]], patience: float = LONG
    ) -> None:
        self._git = git
        self._commits = commits
        self._patience = patience
        self._answered = 0
        self._restarts = 0
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    def changes_of(self, sha: str) -> tuple[FileChange, ...]:
        """The changes of the next commit, which must be `sha`. Raises GitError."""
        try:
            changes = self._answers.next_commit(sha)
        except DamagedRepository:
            if self._restarts == _RESTARTS:
                raise
            self._restarts += 1
            self._stream.close()
            changes = self._without_contents(sha)
            self._answered += 1
            self._start()
        else:
            self._answered += 1
        return changes

    def _start(self) -> None:
        self._stream: Stream = self._git.stream(
            *_COMPARE, *_IN_FULL, "--stdin",
            stdin=self._commits(self._answered), patience=self._patience,
        )  # fmt: skip
        self._answers = _Answers(fields(self._stream))

    def _without_contents(self, sha: str) -> tuple[FileChange, ...]:
        raw = self._git.output(*_COMPARE, "--no-renames", sha, "--", patience=self._patience)
        return _Answers(iter(raw.split(b"\0")[:-1])).next_commit(sha)


class _Answers:
    """Parses `<sha> (:modes oids status path [path])* (added deleted path)*`, NUL between."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._ahead = b""  # empty at the end
        self._started = False

    def next_commit(self, sha: str) -> tuple[FileChange, ...]:
        if not self._started:
            self._started = True
            self._advance()
        if self._ahead != sha.encode("ascii"):
            raise DamagedRepository(
                "The history could not be read to its end; fetch the repository again."
            )
        self._advance()
        raw = []
        while self._ahead.startswith(b":"):
            raw.append(self._raw_change(self._ahead))
        counts: dict[str, tuple[int | None, int | None]] = {}
        while b"\t" in self._ahead:
            path, added, deleted = self._line_counts(self._ahead)
            counts[path] = (added, deleted)
        return tuple(
            FileChange(path, old, status, *counts.get(path, (None, None)), oid=oid)
            for path, old, status, oid in raw
        )

    def _advance(self) -> None:
        self._ahead = next(self._parts, b"")

    def _raw_change(self, part: bytes) -> RawChange:
        _, _, _, oid, letter = part.decode("ascii").split(" ")
        path = old = printable_path(next(self._parts))
        if letter[0] == "R":
            path = printable_path(next(self._parts))
        self._advance()
        status = cast("ChangeStatus", letter[0])
        content = None if status == "D" else oid
        return path, old if status == "R" else None, status, content

    def _line_counts(self, part: bytes) -> tuple[str, int | None, int | None]:
        added, deleted, path = part.split(b"\t", 2)
        if not path:  # a rename: the two names follow
            next(self._parts)
            path = next(self._parts)
        self._advance()
        return printable_path(path), _number(added), _number(deleted)


def _number(digits: bytes) -> int | None:
    return None if digits == b"-" else int(digits)

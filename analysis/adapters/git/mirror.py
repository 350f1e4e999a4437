"""A bare copy of a repository in the data directory: the only thing that is ever measured."""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import git as gitpython

from analysis.adapters.git import blame, comparing, log, messages, sources, tidiness, tree
from analysis.adapters.git.errors import (
    GitError,
    NoDefaultBranch,
    NotARepository,
    UnknownRevision,
    storage_error,
)
from analysis.adapters.git.lock import clean_remains, sole_writer
from analysis.adapters.git.names import printable_path
from analysis.adapters.git.process import LONG, SHORT, Git
from analysis.adapters.git.seeding import seed
from analysis.domain.changes import ChangeCommit, ChangedFile
from analysis.domain.history import CommitRecord
from analysis.domain.locations import Location

# Only branches and tags: forges keep thousands of refs/pull and refs/changes beside them.
_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")

_SHALLOW = (
    "The source is a shallow clone: older history is missing, so ages, revisions and "
    "coupling count only what is there. Fetch its whole history (git fetch --unshallow)."
)

FetchProgress = Callable[[str, int, int], None]
"""Called with (stage in git's words, done, total); total is 0 while it is unknown."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch found. `head_sha` is the tip of `default_branch`."""

    default_branch: str
    head_sha: str
    shallow: bool
    warnings: tuple[str, ...]


class Mirror:
    """A bare mirror. Reading needs no lock; fetching takes the mirror's writer lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._git = Git(path)

    @classmethod
    def create(cls, path: Path, *, source: Location | None = None) -> Self:
        """An empty mirror at `path`, or the one that is already there.

        With a local `source` a new mirror starts as a copy of its objects: copying files takes a
        hundredth of the time that packing and unpacking them again does. A fetch must follow.
        """
        if (path / "HEAD").exists():
            return cls(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if source is None or not seed(path, source):
                # No template: the machine's sample hooks have no business in a mirror.
                Git(path).output("init", "--bare", "--quiet", "--template=", "--", str(path))
        except OSError as error:
            raise storage_error(error) from error
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """The mirror at `path`. Raises NotARepository when there is none."""
        if not (path / "HEAD").exists():
            raise NotARepository("This repository has not been fetched yet; analyse it first.")
        return cls(path)

    def fetch(
        self,
        location: Location,
        progress: FetchProgress | None = None,
        *,
        patience: float = LONG,
        lock_patience: float = 60.0,
        on_tip: Callable[[str], None] | None = None,
    ) -> Fetched:
        """Make the mirror's branches and tags equal to the source's.

        Deleted branches disappear, rewritten ones move, a renamed default branch is followed.
        `patience` is the longest silence of the source in seconds, `lock_patience` the wait for
        another writer. `on_tip` hears the sha of the default branch's tip before anything is
        transferred. Raises a GitError; the mirror then still has its former state or a
        mixture of former and new branches, and the next fetch completes it.
        """
        if location.kind == "local":
            sources.check_local(location)
        with sole_writer(self.path, patience=lock_patience) as lock:
            clean_remains(self.path)
            heads = sources.read_heads(self._git, location, patience=min(patience, SHORT))
            branch = sources.default_branch(heads, place=location.redacted)
            if on_tip is not None:
                on_tip(heads.branches[branch])
            self._fetch_refs(location, progress, patience, lock)
            head_sha = self._point_head_at(branch, location)
            if tidiness.is_untidy(self.path):
                self._tidy(lock)
        shallow = self.is_shallow
        return Fetched(printable_path(os.fsencode(branch)), head_sha, shallow, _warnings(shallow))

    @property
    def is_shallow(self) -> bool:
        """Whether history is cut off because the source is a shallow clone."""
        return (self.path / "shallow").exists()

    def resolve(self, revision: str) -> str:
        """The full sha of the commit that a name stands for. Raises UnknownRevision."""
        return tree.resolve(self._git, revision)

    def has(self, sha: str) -> bool:
        """Whether the commit is here."""
        if (self.path / "objects" / sha[:2] / sha[2:]).exists():
            return True  # just fetched, and not yet packed: no process needed
        try:
            return self.resolve(sha) == sha
        except UnknownRevision:
            return False

    def list_tree(self, sha: str) -> list[tree.TreeEntry]:
        """Every file, symbolic link and submodule of the commit, in path order."""
        return tree.list_tree(self._git, sha)

    def read_blobs(
        self, oids: Iterable[str], *, limit: int = tree.BLOB_LIMIT
    ) -> Generator[tree.Blob, None, None]:
        """The contents in the order asked for. See `Blob` for large and missing ones."""
        return tree.read_blobs(self._git, oids, limit=limit)

    def read_blob(self, oid: str, *, limit: int = tree.BLOB_LIMIT) -> tree.Blob:
        """One content."""
        return next(self.read_blobs([oid], limit=limit))

    def grep(
        self, sha: str, pattern: str, *, fixed: bool = False, ignore_case: bool = False
    ) -> Generator[tree.Match, None, None]:
        """Lines of the commit's text files that match a POSIX extended expression."""
        return tree.grep(self._git, sha, pattern, fixed=fixed, ignore_case=ignore_case)

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether one commit is reachable from another (a commit is its own ancestor)."""
        return tree.is_ancestor(self._git, ancestor, descendant)

    def commits_between(self, since: str, until: str) -> list[str]:
        """Shas reachable from `until` and not from `since`, oldest first."""
        return tree.commits_between(self._git, since, until)

    def first_parents(self, sha: str) -> list[tuple[str, datetime]]:
        """The commits from `sha` back to the first one along first parents, with their dates."""
        return tree.first_parents(self._git, sha)

    def commit_info(self, sha: str) -> tree.CommitInfo:
        """One commit with its whole message. Raises UnknownRevision."""
        return tree.commit_info(self._git, sha)

    def merge_base(self, a: str, b: str) -> str | None:
        """The best commit that both descend from, or None when their histories never meet here."""
        return comparing.merge_base(self._git, a, b)

    def changed_files(self, before: str, after: str) -> list[ChangedFile]:
        """The files that differ between two commits, renames found."""
        return comparing.changed_files(self._git, before, after)

    def commits_of(self, since: str, until: str) -> list[ChangeCommit]:
        """The commits reachable from `until` and not from `since`, the newest first."""
        return comparing.commits_of(self._git, since, until)

    def line_origins(
        self, sha: str, path: str, lines: Sequence[int]
    ) -> dict[int, blame.LineOrigin]:
        """Which commits last changed these lines (from 1) of a file."""
        return blame.line_origins(self._git, sha, path, lines)

    def messages_matching(
        self, until: str, since: str | None, patterns: Sequence[str]
    ) -> Generator[messages.CommitMessage, None, None]:
        """Commits with a line of their message that matches. See `read_messages`."""
        return messages.read_messages(self._git, until, since, patterns)

    def changed_lines(self, sha: str, word: str) -> tuple[list[str], list[str]]:
        """The lines holding a word that a commit added and removed."""
        return messages.changed_lines(self._git, sha, word)

    def line_bringing(self, until: str, expression: str) -> str:
        """The newest commit that brought a line matching an expression; empty for none."""
        return messages.line_bringing(self._git, until, expression)

    def is_inverse(self, sha: str, other: str) -> bool:
        """Whether one commit takes back exactly what another one did."""
        return messages.is_inverse(self._git, sha, other)

    def commits_touching(self, until: str, since: str, expression: str) -> list[str]:
        """New commits that changed a line matching an expression, newest first."""
        return messages.commits_touching(self._git, until, since, expression)

    def renames(self, old: str, new: str) -> dict[str, str]:
        """Old path -> new path of the files renamed between two commits."""
        return messages.renames(self._git, old, new)

    def branches(self) -> dict[str, str]:
        """Branch name -> sha of its tip."""
        return tree.references(self._git, "refs/heads/")

    def tags(self) -> dict[str, str]:
        """Tag name -> sha of the commit it names (tags of other objects are left out)."""
        return tree.references(self._git, "refs/tags/")

    def history(
        self,
        until: str,
        since: str | None = None,
        *,
        processes: int = 2,
        progress: log.LogProgress | None = None,
    ) -> Generator[CommitRecord, None, None]:
        """Commits reachable from `until` and not from `since`. See `read_history`."""
        return log.read_history(self.path, until, since, processes=processes, progress=progress)

    def _fetch_refs(
        self, location: Location, progress: FetchProgress | None, patience: float, lock: int
    ) -> None:
        # A mirror of a shallow source becomes complete as soon as the source is.
        depth = ["--unshallow"] if self.is_shallow else []
        with self._git.stream(
            "fetch",
            "--progress",
            "--prune",
            "--force",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--update-shallow",
            *depth,
            "--",
            location.url,
            *_REFSPECS,
            patience=patience,
            place=location.redacted,
            secrets=location.secrets,
            on_stderr=_Listener(progress).listen,
            held=(lock,),
        ) as stream:
            for _ in stream:
                pass

    def _point_head_at(self, branch: str, location: Location) -> str:
        ref = f"refs/heads/{branch}"
        try:
            sha = tree.resolve(self._git, ref)
        except GitError as error:
            # Deleted at the source between the question and the fetch.
            raise NoDefaultBranch(
                f"The branch {branch} of {location.redacted} has just gone; try again."
            ) from error
        if (self.path / "HEAD").read_bytes() != os.fsencode(f"ref: {ref}\n"):
            self._git.output("symbolic-ref", "HEAD", ref)
        return sha

    def _tidy(self, lock: int) -> None:
        """Keep many small fetches from slowing the readers down. Nothing depends on it."""
        for command in (
            ("-c", "gc.auto=4000", "-c", "gc.autoPackLimit=40", "gc", "--auto", "--quiet"),
            ("commit-graph", "write", "--reachable", "--split", "--no-progress"),
        ):
            try:
                with self._git.stream(*command, held=(lock,)) as stream:
                    b"".join(stream)
            except GitError:
                continue


class _Listener(gitpython.RemoteProgress):
    """Turns git's progress lines into calls of (stage, done, total)."""

    _STAGES = {
        gitpython.RemoteProgress.COUNTING: "Counting objects",
        gitpython.RemoteProgress.COMPRESSING: "Compressing objects",
        gitpython.RemoteProgress.RECEIVING: "Receiving objects",
        gitpython.RemoteProgress.RESOLVING: "Resolving deltas",
    }

    def __init__(self, progress: FetchProgress | None) -> None:
        super().__init__()
        self._progress = progress

    def listen(self, line: str) -> None:
        """Read one line of git's standard error."""
        if self._progress is not None:
            self._parse_progress_line(line)

    def update(
        self,
        op_code: int,
        cur_count: str | float,
        max_count: str | float | None = None,
        message: str = "",
    ) -> None:
        stage = self._STAGES.get(op_code & self.OP_MASK)
        if stage is not None and self._progress is not None:
            self._progress(stage, int(float(cur_count)), int(float(max_count or 0)))


def _warnings(shallow: bool) -> tuple[str, ...]:
    return (_SHALLOW,) if shallow else ()

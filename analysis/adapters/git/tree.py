"""Reads one commit: its files, their contents, its message."""

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from analysis.adapters.git.errors import DamagedRepository, GitError, UnknownRevision
from analysis.adapters.git.names import object_id, printable_path, text_of
from analysis.adapters.git.process import LONG, Git
from analysis.adapters.git.records import Buffer, instant

BLOB_LIMIT = 8 << 20  # bytes
MATCH_LIMIT = 2000  # characters kept of a matching line

EntryKind = Literal["file", "symlink", "submodule"]
_KINDS: dict[str, EntryKind] = {"120000": "symlink", "160000": "submodule"}
_MESSAGE_FORMAT = "--format=tformat:%P%x00%aN%x00%aE%x00%at%x00%ct%x00%s%x00%B"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One path of a commit. `size` is in bytes; 0 for a submodule, whose `oid` is a commit."""

    path: str
    mode: str
    oid: str
    size: int
    kind: EntryKind


@dataclass(frozen=True, slots=True)
class Blob:
    """A content. `data` is None when it is larger than the limit or (size -1) missing."""

    oid: str
    size: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Match:
    """A line found by grep; lines count from 1, very long ones are cut."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One commit. Author through .mailmap; `message` is whole, `subject` its first paragraph."""

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    authored_at: datetime
    committed_at: datetime
    subject: str
    message: str


def resolve(git: Git, revision: str) -> str:
    """The full sha of the commit that a name stands for. Raises UnknownRevision."""
    if not revision or revision.startswith("-") or _CONTROL.search(revision):
        raise UnknownRevision(f"{revision!r:.80} is not the name of a commit, branch or tag.")
    try:
        lines = git.lines("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except GitError as error:
        raise UnknownRevision(
            f"There is no commit, branch or tag {revision!r:.80} in this repository.",
            detail=error.detail,
        ) from error
    return object_id(lines[0])


def list_tree(git: Git, sha: str) -> list[TreeEntry]:
    """Every file, symbolic link and submodule of the commit, in path order."""
    listing = git.output("ls-tree", "-r", "-z", "-l", "--full-tree", object_id(sha), patience=LONG)
    entries = []
    for record in listing.split(b"\0")[:-1]:
        attributes, _, path = record.partition(b"\t")
        mode, _, oid, size = attributes.decode("ascii").split()
        entries.append(
            TreeEntry(
                printable_path(path),
                mode,
                oid,
                int(size) if size.isdigit() else 0,
                _KINDS.get(mode, "file"),
            )
        )
    return entries


def read_blobs(
    git: Git, oids: Iterable[str], *, limit: int = BLOB_LIMIT
) -> Generator[Blob, None, None]:
    """The contents in the order asked for, through one process and in bounded memory."""
    requests = (f"{object_id(oid)}\n".encode("ascii") for oid in oids)
    with git.stream("cat-file", "--batch", "--buffer", stdin=requests) as stream:
        buffer = Buffer(stream)
        while (header := buffer.until(b"\n")) is not None:
            oid, *rest = header.decode("ascii", "replace").split(" ")
            if rest == ["missing"]:
                yield Blob(oid, -1, None)
                continue
            size = int(rest[1])
            if size > limit:
                buffer.skip(size + 1)
                yield Blob(oid, size, None)
            else:
                yield Blob(oid, size, buffer.exactly(size + 1)[:-1])


def grep(
    git: Git, sha: str, pattern: str, *, fixed: bool = False, ignore_case: bool = False
) -> Generator[Match, None, None]:
    """Lines of the commit's text files that match, in path order.

    `pattern` is a POSIX extended expression, or plain text with `fixed`.
    """
    options = ["--fixed-strings" if fixed else "--extended-regexp"]
    if ignore_case:
        options.append("--ignore-case")
    prefix = len(object_id(sha)) + 1
    # Exit status 1 says that nothing matched.
    with git.stream(
        "grep", "-n", "-I", "-z", "--no-color", "--full-name", *options, "-e", pattern, sha,
        "--", accepted=(0, 1),
    ) as stream:  # fmt: skip
        buffer = Buffer(stream)
        while (path := buffer.until(b"\0")) is not None:
            line = buffer.until(b"\0") or b"0"
            text = buffer.until(b"\n") or b""
            yield Match(printable_path(path[prefix:]), int(line), text_of(text)[:MATCH_LIMIT])


def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    """Whether one commit is reachable from another (a commit is its own ancestor)."""
    # merge-base --is-ancestor says no by status 1; an unknown commit is an error.
    arguments = ("--count", "--max-count=1", object_id(ancestor), f"^{object_id(descendant)}")
    return _counting(git, *arguments) == 0


def commits_between(git: Git, since: str, until: str) -> list[str]:
    """Shas reachable from `until` and not from `since`, oldest first."""
    arguments = ("--topo-order", "--reverse", object_id(until), f"^{object_id(since)}")
    try:
        return git.lines("rev-list", *arguments, "--", patience=LONG)
    except DamagedRepository as error:
        raise _unknown_commit(error) from error


def first_parents(git: Git, sha: str) -> list[tuple[str, datetime]]:
    """The commits from `sha` back to the first one along first parents, with commit dates."""
    arguments = ("--first-parent", "--timestamp", object_id(sha), "--")
    walked = []
    for line in git.output("rev-list", *arguments, patience=LONG).splitlines():
        seconds, _, commit = line.partition(b" ")
        walked.append((commit.decode("ascii"), instant(seconds)))
    return walked


def commit_info(git: Git, sha: str) -> CommitInfo:
    """One commit with its whole message. Raises UnknownRevision."""
    mailmap = f"mailmap.blob={object_id(sha)}:.mailmap"
    try:
        raw = git.output("-c", mailmap, "log", "-1", "-z", "--no-patch", _MESSAGE_FORMAT, sha, "--")
    except DamagedRepository as error:
        raise _unknown_commit(error) from error
    parents, name, email, authored, committed, subject, message = raw.split(b"\0")[:7]
    return CommitInfo(
        sha,
        tuple(parents.decode("ascii").split()),
        text_of(name),
        text_of(email),
        instant(authored),
        instant(committed),
        text_of(subject),
        text_of(message),
    )


def references(git: Git, prefix: str) -> dict[str, str]:
    """Name without the prefix -> sha of the commit, for the references that name commits."""
    arguments = ("--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)",)
    found = {}
    for line in git.output("for-each-ref", *arguments, prefix).split(b"\n")[:-1]:
        kind, oid, peeled_kind, peeled_oid, name = line.split(b" ", 4)
        if b"commit" in (kind, peeled_kind):
            commit = peeled_oid if peeled_kind == b"commit" else oid
            found[printable_path(name[len(prefix) :])] = commit.decode("ascii")
    return found


def _counting(git: Git, *arguments: str) -> int:
    try:
        return int(git.lines("rev-list", *arguments, "--", patience=LONG)[0])
    except DamagedRepository as error:
        raise _unknown_commit(error) from error


def _unknown_commit(error: GitError) -> UnknownRevision:
    return UnknownRevision(
        "A commit asked for is not in the mirror; fetch the repository again.", detail=error.detail
    )

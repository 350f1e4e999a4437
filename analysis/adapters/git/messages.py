"""Commits by what their messages say, and what single commits did to marked lines."""

import os
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.adapters.git.errors import DamagedRepository, UnknownRevision
from analysis.adapters.git.names import object_id, printable_path, text_of
from analysis.adapters.git.process import LONG, Git
from analysis.adapters.git.records import Buffer, instant

MESSAGE_LIMIT = 1 << 18  # characters kept of one message
PATCH_LIMIT = 16 << 20  # bytes read of one commit's patch
MOST_FOUND = 50  # commits that touched a text

_FORMAT = "--format=tformat:%H%x00%P%x00%aN%x00%aE%x00%ct%x00%B"
# What a commit did, seen from its first parent, without what the machine's settings would add.
_PATCH = ("log", "-1", "-p", "-m", "--first-parent", "-U0", "--format=", "--no-prefix",
          "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")  # fmt: skip
_PATCH_ID = re.compile(rb"([0-9a-f]{40,64}) ")


@dataclass(frozen=True, slots=True)
class CommitMessage:
    """A commit and its whole message (cut at MESSAGE_LIMIT); the author through .mailmap."""

    sha: str
    parents: tuple[str, ...]
    author: str
    email: str
    committed_at: datetime
    message: str


def read_messages(
    git: Git, until: str, since: str | None, patterns: Sequence[str]
) -> Generator[CommitMessage, None, None]:
    """Commits reachable from `until` and not from `since`, parents first, one process for all.

    Only those with a line that matches one of the POSIX extended expressions; Git itself sorts
    the others out. Raises UnknownRevision when a commit is missing.
    """
    limits = [object_id(until), *([f"^{object_id(since)}"] if since else [])]
    mailmap = ("-c", f"mailmap.blob={object_id(until)}:.mailmap")
    sought = [f"--grep={pattern}" for pattern in patterns]
    arguments = ("-z", "--no-patch", "--topo-order", "--reverse", "--extended-regexp", _FORMAT)
    try:
        with git.stream(*mailmap, "log", *arguments, *sought, *limits, "--") as stream:
            buffer = Buffer(stream)
            while (sha := buffer.until(b"\0")) is not None:
                parents, name, email, at, body = (buffer.until(b"\0") or b"" for _ in range(5))
                yield CommitMessage(
                    sha.decode("ascii", "replace"),
                    tuple(parents.decode("ascii", "replace").split()),
                    text_of(name),
                    text_of(email),
                    instant(at),
                    text_of(body[: MESSAGE_LIMIT * 4])[:MESSAGE_LIMIT],
                )
    except DamagedRepository as error:
        raise UnknownRevision(
            "A commit asked for is not in the mirror; fetch the repository again.",
            detail=error.detail,
        ) from error


def changed_lines(git: Git, sha: str, word: str) -> tuple[list[str], list[str]]:
    """The lines holding `word` that a commit added and removed, against its first parent."""
    added: list[str] = []
    removed: list[str] = []
    sought = word.encode()
    for line in _patch(git, sha, f"-G{re.escape(word)}").split(b"\n"):
        if sought not in line or line.startswith((b"+++ ", b"--- ")):
            continue
        if line.startswith(b"+"):
            added.append(text_of(line[1:]))
        elif line.startswith(b"-"):
            removed.append(text_of(line[1:]))
    return added, removed


def is_inverse(git: Git, sha: str, other: str) -> bool:
    """Whether one commit takes back exactly what another one did (each against its parent)."""
    back = _patch_id(git, _patch(git, sha, "-R"))
    return bool(back) and back == _patch_id(git, _patch(git, other))


def line_bringing(git: Git, until: str, expression: str) -> str:
    """The newest commit after which a line matching an expression stands in more places.

    Only the past of the file that holds it at `until` is read, through renames. Empty for none.
    """
    # Exit status 1 says that nothing matched.
    with git.stream(
        "grep", "-I", "-z", "-l", "--full-name", "-E", "-e", expression, object_id(until), "--",
        accepted=(0, 1),
    ) as stream:  # fmt: skip
        path = (Buffer(stream).until(b"\0") or b"").partition(b":")[2]
    if not path:
        return ""
    found = git.lines(
        "--literal-pathspecs", "log", "-1", "--format=%H", "--follow", "--pickaxe-regex",
        f"-S{expression}", object_id(until), "--", os.fsdecode(path), patience=LONG,
    )  # fmt: skip
    return found[0] if found else ""


def commits_touching(git: Git, until: str, since: str, expression: str) -> list[str]:
    """New commits (newest first, no merges) that changed a line matching an expression."""
    limits = (object_id(until), f"^{object_id(since)}")
    count = f"--max-count={MOST_FOUND}"
    return git.lines("log", "--format=%H", count, f"-G{expression}", *limits, "--", patience=LONG)


def renames(git: Git, old: str, new: str) -> dict[str, str]:
    """Old path -> new path of the files that were renamed between two commits."""
    output = git.output(
        "diff-tree", "-r", "-M", "-z", "--diff-filter=R", "--name-status", "--no-ext-diff",
        object_id(old), object_id(new), patience=LONG,
    )  # fmt: skip
    parts = output.split(b"\0")[:-1]
    return {
        printable_path(parts[at + 1]): printable_path(parts[at + 2])
        for at in range(0, len(parts) - 2, 3)
    }


def _patch(git: Git, sha: str, *options: str) -> bytes:
    pieces, size = [], 0
    with git.stream(*_PATCH, *options, object_id(sha), "--") as stream:
        for piece in stream:
            pieces.append(piece)
            size += len(piece)
            if size > PATCH_LIMIT:
                break
    return b"".join(pieces)


def _patch_id(git: Git, patch: bytes) -> bytes:
    match = _PATCH_ID.match(git.output("patch-id", "--stable", stdin=[patch]))
    return match[1] if match else b""

"""Who last changed a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.adapters.git.names import object_id
from analysis.adapters.git.process import Git
from analysis.adapters.git.records import instant

# Blame reads a file's whole past; who waits for it must not wait for long (seconds of silence).
PATIENCE = 20.0
_HEADER = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64}) \d+ (\d+)")


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """The commit that last changed a line, and its author (through .mailmap)."""

    commit: str
    author: str
    email: str
    at: datetime


def line_origins(git: Git, sha: str, path: str, lines: Sequence[int]) -> dict[int, LineOrigin]:
    """Return where some lines of a file come from, by line number.

    Raises a GitError, for a line past the end of the file too.
    """
    ranges = [f"-L{line},{line}" for line in sorted(set(lines))]
    mailmap = ("-c", f"mailmap.blob={object_id(sha)}:.mailmap")
    output = git.output(
        *mailmap, "blame", "--porcelain", *ranges, sha, "--", path, patience=PATIENCE
    )
    known: dict[str, dict[str, str]] = {}
    commits: dict[int, str] = {}
    commit = ""
    for text in output.decode("utf-8", "replace").split("\n"):
        # A line of the file itself starts with a tab, so nothing in it is taken for a header.
        if header := _HEADER.match(text):
            commit = header[1]
            commits[int(header[2])] = commit
        elif not text.startswith("\t"):
            name, _, value = text.partition(" ")
            known.setdefault(commit, {})[name] = value
    return {line: _origin(commit, known.get(commit, {})) for line, commit in commits.items()}


def _origin(commit: str, said: dict[str, str]) -> LineOrigin:
    return LineOrigin(
        commit,
        said.get("author", ""),
        said.get("author-mail", "").strip("<>"),
        instant(said.get("author-time", "").encode()),
    )

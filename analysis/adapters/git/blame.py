"""Who last changed a line."""

import re
from collections.abc import Sequence

from analysis.adapters.git.names import object_id
from analysis.adapters.git.process import Git

# Blame reads a file's whole past; who waits for it must not wait for long (seconds of silence).
PATIENCE = 20.0
_HEADER = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64}) \d+ (\d+)")


def line_authors(git: Git, sha: str, path: str, lines: Sequence[int]) -> dict[int, str]:
    """Return the authors' names (through .mailmap) of some lines of a file, by line number.

    Raises a GitError, for a line past the end of the file too.
    """
    ranges = [f"-L{line},{line}" for line in sorted(set(lines))]
    mailmap = ("-c", f"mailmap.blob={object_id(sha)}:.mailmap")
    output = git.output(
        *mailmap, "blame", "--porcelain", *ranges, sha, "--", path, patience=PATIENCE
    )
    names: dict[str, str] = {}
    commits: dict[int, str] = {}
    commit = ""
    for text in output.decode("utf-8", "replace").split("\n"):
        # A line of the file itself starts with a tab, so nothing in it is taken for a header.
        if header := _HEADER.match(text):
            commit = header[1]
            commits[int(header[2])] = commit
        elif text.startswith("author "):
            names[commit] = text.removeprefix("author ")
    return {line: names.get(commit, "") for line, commit in commits.items()}

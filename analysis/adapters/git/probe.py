"""A quick look at a place that somebody wants to register."""

import tempfile
from pathlib import Path

from analysis.adapters.git import sources
from analysis.adapters.git.mirror import Mirror
from analysis.adapters.git.process import Git
from analysis.domain.locations import Location


def probe(location: Location) -> str:
    """Return the default branch of the repository at this place, fetching nothing.

    Raises a GitError that says what is wrong: no such path, not a repository, not reachable, no
    commits, no default branch.
    """
    if location.kind == "local":
        sources.check_local(location)
    with tempfile.TemporaryDirectory(prefix="displace-probe-") as folder:
        # Git wants to stand in some repository, and an empty one cannot influence it.
        empty = Mirror.create(Path(folder) / "probe.git")
        heads = sources.read_heads(Git(empty.path), location)
    return sources.default_branch(heads, place=location.redacted)

"""A quick look at a place, fetching nothing from it."""

import os
import tempfile
from pathlib import Path

import git as gitpython

from analysis.adapters.git import sources
from analysis.adapters.git.errors import GitMissing
from analysis.adapters.git.mirror import Mirror
from analysis.adapters.git.names import printable_path
from analysis.adapters.git.process import SHORT, Git
from analysis.domain.locations import Location


def probe(location: Location) -> str:
    """Return the default branch of the repository at this place, fetching nothing.

    Raises a GitError that says what is wrong: no such path, not a repository, not reachable, no
    commits, no default branch.
    """
    return _look(location, SHORT)[0]


def tip(location: Location, *, patience: float = SHORT) -> tuple[str, str]:
    """Return the default branch, named as a fetch names it, and the sha at its tip.

    `patience` is the longest silence in seconds. Raises a GitError as `probe` does.
    """
    branch, sha = _look(location, patience)
    return printable_path(os.fsencode(branch)), sha


def _look(location: Location, patience: float) -> tuple[str, str]:
    if location.kind == "local":
        sources.check_local(location)
    with tempfile.TemporaryDirectory(prefix="displace-probe-") as folder:
        # Git wants to stand in some repository, and an empty one cannot influence it.
        empty = Mirror.create(Path(folder) / "probe.git")
        heads = sources.read_heads(Git(empty.path), location, patience=patience)
    branch = sources.default_branch(heads, place=location.redacted)
    return branch, heads.branches[branch]


def git_version() -> tuple[int, ...]:
    """The version of the git program. Raises GitMissing."""
    try:
        return tuple(gitpython.Git().version_info)
    except gitpython.GitCommandNotFound as error:
        raise GitMissing("The git program is not installed here; install it.") from error

"""What a location holds, looked up before anything is fetched from it."""

import os
from dataclasses import dataclass
from pathlib import Path

from analysis.adapters.git.errors import (
    EmptyRepository,
    LocationNotFound,
    NoDefaultBranch,
    NotARepository,
)
from analysis.adapters.git.process import SHORT, Git
from analysis.domain.locations import Location

_HEADS = "refs/heads/"
_USUAL = ("main", "master")


@dataclass(frozen=True, slots=True)
class Heads:
    """The branches of a source and where its HEAD points."""

    branches: dict[str, str]  # name -> sha
    head_branch: str | None  # None when HEAD is detached or names no branch
    head_sha: str | None


def check_local(location: Location) -> None:
    """Refuse a local path that is certainly no repository, with a better reason than git's."""
    path = Path(location.url)
    try:
        found = path.is_dir() and os.access(path, os.R_OK | os.X_OK)
    except OSError:
        found = False
    if not found:
        raise LocationNotFound(f"There is no readable directory {path}; check the path.")
    if _looks_like_repository(path):
        return
    for parent in path.parents:
        if (parent / ".git").exists():
            raise NotARepository(f"{path} is a folder inside the repository {parent}; use that.")
    raise NotARepository(f"There is no git repository at {path}; check the path.")


# DEBT(git-address-guard, owner=platform, sev=high, cost=1-2-3d, impact="Until 15 March 2027, 1
#   stolen operator account is enough to read pages inside a customer's private network. Source:
#   the roles in docs/people.md.", plan="Resolve and vet the address before Git does, follow no
#   redirect, allow a list.", exit="an http address inside a private network is refused unless an
#   operator allows it") [2027-03-15]: Git reaches every host that this machine reaches.
def read_heads(git: Git, location: Location, *, patience: float = SHORT) -> Heads:
    """Ask the source for its branches. Raises EmptyRepository when it has no commits."""
    with git.stream(
        "ls-remote",
        "--symref",
        "--",
        location.url,
        "HEAD",
        f"{_HEADS}*",
        patience=patience,
        place=location.redacted,
        secrets=location.secrets,
    ) as stream:
        lines = b"".join(stream).decode("utf-8", "surrogateescape").split("\n")
    branches: dict[str, str] = {}
    head_branch = head_sha = None
    for line in lines:
        value, _, ref = line.partition("\t")
        if ref == "HEAD" and value.startswith("ref: "):
            head_branch = value.removeprefix("ref: ").removeprefix(_HEADS)
        elif ref == "HEAD":
            head_sha = value
        elif ref.startswith(_HEADS):
            branches[ref.removeprefix(_HEADS)] = value
    if not branches and head_sha is None:
        raise EmptyRepository(
            f"The repository at {location.redacted} has no commits yet; push one and try again."
        )
    return Heads(branches, head_branch if head_branch in branches else None, head_sha)


def default_branch(heads: Heads, *, place: str) -> str:
    """The branch that counts: where HEAD points, else main or master, else the only one.

    A detached HEAD names no branch, but when it sits on the tip of exactly one, that one is meant.
    """
    if heads.head_branch is not None:
        return heads.head_branch
    for name in _USUAL:
        if name in heads.branches:
            return name
    at_head = [name for name, sha in heads.branches.items() if sha == heads.head_sha]
    for candidates in (at_head, list(heads.branches)):
        if len(candidates) == 1:
            return candidates[0]
    raise NoDefaultBranch(
        f"The repository at {place} has no default branch; point its HEAD at one "
        "(git symbolic-ref HEAD refs/heads/<branch>)."
    )


def _looks_like_repository(path: Path) -> bool:
    # Mirrors what upload-pack accepts: a work tree (whose .git may be a file) or a bare directory.
    return (path / ".git").exists() or ((path / "HEAD").exists() and (path / "objects").is_dir())

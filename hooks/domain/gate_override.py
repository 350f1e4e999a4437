"""Asking to be let through although the gate blocks: by a commit message, or by a person."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.domain.changes import ChangeCommit

MOST_CHARACTERS = 1_000
FEWEST_CHARACTERS = 10

_TRAILER = re.compile(r"^Debt-Override:[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Request:
    """A line `Debt-Override: reason` in a commit message, and whose commit it is."""

    commit: str
    author_name: str
    author_email: str
    reason: str


def requests_in(commits: Iterable[ChangeCommit]) -> list[Request]:
    """The lines of all commits that ask, the newest commit first."""
    return [
        Request(one.sha, one.author_name, one.author_email, match[1][:MOST_CHARACTERS])
        for one in commits
        for match in _TRAILER.finditer(one.message)
    ]

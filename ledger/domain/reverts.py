"""Commits that take others back, as `git revert` and the forges word it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

# What git has to find in a message for this module to be asked (POSIX extended).
PATTERN = r"^[ \t]*This reverts commit [0-9a-f]"
# A line in which an annotation begins (POSIX extended).
MARK_EXPRESSION = r"DEBT ?\("
MOST_LINKS = 20

_LINE = re.compile(r"^[ \t]*This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)
_MARK = re.compile(r"DEBT\s?\(\s*([a-z0-9][a-z0-9-]{1,62})")


@dataclass(frozen=True, slots=True)
class Undoing:
    """What a commit does to an earlier one: take it back, or (a revert's revert) bring it back."""

    commit: str
    base: str
    is_taken_back: bool
    # The message of the earlier commit, in which its trailers stand.
    message: str = ""


def reverted_by(message: str) -> list[str]:
    """The commits that a message says it takes back (ids as written, perhaps shortened)."""
    return list(dict.fromkeys(_LINE.findall(message)))


def undoing_of(
    commit: str, reverted: str, look_up: Callable[[str], tuple[str, str] | None]
) -> Undoing | None:
    """Follow a revert, a revert's revert and so on down to the commit that is at stake.

    `look_up` gives the full id and the message of a commit, None when it is not known.
    """
    is_taken_back = True
    for _ in range(MOST_LINKS):
        found = look_up(reverted)
        if found is None:
            return None
        sha, message = found
        further = reverted_by(message)
        if len(further) != 1:
            return Undoing(commit, sha, is_taken_back, message)
        reverted, is_taken_back = further[0], not is_taken_back
    return None


def mark_expression(slug: str) -> str:
    """A line in which the annotation of this id begins (POSIX extended)."""
    return rf"{MARK_EXPRESSION}[[:space:]]*{slug}([^a-z0-9-]|$)"


def ids_in(lines: list[str]) -> set[str]:
    """The ids of the annotations that begin in these lines."""
    return {match[1] for line in lines for match in _MARK.finditer(line)}

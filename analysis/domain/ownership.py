"""Who knows the code: fragmentation of authorship and the truck factor."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import TypeVar

K = TypeVar("K", int, str)

AUTHOR_THRESHOLD = 3.293
"""Lowest degree of authorship of an author."""
NORMALISED_THRESHOLD = 0.75
"""Lowest share of the file's highest degree of authorship that still makes an author."""
COVERAGE = 0.5
"""The truck factor is reached when fewer files than this share have an author left."""


@dataclass(frozen=True, slots=True)
class Authorship:
    """One person's part in one file: whether he created it, and the changes he delivered."""

    created: bool
    deliveries: int


def fractal_ownership(revisions: Iterable[int]) -> float:
    """1 - sum of squared shares of the revisions: 0 for one author, towards 1 for many.

    The fractal value of D'Ambros, Lanza and Gall. `revisions` is one number per author.
    """
    counts = list(revisions)
    total = sum(counts)
    return 1 - sum((count / total) ** 2 for count in counts) if total else 0.0


def degree_of_authorship(part: Authorship, acceptances: int) -> float:
    """DOA = 3.293 + 1.098 FA + 0.164 DL - 0.321 ln(1 + AC) (Fritz; Avelino).

    FA is 1 for the creator, DL the person's own changes, AC (`acceptances`) everybody else's.
    """
    return 3.293 + 1.098 * part.created + 0.164 * part.deliveries - 0.321 * log(1 + acceptances)


def authors_of(parts: Mapping[str, Authorship]) -> set[str]:
    """The people who know one file: DOA of at least 3.293 and 75 % of the highest."""
    total = sum(part.deliveries for part in parts.values())
    degrees = {
        person: degree_of_authorship(part, total - part.deliveries)
        for person, part in parts.items()
    }
    least = max(AUTHOR_THRESHOLD, NORMALISED_THRESHOLD * max(degrees.values(), default=0.0))
    return {person for person, degree in degrees.items() if degree >= least}


def truck_factor(files: Mapping[K, Mapping[str, Authorship]]) -> list[str]:
    """The smallest greedy set of people without whom fewer than half the files have an author.

    People leave in the order of the number of files they know; its length is the truck factor.
    Bots, vendored and generated files are left out by the caller.
    """
    known = {file: authors_of(parts) for file, parts in files.items()}
    knows = Counter(person for people in known.values() for person in people)
    covered = sum(bool(people) for people in known.values())
    gone: list[str] = []
    while knows and covered >= COVERAGE * len(known):
        person = min(knows, key=lambda name: (-knows[name], name))
        del knows[person]
        gone.append(person)
        for people in known.values():
            if person in people:
                people.remove(person)
                covered -= not people
    return gone

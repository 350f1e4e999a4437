"""Change coupling: which files change together, by code-maat's definition.

    degree = 100 x shared / ((revisions of a + revisions of b) / 2)

A changeset is the set of files one commit touched. Changesets above the size limit (imports,
reformatting, licence years) are dropped before anything is counted, so they raise neither the
shared nor the single revisions. The caller leaves vendored and generated files out.

Files are counted one at a time, over the changesets each of them is in: at most one file's
partners are held at once, and the files that a push touched can be counted alone.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Generic, TypeVar

K = TypeVar("K", int, str)


@dataclass(frozen=True, slots=True)
class CouplingOptions:
    """Thresholds; the defaults are code-maat's. A pair must reach all three minimums."""

    min_revisions: float = 5  # the average of both files' revisions
    min_shared: int = 5
    min_degree: float = 30  # percent
    max_changeset: int = 30  # files


DEFAULTS = CouplingOptions()


@dataclass(frozen=True, slots=True)
class Coupling(Generic[K]):
    """Two files that change together; `a` orders before `b`. `degree` is in percent."""

    a: K
    b: K
    shared: int
    degree: float
    revisions_a: int
    revisions_b: int


def change_coupling(
    changesets: Iterable[Collection[K]], options: CouplingOptions = DEFAULTS
) -> list[Coupling[K]]:
    """All pairs above the thresholds, the strongest first."""
    counted = counted_changesets(changesets, options)
    revisions = Counter(chain.from_iterable(counted))
    frequent = {file for file, count in revisions.items() if count >= options.min_shared}
    holding: dict[K, list[list[K]]] = defaultdict(list)
    for changeset in counted:
        # A file with fewer revisions than a pair must share cannot be in any pair.
        members = [file for file in changeset if file in frequent]
        if len(members) > 1:
            for file in members:
                holding[file].append(members)
    found = (
        pair
        for file, held in holding.items()
        for pair in _pairs_of(file, held, revisions, options)
        if pair.a == file
    )
    return _strongest_first(found)


def coupling_of(
    touched: Collection[K],
    changesets: Iterable[Collection[K]],
    revisions: Mapping[K, int],
    options: CouplingOptions = DEFAULTS,
) -> list[Coupling[K]]:
    """The pairs with at least one touched file, the strongest first.

    `changesets` are all those of the whole history that hold a touched file, `revisions` the
    number of counted changesets of each file in them. After a push, the pairs of the files it
    touched are replaced by these; no other pair has changed.
    """
    wanted = set(touched)
    holding: dict[K, list[frozenset[K]]] = defaultdict(list)
    for changeset in counted_changesets(changesets, options):
        for file in changeset & wanted:
            holding[file].append(changeset)
    found = (
        pair
        for file, held in holding.items()
        for pair in _pairs_of(file, held, revisions, options)
        if pair.a == file or pair.a not in wanted
    )
    return _strongest_first(found)


def counted_changesets(
    changesets: Iterable[Collection[K]], options: CouplingOptions = DEFAULTS
) -> list[frozenset[K]]:
    """The changesets that count: neither empty nor above the size limit, each file once."""
    limit = options.max_changeset
    return [files for files in map(frozenset, changesets) if 0 < len(files) <= limit]


def sum_of_coupling(
    changesets: Iterable[Collection[K]], options: CouplingOptions = DEFAULTS
) -> Counter[K]:
    """Per file the sum of (size - 1) over its changesets: how often others changed with it."""
    total: Counter[K] = Counter()
    for changeset in counted_changesets(changesets, options):
        for file in changeset:
            total[file] += len(changeset) - 1
    return total


def _pairs_of(
    file: K,
    holding: Iterable[Collection[K]],
    revisions: Mapping[K, int],
    options: CouplingOptions,
) -> Iterator[Coupling[K]]:
    """The pairs of one file; `holding` are the changesets it is in."""
    shared_with = Counter(chain.from_iterable(holding))
    for other, shared in shared_with.items():
        if shared < options.min_shared or other == file:
            continue
        average = (revisions[file] + revisions[other]) / 2
        degree = 100 * shared / average
        if average >= options.min_revisions and degree >= options.min_degree:
            a, b = (file, other) if file < other else (other, file)
            yield Coupling(a, b, shared, degree, revisions[a], revisions[b])


def _strongest_first(pairs: Iterable[Coupling[K]]) -> list[Coupling[K]]:
    return sorted(pairs, key=lambda pair: (-pair.degree, -pair.shared, pair.a, pair.b))

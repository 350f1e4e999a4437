"""Hotspots: files that are both complex and often changed."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", int, str)


def percentile_ranks(values: Sequence[float]) -> list[float]:
    """For each value its place among all, 0 (the lowest) to 1 (the highest).

    (rank - 1) / (n - 1), where equal values share the mean of their ranks. The mean, not the
    lowest, rank keeps the average at 0.5 whatever the ties, so that the ranks of one repository
    can be compared with another's: with the lowest rank, a repository where half the files had
    one change each would call all of them the least changed. A single value has the rank 0.5, as
    nothing speaks for it being high or low.
    """
    if len(values) == 1:
        return [0.5]
    ordered = sorted(values)
    last = len(ordered) - 1
    return [
        (bisect_left(ordered, value) + bisect_right(ordered, value) - 1) / 2 / last
        for value in values
    ]


def hotspots(revisions: Mapping[K, int], complexity: Mapping[K, float]) -> dict[K, float]:
    """Per file the product of its percentile ranks by revisions and by complexity, 0 to 1.

    `revisions` are those of the recent window, `complexity` the sum over the file's functions;
    the files of `complexity` are rated. A file without a revision is no hotspot: 0, whatever its
    rank. It still counts as a rival of the others, so that a file changed once in a quiet
    repository ranks high there.
    """
    files = list(complexity)
    changed = [revisions.get(file, 0) for file in files]
    by_revisions = percentile_ranks(changed)
    by_complexity = percentile_ranks([complexity[file] for file in files])
    return {
        file: by_revisions[i] * by_complexity[i] if changed[i] else 0.0
        for i, file in enumerate(files)
    }

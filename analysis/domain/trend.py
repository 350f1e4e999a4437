"""Which commits of a long history stand for its course."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum


class Every(StrEnum):
    """How close the points of a trend stand."""

    COMMIT = "commit"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_PERIODS: Mapping[Every, Callable[[datetime], object]] = {
    Every.DAY: lambda at: at.date(),
    Every.WEEK: lambda at: at.isocalendar()[:2],
    Every.MONTH: lambda at: (at.year, at.month),
}


def sample(commits: Iterable[tuple[str, datetime]], every: Every) -> list[str]:
    """Return the last commit of each period (UTC, ISO weeks), the oldest first.

    `commits` come from the tip backwards along first parents. Clocks of committers go wrong, so
    dates may jump: a period counts where the walk meets it first.
    """
    chosen = []
    seen: set[object] = set()
    for sha, committed_at in commits:
        period = _PERIODS[every](committed_at.astimezone(UTC)) if every in _PERIODS else sha
        if period not in seen:
            seen.add(period)
            chosen.append(sha)
    return chosen[::-1]

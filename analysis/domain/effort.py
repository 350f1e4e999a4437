"""How much work went into a piece of code, and how fast its changes came, from commits alone.

Nobody records hours. Two proxies are taken instead, and `docs/decisions` argues for both:

- an author's day is divided among the files changed on it by lines added and deleted;
- the pace of a change is the time since its author's commit before, where the two lie in one
  stretch of work.

Authors are told apart to divide days, and leave no trace in what comes out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

# A gap below is two steps of one save or a rebased series, one above holds a break of work.
SHORTEST_PACE = 60.0
LONGEST_PACE = 8 * 3600.0

Row = tuple[int, int, int]
"""A commit, a file, and the lines that the one added and deleted in the other."""


@dataclass(frozen=True, slots=True)
class Change:
    """A commit of a person; `couples` is false where it is too large to have one reason."""

    commit: int
    author: int
    at: datetime
    couples: bool


@dataclass(frozen=True, slots=True)
class TouchedDay:
    """A day of one author on which the code was changed; `share` (0..1] of that day's lines."""

    on: date
    share: float


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds before a change, with its size as the power of two below its lines."""

    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CodeEffort:
    """The work on one piece of code, oldest day first; `since` is its first change ever."""

    files: int
    since: datetime | None
    days: tuple[TouchedDay, ...]
    paces: tuple[Pace, ...]


@dataclass(frozen=True, slots=True)
class RepositoryEffort:
    """The work on several pieces of a repository's code, up to the commit of a snapshot.

    `paces` are those of all changes in the repository (the pieces' own among them) by size, each
    list in rising order.
    """

    snapshot_id: int
    commit_sha: str
    head_at: datetime
    since: datetime
    changes: int
    places: Mapping[int, CodeEffort]
    paces: Mapping[int, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Work:
    """What was done in a repository: the changes and the lines of each change, by file."""

    changes: Sequence[Change]
    rows: Sequence[Row]


def places_effort(
    work: Work,
    places: Mapping[int, frozenset[int]],
    firsts: Mapping[int, datetime],
    zone: tzinfo,
) -> tuple[dict[int, CodeEffort], dict[int, list[float]]]:
    """The effort of each place (a set of files), and all paces by size.

    One look at every row, whatever the number of places; `firsts` are the files' first changes.
    """
    by_commit = {change.commit: change for change in work.changes}
    wanted = frozenset().union(*places.values()) if places else frozenset()
    sizes: dict[int, int] = defaultdict(int)
    touched: dict[int, dict[int, int]] = defaultdict(dict)
    for commit, file, lines in work.rows:
        if commit in by_commit:
            sizes[commit] += lines
            if file in wanted:
                touched[file][commit] = lines
    days = {change.commit: (change.author, _day(change, zone)) for change in work.changes}
    totals: dict[tuple[int, date], int] = defaultdict(int)
    for commit, lines in sizes.items():
        totals[days[commit]] += lines
    paces = dict(_paces(work.changes, sizes))
    found = {
        key: _place(files, touched, days, totals, paces, firsts) for key, files in places.items()
    }
    return found, _by_size(paces.values())


def _place(
    files: frozenset[int],
    touched: Mapping[int, Mapping[int, int]],
    days: Mapping[int, tuple[int, date]],
    totals: Mapping[tuple[int, date], int],
    paces: Mapping[int, Pace],
    firsts: Mapping[int, datetime],
) -> CodeEffort:
    lines: dict[tuple[int, date], int] = defaultdict(int)
    commits: set[int] = set()
    for file in files:
        for commit, changed in touched.get(file, {}).items():
            lines[days[commit]] += changed
            commits.add(commit)
    # A day of renames alone holds no line and so no hour.
    shares = sorted((day[1], changed / totals[day]) for day, changed in lines.items() if changed)
    return CodeEffort(
        files=len(files),
        since=min((firsts[file] for file in files if file in firsts), default=None),
        days=tuple(TouchedDay(on, share) for on, share in shares),
        paces=tuple(paces[commit] for commit in sorted(commits) if commit in paces),
    )


def _day(change: Change, zone: tzinfo) -> date:
    return change.at.astimezone(zone).date()


def _paces(changes: Iterable[Change], sizes: Mapping[int, int]) -> Iterable[tuple[int, Pace]]:
    """The pace of every change that has one, by commit."""
    last: dict[int, datetime] = {}
    for change in sorted(changes, key=lambda one: (one.at, one.commit)):
        before = last.get(change.author)
        last[change.author] = change.at
        lines = sizes.get(change.commit, 0)
        if before is None or not change.couples or not lines:
            continue
        seconds = (change.at - before).total_seconds()
        if SHORTEST_PACE <= seconds <= LONGEST_PACE:
            yield change.commit, Pace(lines.bit_length() - 1, seconds)


def _by_size(paces: Iterable[Pace]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = defaultdict(list)
    for pace in paces:
        found[pace.size].append(pace.seconds)
    return {size: sorted(values) for size, values in found.items()}

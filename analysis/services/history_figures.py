"""What the history says of the files of one commit."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from analysis.domain.coupling import Coupling, change_coupling, coupling_of
from analysis.domain.history import RECENT_WINDOW, age_in_months, is_recent
from analysis.domain.picture import HistoryFigures
from analysis.domain.source import ANALYSER_VERSION
from analysis.models import Commit, FileChange, Repository, SnapshotCoupling, TrackedFile
from analysis.services.history import NewHistory

CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Past:
    """The past of a commit: figures by path, pairs that change together, number of commits."""

    figures: Mapping[str, HistoryFigures]
    couplings: list[Coupling[str]]
    commits: int


def stored_past(
    *,
    repository: Repository,
    new: NewHistory,
    head_at: datetime,
    tree_paths: Iterable[str],
    coupled_paths: Iterable[str],
) -> Past:
    """Return the past at the default branch's tip; its history must have just been written.

    `tree_paths` are the paths whose figures are wanted, `coupled_paths` those whose coupling is of
    interest. Pairs of files that no new commit touched are taken over from the snapshot before,
    the others are counted anew.
    """
    names = new.fold.lineages.names
    paths = {names[path]: path for path in coupled_paths if path in names}
    before = _couplings_before(repository, new.base)
    if before is None:
        couplings = _named(change_coupling(_changesets(_coupling_changes(repository))), paths)
    else:
        touched = paths.keys() & new.fold.files.keys()
        untouched = {path for number, path in paths.items() if number not in touched}
        couplings = [pair for pair in before if pair.a in untouched and pair.b in untouched]
        couplings += _named(_couplings_of(repository, touched), paths)
    return Past(
        figures=_stored_figures(repository, tree_paths, names, head_at),
        couplings=_ordered(couplings),
        commits=Commit.objects.filter(repository=repository).count(),
    )


def past_apart(*, new: NewHistory, head_at: datetime, coupled_paths: Iterable[str]) -> Past:
    """Return the past of a commit whose whole history was read and is not to be stored."""
    names = new.fold.lineages.names
    paths = {names[path]: path for path in coupled_paths if path in names}
    recent = Counter(
        number
        for commit in new.commits
        if is_recent(commit.committed_at, head_at)
        for number, *_ in commit.changes
    )
    changesets = (
        [number for number, *_ in commit.changes] for commit in new.commits if commit.couples
    )
    return Past(
        figures={
            path: HistoryFigures(
                tracked_file_id=None,
                revisions=sums.revisions,
                revisions_recent=recent[number],
                added=sums.added,
                deleted=sums.deleted,
                authors=len(sums.contributions),
                age_months=age_in_months(sums.last_changed_at, head_at),
            )
            for path, number in names.items()
            if (sums := new.fold.files.get(number)) is not None
        },
        couplings=_ordered(_named(change_coupling(changesets), paths)),
        commits=len(new.commits),
    )


def _stored_figures(
    repository: Repository, paths: Iterable[str], names: Mapping[str, int], head_at: datetime
) -> dict[str, HistoryFigures]:
    changes = FileChange.objects.filter(
        commit__repository=repository, commit__committed_at__gte=head_at - RECENT_WINDOW
    )
    recent = dict(changes.order_by().values_list("file").annotate(n=Count("pk")))
    rows = TrackedFile.objects.filter(repository=repository).values_list(
        "number", "pk", "revisions", "added", "deleted", "authors", "last_changed_at"
    )
    numbers = {path: names[path] for path in paths if path in names}
    wanted = sorted(numbers.values())
    by_number = {
        row[0]: row[1:]
        for start in range(0, len(wanted), CHUNK)
        for row in rows.filter(number__in=wanted[start : start + CHUNK]).iterator()
    }
    figures = {}
    ages: dict[datetime | None, int] = {}  # many files share their last commit
    for path, number in numbers.items():
        pk, revisions, added, deleted, authors, last_changed_at = by_number[number]
        if last_changed_at not in ages:
            ages[last_changed_at] = age_in_months(last_changed_at or head_at, head_at)
        figures[path] = HistoryFigures(
            tracked_file_id=pk,
            revisions=revisions,
            revisions_recent=recent.get(pk, 0),
            added=added,
            deleted=deleted,
            authors=authors,
            age_months=ages[last_changed_at],
        )
    return figures


def _couplings_before(repository: Repository, base: str) -> list[Coupling[str]] | None:
    """Return the pairs of the snapshot taken at `base`, or None when there is no such picture."""
    snapshot = repository.current_snapshot
    if snapshot is None or not base or snapshot.commit_sha != base:
        return None
    if not (snapshot.has_rows and snapshot.with_history and snapshot.analyser == ANALYSER_VERSION):
        return None
    rows = SnapshotCoupling.objects.filter(snapshot=snapshot).values_list(
        "a", "b", "shared", "degree", "revisions_a", "revisions_b"
    )
    return [Coupling(*row) for row in rows.iterator()]


def _couplings_of(repository: Repository, touched: Collection[int]) -> list[Coupling[int]]:
    """Count the pairs in which one of the touched files takes part."""
    touching = set(
        FileChange.objects.filter(
            file__repository=repository, file__number__in=touched, commit__couples=True
        ).values_list("commit_id", flat=True)
    )
    commits = sorted(touching)
    rows = (
        row
        for start in range(0, len(commits), CHUNK)
        for row in FileChange.objects.filter(commit__in=commits[start : start + CHUNK])
        .order_by("commit_id")
        .values_list("commit_id", "file__number")
    )
    revisions = dict(
        TrackedFile.objects.filter(repository=repository).values_list(
            "number", "coupling_revisions"
        )
    )
    return coupling_of(touched, _changesets(rows), revisions)


def _coupling_changes(repository: Repository) -> Iterator[tuple[int, int]]:
    changes = FileChange.objects.filter(commit__repository=repository, commit__couples=True)
    return changes.order_by("commit_id").values_list("commit_id", "file__number").iterator()


def _changesets(rows: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Gather rows of (commit, file), ordered by commit, into one list of files per commit."""
    current: int | None = None
    files: list[int] = []
    for commit, number in rows:
        if commit != current and files:
            yield files
            files = []
        current = commit
        files.append(number)
    if files:
        yield files


def _named(couplings: Iterable[Coupling[int]], paths: Mapping[int, str]) -> list[Coupling[str]]:
    """Give the pairs their paths (in alphabetical order), leaving out files not of interest."""
    named = []
    for pair in couplings:
        a, b = paths.get(pair.a), paths.get(pair.b)
        if a is None or b is None:
            continue
        one = Coupling(a, b, pair.shared, pair.degree, pair.revisions_a, pair.revisions_b)
        named.append(
            one
            if a < b
            else Coupling(b, a, pair.shared, pair.degree, pair.revisions_b, pair.revisions_a)
        )
    return named


def _ordered(couplings: Iterable[Coupling[str]]) -> list[Coupling[str]]:
    return sorted(couplings, key=lambda pair: (-pair.degree, -pair.shared, pair.a, pair.b))

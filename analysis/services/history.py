"""Reading the past from Git: all of it once, later only what is new."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from analysis.adapters.git import GitError, Mirror, read_history
from analysis.domain.coupling import DEFAULTS as COUPLING
from analysis.domain.history import FoldedCommit, HistoryFold, Lineages
from analysis.domain.languages import is_bot
from analysis.models import KnownPath, Repository, TrackedFile


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit about to be written; `changes` are (file number, lines added, lines deleted)."""

    sha: str
    author: str
    committed_at: datetime
    subject: str
    is_merge: bool
    couples: bool
    changes: tuple[tuple[int, int | None, int | None], ...]


# DEBT(history-in-memory, owner=analysis, sev=medium, cost=2-3-5d, impact="Customers with more
#   than 1,000,000 commits may see no figures until 14 May 2027. Source: bench/history.py.",
#   plan="Write commits in batches under a cursor, and show them with the snapshot.", exit="the
#   peak memory of a first analysis does not grow with the number of commits") [2027-05-14]: All
#   commits that are new are held in memory until they are written at once.
@dataclass(slots=True)
class NewHistory:
    """What Git knows beyond `base` (a commit, or "" for the beginning) up to `head`.

    `fold` holds the files followed through their renames with the sums of these commits alone;
    `authors` maps an author's key to (name, address).
    """

    base: str
    head: str
    is_shallow: bool
    fold: HistoryFold
    commits: list[NewCommit] = field(default_factory=list)
    authors: dict[str, tuple[str, str]] = field(default_factory=dict)


def history_read(
    *, repository: Repository, mirror: Mirror, head: str, report: Callable[[int, int], None]
) -> NewHistory:
    """Read the commits that are not yet written.

    Everything is read again, and `base` is empty, where the written history is no ancestor of
    `head` (after a force push), or was that of a shallow clone which has since become whole or
    was cut off elsewhere.
    """
    base = repository.history_head
    is_cut_off = repository.history_is_shallow or mirror.is_shallow
    if base and (is_cut_off or not _descends(mirror, base, head)):
        base = ""
    lineages = _lineages(repository) if base else Lineages()
    return _read(mirror, base, head, lineages, report)


def history_read_apart(
    *, mirror: Mirror, head: str, report: Callable[[int, int], None]
) -> NewHistory:
    """Read the whole history of a commit that is not the default branch's tip."""
    return _read(mirror, "", head, Lineages(), report)


def _descends(mirror: Mirror, base: str, head: str) -> bool:
    try:
        return mirror.is_ancestor(base, head)
    except GitError:  # the old head has been collected after a force push
        return False


def _lineages(repository: Repository) -> Lineages:
    known = KnownPath.objects.filter(repository=repository)
    rows = known.values_list("path", "file__number", "moved_away")
    names: dict[str, int] = {}
    moved: set[str] = set()
    for path, number, moved_away in rows.iterator(chunk_size=5000):
        names[path] = number
        if moved_away:
            moved.add(path)
    newest = TrackedFile.objects.filter(repository=repository).order_by("-number").first()
    return Lineages(names=names, moved_away=moved, next_key=newest.number + 1 if newest else 1)


def _read(
    mirror: Mirror,
    base: str,
    head: str,
    lineages: Lineages,
    report: Callable[[int, int], None],
) -> NewHistory:
    new = NewHistory(
        base=base, head=head, is_shallow=mirror.is_shallow, fold=HistoryFold(lineages=lineages)
    )
    if base == head:
        return new
    for record in read_history(mirror.path, head, base or None, progress=report):
        folded = new.fold.add(record)
        new.authors[folded.author] = (record.author_name, record.author_email)
        new.commits.append(_new_commit(folded))
    return new


def _new_commit(folded: FoldedCommit) -> NewCommit:
    record = folded.record
    lines: dict[int, tuple[int | None, int | None]] = {}
    for item in folded.changes:
        change = item.change
        before = lines.get(item.lineage)
        lines[item.lineage] = (
            (change.added, change.deleted)
            if before is None
            else (_sum(before[0], change.added), _sum(before[1], change.deleted))
        )
    return NewCommit(
        sha=record.sha,
        author=folded.author,
        committed_at=record.committed_at,
        subject=record.subject[:200],
        is_merge=record.is_merge,
        couples=len(lines) <= COUPLING.max_changeset
        and not is_bot(record.author_name, record.author_email),
        changes=tuple((number, *counts) for number, counts in lines.items()),
    )


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None and b is None else (a or 0) + (b or 0)

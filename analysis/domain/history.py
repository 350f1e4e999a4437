"""Commits as values, and files followed through their renames."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

ChangeStatus = Literal["A", "M", "D", "R", "T"]

RECENT_WINDOW = timedelta(days=180)
"""What counts as recent, back from the head commit's date."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one commit did to one file.

    Status: added, modified, deleted, renamed (from `old_path`), type changed (file to link...).
    `added` and `deleted` count lines and are None for a binary file, or when they could not be
    counted. `oid` is the content afterwards; None after a deletion.
    """

    path: str
    old_path: str | None
    status: ChangeStatus
    added: int | None
    deleted: int | None
    oid: str | None = None


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """One commit. The author is as .mailmap names him; times are UTC.

    A merge has no changes: what it brings was counted on the commits it merges.
    """

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    committed_at: datetime
    subject: str
    changes: tuple[FileChange, ...]

    @property
    def is_merge(self) -> bool:
        """Whether the commit has more than one parent."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class LineageChange:
    """A file change whose file is known under all the names it had."""

    lineage: int
    change: FileChange


@dataclass(slots=True)
class Lineages:
    """Follows files through renames, from the oldest commit to the newest.

    `names` maps every path ever seen to the lineage that bears or last bore it, `moved_away` the
    paths whose file was renamed to another one. Both together are the whole state: save them, and
    a later run continues where this one stopped.

    Rules, for commits in topological order:
    - A rename carries the lineage over to the new path.
    - A change of a path whose file was renamed on a parallel branch still counts for that file.
    - A file added at a path that was renamed away starts a new lineage.
    - A file added again at the path it was deleted from (a revert, often) goes on with the same
      lineage, as `git log --follow` counts it.
    """

    names: dict[str, int] = field(default_factory=dict)
    moved_away: set[str] = field(default_factory=set)
    next_key: int = 1

    def resolve(self, changes: Iterable[FileChange]) -> list[LineageChange]:
        """Take in the changes of one commit; all of them start from the state before it."""
        changes = list(changes)
        self.moved_away.update(change.old_path for change in changes if change.old_path is not None)
        keys = [self._key_before(change) for change in changes]
        resolved = []
        for change, known in zip(changes, keys, strict=True):
            key = self._new_key() if known is None else known
            if change.status != "D" and (known is None or change.status == "R"):
                self.names[change.path] = key
            if change.status in ("A", "R"):
                self.moved_away.discard(change.path)
            resolved.append(LineageChange(key, change))
        return resolved

    def lineage_of(self, path: str) -> int | None:
        """The lineage that bears the path, or bore it last."""
        return self.names.get(path)

    def _key_before(self, change: FileChange) -> int | None:
        if change.status == "R" and change.old_path is not None:
            return self.names.get(change.old_path)
        if change.status == "A" and change.path in self.moved_away:
            return None
        return self.names.get(change.path)

    def _new_key(self) -> int:
        key = self.next_key
        self.next_key += 1
        return key


@dataclass(slots=True)
class Contribution:
    """What one author did to one lineage: commits and lines."""

    revisions: int = 0
    added: int = 0
    deleted: int = 0
    created: bool = False


@dataclass(slots=True)
class FileHistory:
    """What history says about one lineage. Line counts leave binary changes out."""

    path: str
    first_changed_at: datetime
    last_changed_at: datetime
    revisions: int = 0
    added: int = 0
    deleted: int = 0
    contributions: dict[str, Contribution] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoldedCommit:
    """A commit whose changes are resolved; `author` is the key of `author_key`."""

    record: CommitRecord
    author: str
    changes: tuple[LineageChange, ...]

    @property
    def changeset(self) -> tuple[int, ...]:
        """The lineages the commit touched, each once, ascending."""
        return tuple(sorted({change.lineage for change in self.changes}))


@dataclass(slots=True)
class HistoryFold:
    """Folds a stream of commits, oldest first, into one FileHistory per lineage.

    A run that continues an earlier one passes the saved `lineages`; `files` then holds only the
    lineages touched since, with the sums of this run, to be added to the stored ones.
    """

    lineages: Lineages = field(default_factory=Lineages)
    files: dict[int, FileHistory] = field(default_factory=dict)
    commits: int = 0

    def add(self, record: CommitRecord) -> FoldedCommit:
        """Take in the next commit and return it with its changes resolved."""
        author = author_key(record.author_name, record.author_email)
        resolved = tuple(self.lineages.resolve(record.changes))
        counted: set[int] = set()
        for item in resolved:
            self._count(item, record, author, first=item.lineage not in counted)
            counted.add(item.lineage)
        self.commits += 1
        return FoldedCommit(record, author, resolved)

    def _count(
        self, item: LineageChange, record: CommitRecord, author: str, *, first: bool
    ) -> None:
        change, at = item.change, record.committed_at
        file = self.files.get(item.lineage)
        if file is None:
            file = self.files[item.lineage] = FileHistory(change.path, at, at)
        if change.status in ("A", "R"):
            file.path = change.path
        # Clocks differ between machines, so a later commit may carry an earlier date.
        file.first_changed_at = min(file.first_changed_at, at)
        file.last_changed_at = max(file.last_changed_at, at)
        contribution = file.contributions.setdefault(author, Contribution())
        for sums in (file, contribution):
            sums.revisions += first
            sums.added += change.added or 0
            sums.deleted += change.deleted or 0
        contribution.created |= change.status == "A"


def author_key(name: str, email: str) -> str:
    """One text per author: the address in lower case, or the name where there is none."""
    return email.strip().lower() or name.strip().lower()


def age_in_months(changed_at: datetime, head_at: datetime) -> int:
    """Whole months from the last change to the head commit's date, never negative.

    The month is complete on the same day of a later month, or on its last day if it is shorter.
    """
    months = (head_at.year - changed_at.year) * 12 + head_at.month - changed_at.month
    if _same_day(changed_at, head_at) > head_at:
        months -= 1
    return max(months, 0)


def is_recent(changed_at: datetime, head_at: datetime) -> bool:
    """Whether a change lies in the window that ends with the head commit's date."""
    return changed_at >= head_at - RECENT_WINDOW


def _same_day(changed_at: datetime, head_at: datetime) -> datetime:
    """The change's day and time in the head's month, or that month's last day."""
    after = head_at.replace(day=1) + timedelta(days=32)
    last_day = (after.replace(day=1) - timedelta(days=1)).day
    return changed_at.replace(
        year=head_at.year, month=head_at.month, day=min(changed_at.day, last_day)
    )

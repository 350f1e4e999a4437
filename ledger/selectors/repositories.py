"""How much debt each repository carries."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from common import clock
from ledger.domain.promises import DUE_SOON_DAYS
from ledger.domain.terms import OPEN_STATES, EventType
from ledger.models import DebtEvent, DebtItem


@dataclass(frozen=True, slots=True)
class RepositoryDebts:
    """Items of a repository that are still owed; `due_soon` leaves the expired ones out."""

    open: int = 0
    expired: int = 0
    due_soon: int = 0

    @property
    def later(self) -> int:
        """Those whose day is further away."""
        return self.open - self.expired - self.due_soon


def debts_by_repository() -> dict[int, RepositoryDebts]:
    """Return the counts by repository id, for those that have any (one query)."""
    today = clock.today()
    near = today + timedelta(days=DUE_SOON_DAYS)
    rows = (
        DebtItem.objects.filter(repository__isnull=False, state__in=OPEN_STATES)
        .order_by()
        .values("repository_id")
        .annotate(
            # A column of the index: the rows themselves stay unread.
            open=Count("state"),
            expired=Count("state", filter=Q(due_on__lt=today)),
            due_soon=Count("state", filter=Q(due_on__gte=today, due_on__lte=near)),
        )
    )
    return {
        row["repository_id"]: RepositoryDebts(row["open"], row["expired"], row["due_soon"])
        for row in rows
    }


# What ends and what brings back that a debt is owed.
_ENDS = (EventType.REPAID, EventType.REJECTED, EventType.ROLLED_BACK, EventType.WRITTEN_OFF)
_BEGINS = (EventType.RECORDED, EventType.REOPENED)


def open_debts_at(*, repository_id: int, moments: Sequence[datetime]) -> list[int]:
    """Return how many debts of the repository were owed at each of these moments (one query).

    Debt is known from when it was recorded here: before the register there was none to count.
    """
    events = DebtEvent.objects.filter(
        item__repository_id=repository_id, type__in=(*_ENDS, *_BEGINS)
    )
    rows = events.order_by("at", "pk").values_list("at", "type")
    times, sums, total = [], [0], 0
    for at, kind in rows:
        total += 1 if kind in _BEGINS else -1
        times.append(at)
        sums.append(total)
    return [sums[bisect_right(times, moment)] for moment in moments]

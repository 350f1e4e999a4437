"""How much debt each repository carries."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from common import clock
from ledger.domain.promises import DUE_SOON_DAYS
from ledger.domain.terms import OPEN_STATES
from ledger.models import DebtItem


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
            open=Count("pk"),
            expired=Count("pk", filter=Q(due_on__lt=today)),
            due_soon=Count("pk", filter=Q(due_on__gte=today, due_on__lte=near)),
        )
    )
    return {
        row["repository_id"]: RepositoryDebts(row["open"], row["expired"], row["due_soon"])
        for row in rows
    }

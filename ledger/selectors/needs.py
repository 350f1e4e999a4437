"""Debts whose repayment needs infrastructure."""

from collections.abc import Collection, Sequence
from datetime import date

from ledger.domain.debts import Debt
from ledger.domain.terms import OPEN_STATES
from ledger.selectors.ceilings import system_of
from ledger.selectors.items import items


def debts_in_need(until: date) -> Sequence[Debt]:
    """Open debts that need something and come due by then, or are late; the most urgent first."""
    found = items().filter(state__in=OPEN_STATES, due_on__lte=until).exclude(needs=[])
    return list(found.order_by("due_on", "pk"))


def debts_numbered(numbers: Collection[int]) -> Sequence[Debt]:
    """Debts by their numbers, open or not."""
    return list(items().filter(pk__in=numbers))


def burdened_system(item_id: int) -> str:
    """The system that a debt burdens: as said, else its repository; empty for neither."""
    item = items().filter(pk=item_id).first()
    return system_of(item) if item else ""


def debt_noted(external_reference: str) -> Debt | None:
    """The newest debt, open or closed, that is tracked elsewhere under this name."""
    found = items().filter(external_reference=external_reference)
    return found.order_by("-pk").first()

"""What a leader asks first of the ledger, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce, Least

from common import clock
from ledger.domain.estimates import Interest
from ledger.domain.pricing import Assumptions
from ledger.domain.terms import ACCEPTED_STATES, OPEN_STATES, EventType, Resolution, State
from ledger.models import DebtEvent, DebtItem
from ledger.selectors.items import items
from ledger.selectors.pricing import CostTotal, assumptions, interest_union
from ledger.selectors.register import RegisterRow, rows_of

ROWS = 10
ONE_DAY = timedelta(days=1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promises:
    """What became of the promises of debt that was accepted or paid.

    kept: paid by the first promised day; kept_extended: only by a later, extended day;
    missed: paid late, or still owed after the promised day, even if it was then written off,
    rolled back or removed: giving up does not mend a broken promise.
    """

    kept: int
    kept_extended: int
    missed: int


@dataclass(frozen=True, slots=True)
class LedgerDashboard:
    """Counts of items and hours of all open debt.

    `interest` (hours a month) counts every touched hour once: of items in the same code the
    dearest counts. `cost` says how many items and places that are.
    """

    expired: int
    due_14: int
    due_30: int
    open: int
    accepted: int
    proposed: int
    promises: Promises
    principal_hours: Decimal
    interest: Interest
    cost: CostTotal
    assumptions: Assumptions
    unpriced: int
    expired_rows: list[RegisterRow]
    due_rows: list[RegisterRow]


class _Day(NamedTuple):
    """The open items of one state that are due on one day, and their hours."""

    state: str
    due_on: date
    number: int
    principal: Decimal
    unpriced: int


@dataclass(frozen=True, slots=True)
class _OpenByDay:
    """How many open items there are by state and due day, and what they cost."""

    days: tuple[_Day, ...]

    def count(
        self,
        since: date = date.min,
        until: date = date.max,
        states: Sequence[State] = OPEN_STATES,
    ) -> int:
        """Those in one of the states and due from the first to the last day, inclusive."""
        return sum(
            day.number for day in self.days if day.state in states and since <= day.due_on <= until
        )

    @property
    def principal(self) -> Decimal:
        return sum((day.principal for day in self.days), ZERO)


def dashboard() -> LedgerDashboard:
    """The figures of today, with the first expired and due items (by date)."""
    today = clock.today()
    days = _open_by_day()
    cost = dashboard_cost()
    return LedgerDashboard(
        expired=days.count(until=today - ONE_DAY),
        due_14=days.count(today, today + timedelta(days=14)),
        due_30=days.count(today, today + timedelta(days=30)),
        open=days.count(),
        accepted=days.count(states=ACCEPTED_STATES),
        proposed=days.count(states=(State.PROPOSED,)),
        promises=_promises(
            days.count(until=today - ONE_DAY, states=ACCEPTED_STATES) + _given_up_late()
        ),
        unpriced=sum(day.unpriced for day in days.days),
        principal_hours=days.principal,
        interest=cost.interest,
        cost=cost,
        assumptions=assumptions(),
        expired_rows=_first_rows(Q(due_on__lt=today)),
        due_rows=_first_rows(_due_within(today, 30)),
    )


def dashboard_cost() -> CostTotal:
    """What all open debt costs, each touched hour counted once."""
    return interest_union(DebtItem.objects.filter(state__in=OPEN_STATES))


def _open_by_day() -> _OpenByDay:
    # One look at every open item, grouped; each conditional count would be another. Counted is
    # a column of the index, so that the rows themselves stay unread.
    owed = DebtItem.objects.filter(state__in=OPEN_STATES).order_by()
    rows = owed.values_list("state", "due_on").annotate(
        number=Count("state"),
        principal_sum=Coalesce(Sum("principal"), ZERO),
        unpriced=Count("state", filter=Q(known_p50__isnull=True) | Q(principal__isnull=True)),
    )
    return _OpenByDay(tuple(_Day(*row) for row in rows))


def _promises(unpaid_missed: int) -> Promises:
    """What became of paid debt, besides the promises that were missed and never paid."""
    promised = Least(F("first_due_on"), F("due_on"))
    paid = DebtItem.objects.filter(resolution=Resolution.PAID)
    counts = paid.aggregate(
        kept=Count("pk", filter=Q(repaid_on__lte=promised)),
        kept_extended=Count("pk", filter=Q(repaid_on__gt=promised, repaid_on__lte=F("due_on"))),
        missed=Count("pk", filter=Q(repaid_on__gt=F("due_on"))),
    )
    return Promises(counts["kept"], counts["kept_extended"], counts["missed"] + unpaid_missed)


def _given_up_late() -> int:
    """How many accepted debts were written off, rolled back or removed after the promised day."""
    end = DebtEvent.objects.filter(
        item=OuterRef("pk"),
        type__in=(EventType.WRITTEN_OFF, EventType.ROLLED_BACK),
        at__date__gt=OuterRef("due_on"),
    )
    was_accepted = Q(closed_from__in=ACCEPTED_STATES)
    # Only accepted debt is written off. Two counts: each has an index, the two in one have none.
    decided = DebtItem.objects.filter(
        Q(state=State.WRITTEN_OFF) | was_accepted,
        Exists(end),
        state__in=(State.WRITTEN_OFF, State.ROLLED_BACK),
    )
    removed = DebtItem.objects.filter(
        was_accepted, resolution=Resolution.REMOVED, repaid_on__gt=F("due_on")
    )
    return decided.count() + removed.count()


def _due_within(today: date, days: int) -> Q:
    """Due today or in the coming days; what is expired counts separately."""
    return Q(due_on__gte=today, due_on__lte=today + timedelta(days=days))


def _first_rows(condition: Q) -> list[RegisterRow]:
    found = items().filter(condition, state__in=OPEN_STATES).order_by("due_on", "pk")
    return rows_of(found[:ROWS])

"""What a leader asks first of the ledger, in a constant number of queries."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce, Least

from common import clock
from ledger.domain.estimates import Interest
from ledger.domain.terms import ACCEPTED_STATES, OPEN_STATES, Resolution, State
from ledger.models import DebtItem
from ledger.selectors.items import items
from ledger.selectors.register import RegisterRow, rows_of

ROWS = 10
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promises:
    """What became of the promises of debt that was accepted or paid.

    kept: paid by the first promised day; kept_extended: only by a later, extended day;
    missed: paid late, or still owed after the promised day.
    """

    kept: int
    kept_extended: int
    missed: int


@dataclass(frozen=True, slots=True)
class LedgerDashboard:
    """Counts of items and hours of all open debt.

    `interest` (hours a month) is an upper bound: the items' ranges are added up although the
    hours of items in the same code overlap, and P10 and P90 of a sum lie closer together.
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
    unpriced: int
    expired_rows: list[RegisterRow]
    due_rows: list[RegisterRow]


def dashboard() -> LedgerDashboard:
    """The figures of today, with the first expired and due items (by date)."""
    today = clock.today()
    owed = DebtItem.objects.filter(state__in=OPEN_STATES)
    counts = owed.aggregate(
        open=Count("pk"),
        expired=Count("pk", filter=Q(due_on__lt=today)),
        due_14=Count("pk", filter=_due_within(today, 14)),
        due_30=Count("pk", filter=_due_within(today, 30)),
        accepted=Count("pk", filter=Q(state__in=ACCEPTED_STATES)),
        proposed=Count("pk", filter=Q(state=State.PROPOSED)),
        unpriced=Count("pk", filter=Q(interest_p50__isnull=True) | Q(principal__isnull=True)),
    )
    hours = owed.aggregate(
        principal=Coalesce(Sum("principal"), ZERO),
        p10=Coalesce(Sum("interest_p10"), ZERO),
        p50=Coalesce(Sum("interest_p50"), ZERO),
        p90=Coalesce(Sum("interest_p90"), ZERO),
    )
    return LedgerDashboard(
        **counts,
        promises=_promises(today),
        principal_hours=hours["principal"],
        interest=Interest(hours["p10"], hours["p50"], hours["p90"]),
        expired_rows=_first_rows(Q(due_on__lt=today)),
        due_rows=_first_rows(_due_within(today, 30)),
    )


def _promises(today: date) -> Promises:
    promised = Least(F("first_due_on"), F("due_on"))
    paid = Q(resolution=Resolution.PAID, repaid_on__isnull=False)
    on_first_day = paid & Q(repaid_on__lte=promised)
    on_later_day = paid & Q(repaid_on__gt=promised, repaid_on__lte=F("due_on"))
    missed = (paid & Q(repaid_on__gt=F("due_on"))) | Q(state__in=ACCEPTED_STATES, due_on__lt=today)
    counts = DebtItem.objects.aggregate(
        kept=Count("pk", filter=on_first_day),
        kept_extended=Count("pk", filter=on_later_day),
        missed=Count("pk", filter=missed),
    )
    return Promises(**counts)


def _due_within(today: date, days: int) -> Q:
    """Due today or in the coming days; what is expired counts separately."""
    return Q(due_on__gte=today, due_on__lte=today + timedelta(days=days))


def _first_rows(condition: Q) -> list[RegisterRow]:
    found = items().filter(condition, state__in=OPEN_STATES).order_by("due_on", "pk")
    return rows_of(found[:ROWS])

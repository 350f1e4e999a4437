"""What items cost: the price in force of one, and of many without counting an hour twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Coalesce

from common import clock
from ledger.domain.estimates import Interest
from ledger.domain.pricing import (
    STATED,
    Assumptions,
    Cost,
    Formula,
    Price,
    Stretch,
    best_known,
    paid_as_stated,
)
from ledger.domain.terms import OPEN_STATES, Basis
from ledger.models import DebtItem, Estimate
from ledger.models import Price as PriceRow

ZERO = Decimal(0)
GROUPS = ("system", "owner", "repository_id")


@dataclass(frozen=True, slots=True)
class CostTotal:
    """Hours a month of several open items, each touched hour counted once.

    Items in the same code claim the same hours: of those the dearest counts (`places` pieces of
    code for `items` items). Ranges are added as if they moved together. `naive` is the plain sum
    of the medians, to show what counting twice would say.
    """

    name: str
    interest: Interest
    naive: Decimal
    items: int
    places: int


def assumptions() -> Assumptions:
    """What the installation assumes of money and time."""
    low, likely, high = settings.HOURLY_RATE
    return Assumptions(
        (low, likely, high), settings.CURRENCY, settings.FOCUS_HOURS, settings.WORKING_DAYS
    )


def price_of(item_id: int) -> Price | None:
    """The best known price of an item, or None where nobody stated and nothing measured one."""
    return best_known(measured=measured_price(item_id), stated=stated_price(item_id))


def measured_price(item_id: int) -> Price | None:
    """The price that the newest pricing gave the item's code, measured or with the prior."""
    row = PriceRow.objects.filter(item_id=item_id, is_current=True).first()
    return None if row is None else as_price(row)


def as_price(row: PriceRow) -> Price:
    """A stored price as a value."""
    return Price(
        item_id=row.item_id,
        interest=_interest(row.interest_p10, row.interest_p50, row.interest_p90),
        basis=Basis(row.basis),
        formula=Formula(row.formula, row.formula_version),
        inputs=row.inputs,
        cost=Cost(row.cost_p10, row.cost_p50, row.cost_p90, row.currency),
        paid=_interest(row.paid_p10, row.paid_p50, row.paid_p90),
        snapshot_id=row.snapshot_id,
        commit_sha=row.commit_sha,
        at=row.at,
        assumptions=row.assumptions,
    )


def stated_price(item_id: int, estimates: Iterable[Estimate] | None = None) -> Price | None:
    """The interest that a person stated last; money at the likely rate.

    `estimates` are the item's, oldest first, where they were read before.
    """
    rows = _with_interest(
        Estimate.objects.filter(item_id=item_id).order_by("sequence")
        if estimates is None
        else estimates
    )
    if not rows:
        return None
    newest = rows[-1]
    interest = _interest(newest.interest_p10, newest.interest_p50, newest.interest_p90)
    given = assumptions()
    low, middle, high = map(given.money, (interest.p10, interest.p50, interest.p90))
    return Price(
        item_id=item_id,
        interest=interest,
        # Whatever ground was given with it: what a person states is an expert's figure.
        basis=Basis.EXPERT,
        formula=STATED,
        inputs={"ground": newest.basis},
        cost=Cost(low, middle, high, given.currency),
        at=newest.at,
        assumptions=given.document(),
    )


def paid_stated(item: DebtItem, estimates: Iterable[Estimate], today: date) -> Interest | None:
    """Hours lost since the item was recorded, at the estimates in force (until it was paid)."""
    stretches = [
        Stretch(
            clock.day_of(row.at),
            _interest(row.interest_p10, row.interest_p50, row.interest_p90),
        )
        for row in _with_interest(estimates)
    ]
    return paid_as_stated(stretches, clock.day_of(item.recorded_at), item.repaid_on or today)


def price_history(item_id: int, limit: int = 60) -> list[Price]:
    """The item's stored prices, newest first, each with the formula that gave it."""
    rows = PriceRow.objects.filter(item_id=item_id).order_by("-at", "-pk")
    return [as_price(row) for row in rows[:limit]]


def interest_union(found: QuerySet[DebtItem]) -> CostTotal:
    """The interest of these items, with every touched hour counted once (one query)."""
    by_place = (
        found.order_by()
        .values("place")
        .annotate(
            low=Max("known_p10"),
            middle=Max("known_p50"),
            high=Max("known_p90"),
            added=Sum("known_p50"),
            # Only columns of one index, so that the rows themselves need not be read.
            number=Count("state"),
        )
    )
    sums = by_place.aggregate(
        p10=Coalesce(Sum("low"), ZERO),
        p50=Coalesce(Sum("middle"), ZERO),
        p90=Coalesce(Sum("high"), ZERO),
        naive=Coalesce(Sum("added"), ZERO),
        items=Coalesce(Sum("number"), 0),
        places=Count("place"),
    )
    interest = _interest(sums["p10"], sums["p50"], sums["p90"])
    return CostTotal("", interest, sums["naive"], sums["items"], sums["places"])


def interest_by(group: str) -> list[CostTotal]:
    """The same for the open items of each system, owner or repository, the dearest first.

    Code that two groups share counts in both, so their figures may add up to more than the whole.
    """
    if group not in GROUPS:
        raise ValueError(f"costs are known by {', '.join(GROUPS)}")
    quote = connection.ops.quote_name
    places = ", ".join(["%s"] * len(OPEN_STATES))
    name = quote(group)
    # Only the names of columns are put in, and those come from the lines above.
    statement = f"""
        SELECT {name}, SUM(low), SUM(middle), SUM(high), SUM(added), SUM(number), COUNT(*)
        FROM (
            SELECT {name}, MAX(known_p10) AS low, MAX(known_p50) AS middle, MAX(known_p90) AS high,
                   SUM(known_p50) AS added, COUNT(*) AS number
            FROM {quote(DebtItem._meta.db_table)}
            WHERE state IN ({places}) AND known_p50 IS NOT NULL
            GROUP BY {name}, place
        ) AS by_place
        GROUP BY {name}
    """  # noqa: S608 - no text of a user
    with connection.cursor() as cursor:
        cursor.execute(statement, [state.value for state in OPEN_STATES])
        rows: Sequence[Sequence[object]] = cursor.fetchall()
    totals = [_total(row) for row in rows]
    return sorted(totals, key=lambda total: (-total.interest.p50, total.name))


def _total(row: Sequence[object]) -> CostTotal:
    name, low, middle, high, added, items, places = row
    # SQLite sums decimals as floating point numbers.
    p10, p50, p90, naive = (round(Decimal(str(value)), 2) for value in (low, middle, high, added))
    return CostTotal(
        "" if name is None else str(name),
        Interest(p10, p50, p90),
        naive,
        int(str(items)),
        int(str(places)),
    )


def _with_interest(estimates: Iterable[Estimate]) -> list[Estimate]:
    return [row for row in estimates if row.interest_p50 is not None]


def _interest(p10: Decimal | None, p50: Decimal | None, p90: Decimal | None) -> Interest:
    return Interest(p10 or ZERO, p50 or ZERO, p90 or ZERO)

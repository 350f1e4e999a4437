"""What an item costs as it is shown: a price with its basis, its formula and what went into it.

Hours are per month; money follows from hours by a rate. How the figures come about is in
`ledger.domain.pricing_v1`, whose results are stored and never computed again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ledger.domain.estimates import DAYS_PER_MONTH, Interest, cents
from ledger.domain.terms import Basis


@dataclass(frozen=True, slots=True)
class Formula:
    """The name and version of how a figure came about; a version is never changed."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


STATED = Formula("stated", 1)
"""The figure is a person's, taken as it was given."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the organisation assumes: money an hour (low, likely, high) in an ISO 4217 currency,
    hours of a developer's day that go into changes, and working days a month."""

    rate: tuple[Decimal, Decimal, Decimal]
    currency: str
    focus_hours: Decimal
    working_days: int

    def document(self) -> dict[str, Any]:
        """Plain values, as a price keeps them."""
        return {
            "rate": [format(value, "f") for value in self.rate],
            "currency": self.currency,
            "focus_hours": format(self.focus_hours, "f"),
            "working_days": self.working_days,
        }

    def money(self, hours: Decimal) -> Decimal:
        """Hours at the likely rate."""
        return cents(hours * self.rate[1])


@dataclass(frozen=True, slots=True)
class Cost:
    """Money a month as a range, in an ISO 4217 currency."""

    p10: Decimal
    p50: Decimal
    p90: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Price:
    """The interest of an item: hours a month, P10 <= P50 <= P90, with where they come from.

    `basis`: measured (hours and slowdown of this code), prior (hours of this code, slowdown of the
    industry) or expert (a person's estimate). `inputs` are plain values, named in
    `docs/pricing.md`. `paid` is what was lost since the item was recorded, in hours.
    `snapshot_id` is None for a stated figure.
    """

    item_id: int
    interest: Interest
    basis: Basis
    formula: Formula
    inputs: Mapping[str, Any] = field(default_factory=dict)
    cost: Cost | None = None
    paid: Interest | None = None
    snapshot_id: int | None = None
    commit_sha: str = ""
    at: datetime | None = None
    assumptions: Mapping[str, Any] = field(default_factory=dict)


def best_known(*, measured: Price | None, stated: Price | None) -> Price | None:
    """The figure to go by: measured before stated, and stated before one with the prior."""
    if measured is not None and measured.basis is Basis.MEASURED:
        return measured
    return stated or measured


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stated interest and the day from which it was in force."""

    since: date
    interest: Interest


def paid_as_stated(stretches: list[Stretch], since: date, until: date) -> Interest | None:
    """Hours lost from one day to another at the estimates then in force, oldest first."""
    if not stretches:
        return None
    sums = [Decimal(0)] * 3
    ends = [*(stretch.since for stretch in stretches[1:]), until]
    for number, (stretch, end) in enumerate(zip(stretches, ends, strict=True)):
        # What was first stated late held before, as far as anybody knows.
        start = since if number == 0 else max(stretch.since, since)
        months = Decimal(max((min(end, until) - start).days, 0)) / DAYS_PER_MONTH
        points = (stretch.interest.p10, stretch.interest.p50, stretch.interest.p90)
        sums = [total + point * months for total, point in zip(sums, points, strict=True)]
    return Interest(*map(cents, sums))

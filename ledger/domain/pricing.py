"""What an item costs as it is shown: a price with its basis, its formula and what went into it.

Hours are per month; money follows from hours by a rate. How the figures come about is in
`ledger.domain.pricing_v1`, whose results are stored and never computed again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ledger.domain.estimates import Interest
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
    `docs/pricing.md`. `snapshot_id` is None for a stated figure.
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

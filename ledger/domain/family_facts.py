"""What may be measured of a debt for its statement: one dataclass for each family.

Every fact carries what shows it: a window in words of the calendar, how many observations (n) and
the snapshot or the record it was read from.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.domain.terms import Basis

HERE = "this part of the product"


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` to `until`, both counted."""

    since: date
    until: date

    def __str__(self) -> str:
        return f"{self.since.isoformat()}/{self.until.isoformat()}"


@dataclass(frozen=True, slots=True)
class SlowChange:
    """How many times as long a change takes here as one of the same size elsewhere.

    The ratio of the medians, with its 95 % interval.
    """

    ratio: Decimal
    here_n: int
    elsewhere_n: int
    ratio_low: Decimal
    ratio_high: Decimal
    window: Window
    source: str


@dataclass(frozen=True, slots=True)
class FailingChange:
    """So many of the deployments failed; `low` and `high` are Wilson's 95 % interval in percent."""

    failed: int
    deployments: int
    low: Decimal
    high: Decimal
    window: Window
    source: str


@dataclass(frozen=True, slots=True)
class Ripple:
    """`shared` of the `revisions` changes here came with a change in the other place."""

    shared: int
    revisions: int
    degree: Decimal
    window: Window
    source: str


@dataclass(frozen=True, slots=True)
class KeyPerson:
    """The truck factor of the `files` around the debt, from `revisions` changes."""

    truck_factor: int
    files: int
    revisions: int
    window: Window
    source: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """The load at the busiest moment and the load it was built for, in `unit`."""

    peak: Decimal
    design: Decimal
    unit: str
    n: int
    window: Window
    source: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised first and what is promised now; `chance` (0..1) where a forecast exists."""

    first_due_on: date
    due_on: date
    extensions: int
    today: date
    chance_on_time: Decimal | None = None
    accepted_on: date | None = None
    is_one_way: bool = False
    source: str = "the promises of this debt"


@dataclass(frozen=True, slots=True)
class Cost:
    """Interest in hours a month, principal in hours (None: not estimated).

    `money` is the interest's P10 and P90 a month in `currency`, where a rate is known.
    """

    p10: Decimal
    p50: Decimal
    p90: Decimal
    basis: Basis
    principal: Decimal | None
    source: str
    money: tuple[Decimal, Decimal] | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Benefit:
    """The working days that the shortcut saved when it was recorded."""

    saved_days: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class MeasuredFacts:
    """Everything known for the statements of one debt; None where it was not measured."""

    subject: str = HERE
    slow_change: SlowChange | None = None
    failing_change: FailingChange | None = None
    ripple: Ripple | None = None
    key_person: KeyPerson | None = None
    capacity: Capacity | None = None
    promise: Promise | None = None
    cost: Cost | None = None
    benefit: Benefit | None = None

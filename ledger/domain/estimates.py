"""What a debt costs: effort to repay, interest while it is unpaid, and what follows from them.

Effort is in hours, interest in hours per month. Every estimate is a range and names its basis.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from common.errors import Refused
from ledger.domain.terms import Basis, Containment, Reversibility

# Stored with every estimate, so that a later formula never rewrites an earlier figure.
FORMULA_VERSION = 1

CENT = Decimal("0.01")
MOST_HOURS = Decimal(1_000_000)
WEEKS_PER_MONTH = Decimal(52) / 12
DAYS_PER_MONTH = Decimal("30.4375")
MINUTES_PER_LINE = 30


@dataclass(frozen=True, slots=True)
class Principal:
    """Three points for the effort to repay, in hours."""

    optimistic: Decimal
    likely: Decimal
    pessimistic: Decimal

    @classmethod
    def of(cls, optimistic: object, likely: object, pessimistic: object) -> "Principal":
        """Read three numbers; Refused when one is no number of hours or they are out of order."""
        return cls(*_range("principal", optimistic, likely, pessimistic))

    @property
    def expected(self) -> Decimal:
        """PERT: (a + 4m + b) / 6."""
        return cents((self.optimistic + 4 * self.likely + self.pessimistic) / 6)


@dataclass(frozen=True, slots=True)
class Interest:
    """Extra effort while the debt is unpaid, in hours per month: P10 <= P50 <= P90."""

    p10: Decimal
    p50: Decimal
    p90: Decimal

    @classmethod
    def of(cls, p10: object, p50: object, p90: object) -> "Interest":
        """Read three numbers; Refused when one is no number of hours or they are out of order."""
        return cls(*_range("interest", p10, p50, p90))


@dataclass(frozen=True, slots=True)
class EstimateDraft:
    """A new estimate; the part that is None stays as it was."""

    principal: Principal | None = None
    interest: Interest | None = None
    basis: Basis = Basis.EXPERT
    # Hours that the shortcut saved when it was taken.
    time_saved: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is estimated."""
        return self.principal is None and self.interest is None and self.time_saved is None


def time_saved_of(value: object) -> Decimal:
    """Read the hours that a shortcut saved, or raise Refused."""
    return _hours("time_saved", value)


def cents(hours: Decimal) -> Decimal:
    return hours.quantize(CENT, rounding=ROUND_HALF_UP)


def payback_months(principal: Decimal | None, interest: Decimal | None) -> Decimal | None:
    """Months until a repayment has paid for itself: principal / interest; None if never."""
    if principal is None or not interest:
        return None
    return (principal / interest).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def cd3(interest: Decimal | None, principal: Decimal | None) -> float | None:
    """Cost of delay (interest in hours a week) divided by duration (hours of principal)."""
    if interest is None or not principal:
        return None
    return float(interest / WEEKS_PER_MONTH / principal)


def debt_ratio(remediation_minutes: float, lines_of_code: int) -> float:
    """SQALE technical debt ratio: remediation / (30 minutes x lines of code)."""
    if lines_of_code <= 0:
        raise ValueError("a ratio needs lines of code")
    return remediation_minutes / (MINUTES_PER_LINE * lines_of_code)


def debt_rating(ratio: float) -> str:
    """SQALE rating: A <= 0.05, B <= 0.1, C <= 0.2, D <= 0.5, E above."""
    for rating, limit in (("A", 0.05), ("B", 0.1), ("C", 0.2), ("D", 0.5)):
        if ratio <= limit:
            return rating
    return "E"


@dataclass(frozen=True, slots=True)
class Bargain:
    """What decides whether a shortcut is good debt; hours throughout."""

    value_of_time_saved: Decimal
    principal: Decimal
    interest_per_month: Decimal
    registered_on: date
    expires_on: date
    has_plan: bool
    has_owner: bool
    containment: Containment | None
    reversibility: Reversibility | None


def bad_debt_reasons(bargain: Bargain) -> list[str]:
    """Why a shortcut is not good debt; empty when it is.

    Good debt: the value of the time saved exceeds the expected interest until expiry plus the
    principal, there is a plan, an owner and an expiry, and it is neither a dead end nor a
    one-way door.
    """
    days = max((bargain.expires_on - bargain.registered_on).days, 0)
    cost = bargain.interest_per_month * days / DAYS_PER_MONTH + bargain.principal
    checks = (
        (bargain.value_of_time_saved > cost, f"it saves less than the {cents(cost)} h it costs"),
        (bargain.has_plan, "it has no plan"),
        (bargain.has_owner, "it has no owner"),
        (bargain.containment is not Containment.DEAD_END, "it is a dead end"),
        (bargain.reversibility is not Reversibility.ONE_WAY, "it is a one-way door"),
    )
    return [reason for holds, reason in checks if not holds]


def _range(field: str, *values: object) -> tuple[Decimal, Decimal, Decimal]:
    low, middle, high = (_hours(field, value) for value in values)
    if not low <= middle <= high:
        raise Refused(
            f"The {field} needs three numbers in rising order, not {low}, {middle}, {high}.", field
        )
    return low, middle, high


def _hours(field: str, value: object) -> Decimal:
    try:
        hours = Decimal(str(value).strip())
    except InvalidOperation:
        raise Refused(f"{str(value)[:40]!r} is no number of hours.", field) from None
    if not hours.is_finite() or not 0 <= hours <= MOST_HOURS:
        raise Refused(f"Hours of {field} lie between 0 and {MOST_HOURS:,}.", field)
    return cents(hours)

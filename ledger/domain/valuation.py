"""What follows from a price: when repayment pays, what waiting costs, whether the debt is good.

Good debt: the value of the time saved exceeds the expected interest until the expiry plus the
principal, and there are a plan, an owner and an expiry, and it is neither a dead end nor a
one-way door.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.domain.estimates import DAYS_PER_MONTH, WEEKS_PER_MONTH, cents
from ledger.domain.terms import Containment, Reversibility


@dataclass(frozen=True, slots=True)
class Terms:
    """What the test of good debt looks at; hours throughout, None where nobody has said."""

    time_saved: Decimal | None
    principal: Decimal | None
    interest_per_month: Decimal | None
    recorded_on: date
    expires_on: date
    has_plan: bool
    has_owner: bool
    containment: Containment | None
    reversibility: Reversibility | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of good debt: kept, not kept, or (None) not to be told yet."""

    words: str
    is_kept: bool | None
    detail: str = ""


def good_debt(terms: Terms) -> tuple[Condition, ...]:
    """Every condition, whether kept or not."""
    return (
        _pays(terms),
        Condition("There is a plan", terms.has_plan),
        Condition("Somebody owns it", terms.has_owner),
        Condition("It expires", True, f"on {terms.expires_on:%-d %B %Y}"),
        Condition(
            "It is no dead end",
            None if terms.containment is None else terms.containment is not Containment.DEAD_END,
            "" if terms.containment else "nobody has said how far it reaches",
        ),
        Condition(
            "It can be undone",
            None
            if terms.reversibility is None
            else terms.reversibility is not Reversibility.ONE_WAY,
            "" if terms.reversibility else "nobody has said whether it can",
        ),
    )


def verdict(conditions: tuple[Condition, ...]) -> str:
    """The test in one sentence."""
    if any(condition.is_kept is False for condition in conditions):
        return "Not good debt: a condition is not kept."
    if any(condition.is_kept is None for condition in conditions):
        return "Not to be told yet: something is not known."
    return "Good debt: every condition is kept."


def interest_until(terms: Terms) -> Decimal | None:
    """Expected hours of interest from the recording to the expiry."""
    if terms.interest_per_month is None:
        return None
    days = max((terms.expires_on - terms.recorded_on).days, 0)
    return cents(terms.interest_per_month * days / DAYS_PER_MONTH)


def _pays(terms: Terms) -> Condition:
    words = "It saved more than it costs"
    interest = interest_until(terms)
    missing = [
        name
        for name, value in (
            ("what it saved", terms.time_saved),
            ("what it takes to repay", terms.principal),
            ("what waiting costs", interest),
        )
        if value is None
    ]
    if terms.time_saved is None or terms.principal is None or interest is None:
        return Condition(words, None, f"nobody has said {' or '.join(missing)}")
    cost = interest + terms.principal
    detail = (
        f"{_hours(terms.time_saved)} h saved; {_hours(interest)} h of interest until it expires "
        f"and {_hours(terms.principal)} h to repay are {_hours(cost)} h"
    )
    return Condition(words, terms.time_saved > cost, detail)


def cost_of_delay(interest_per_month: Decimal | None) -> Decimal | None:
    """Hours that each week of waiting costs."""
    if interest_per_month is None:
        return None
    return cents(interest_per_month / WEEKS_PER_MONTH)


def _hours(value: Decimal) -> str:
    return f"{value:,.1f}".removesuffix(".0")

"""What a debt costs, on its page: in words, as a bar, as a table, and what went into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from common import clock
from common.figures import grouped_number, percent
from common.templatetags.numbers import counted, hours
from ledger.domain.estimates import payback_months
from ledger.domain.pricing import STATED, Price, best_known
from ledger.domain.terms import Basis, Containment, Reversibility
from ledger.domain.texts import day_words
from ledger.domain.valuation import Terms, cost_of_delay, good_debt, verdict
from ledger.selectors import DebtDetail, assumptions, measured_price, stated_price
from ledger.selectors.pricing import paid_stated

BASIS_LABELS: Mapping[Basis, str] = {
    Basis.MEASURED: "Measured in this code",
    Basis.PRIOR: "Industry prior",
    Basis.EXPERT: "A person's estimate",
}
BASIS_TONES: Mapping[Basis, str] = {
    Basis.MEASURED: "good",
    Basis.PRIOR: "warn",
    Basis.EXPERT: "quiet",
}


@dataclass(frozen=True, slots=True)
class RangeLine:
    """One range of hours a month, drawn on a scale of 100 that all lines of a page share."""

    label: str
    tone: str
    price: Price
    is_used: bool
    money: str
    x: float
    width: float
    middle: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the panel: a name, a figure and where it comes from."""

    name: str
    value: str
    note: str = ""


def price_context(detail: DebtDetail) -> dict[str, Any]:
    """What the panel of a debt's costs shows."""
    item = detail.item
    measured, stated = measured_price(item.pk), stated_price(item.pk, detail.estimates)
    used = best_known(measured=measured, stated=stated)
    estimate = next((one for one in reversed(detail.estimates) if one.time_saved), None)
    terms = Terms(
        time_saved=estimate.time_saved if estimate else None,
        principal=item.principal,
        interest_per_month=used.interest.p50 if used else None,
        recorded_on=clock.day_of(item.recorded_at),
        expires_on=item.due_on,
        has_plan=item.plan_milestones > 0,
        has_owner=bool(item.owner),
        containment=Containment(item.containment) if item.containment else None,
        reversibility=Reversibility(item.reversibility) if item.reversibility else None,
    )
    conditions = good_debt(terms)
    return {
        "price": used,
        "price_label": BASIS_LABELS[used.basis] if used else "",
        "price_tone": BASIS_TONES[used.basis] if used else "",
        "price_money": money(used.cost.p50, used.cost.currency) if used and used.cost else "",
        "price_nothing": _why_nothing(used) if used and not used.interest.p90 else "",
        "price_lines": _lines(measured, stated, used),
        "price_facts": _facts(detail, used) if used else [],
        "price_inputs": _inputs(measured) if measured else [],
        "price_formula": measured.formula if measured else STATED,
        "price_assumed": assumed_words(),
        "conditions": conditions,
        "conditions_verdict": verdict(conditions),
        "has_code": bool(item.path and item.repository_id),
    }


# Hours a month of work on the code; what a slowdown adds to less rounds to nothing.
LITTLE_WORK = 0.1


def assumed_words() -> str:
    """The organisation's assumptions in one sentence."""
    given = assumptions()
    low, likely, high = (grouped_number(float(value)) for value in given.rate)
    return (
        f"Assumed: {likely} {given.currency} an hour ({low} to {high}), "
        f"{hours(given.focus_hours)} hours of a day for changes of code, "
        f"{given.working_days} working days a month."
    )


def money(value: Decimal, currency: str) -> str:
    """Two significant figures: more would claim what nobody knows."""
    if value >= 10:
        size = Decimal(10) ** (value.adjusted() - 1)
        value = (value / size).quantize(Decimal(1)) * size
    return f"{grouped_number(float(value))} {currency}"


def _why_nothing(price: Price) -> str:
    """Nobody changes the code, or hardly; changes are no slower; or a person said so."""
    if price.basis is Basis.EXPERT:
        return "so a person estimated"
    months = int(price.inputs["months"])
    if not price.inputs["months_touched"]:
        return f"nobody changed its code in the last {counted(months, 'month,months')}"
    if price.inputs["hours_per_touched_month"] < LITTLE_WORK:
        return "all work on its code together is a few minutes a month"
    return "changes to its code take no longer than changes of their size elsewhere"


def _lines(measured: Price | None, stated: Price | None, used: Price | None) -> list[RangeLine]:
    found = [one for one in (measured, stated) if one is not None]
    top = float(max((one.interest.p90 for one in found), default=Decimal(0))) or 1.0
    return [
        RangeLine(
            label=BASIS_LABELS[one.basis],
            tone=BASIS_TONES[one.basis],
            price=one,
            is_used=one is used,
            money=money(one.cost.p50, one.cost.currency) if one.cost else "",
            x=round(100 * float(one.interest.p10) / top, 2),
            width=round(max(100 * float(one.interest.p90 - one.interest.p10) / top, 1), 2),
            middle=round(min(100 * float(one.interest.p50) / top, 99.2), 2),
        )
        for one in found
    ]


def _facts(detail: DebtDetail, used: Price) -> list[Fact]:
    item, given = detail.item, assumptions()
    delay = cost_of_delay(used.interest.p50) or Decimal(0)
    facts = [
        Fact(
            "Each week of waiting",
            f"{hours(delay)} h",
            f"about {money(given.money(delay), given.currency)}",
        )
    ]
    if item.principal is not None:
        days = item.principal / given.focus_hours
        worth = money(given.money(item.principal), given.currency)
        facts.append(
            Fact(
                "To pay it back",
                f"{hours(item.principal)} h",
                f"about {hours(days)} working days, {worth}",
            )
        )
        payback = payback_months(item.principal, used.interest.p50)
        note = "principal / interest; the effort to repay is taken not to grow with time"
        value = "never: waiting costs nothing now"
        if payback is not None:
            value = f"after {grouped_number(float(payback), 1)} months"
        facts.append(Fact("Pays for itself", value, note))
        if item.known_cd3 is not None:
            score = grouped_number(item.known_cd3, 3)
            facts.append(Fact("CD3", score, "hours lost a week / hours to repay: highest first"))
    return [*facts, *_paid(detail, used)]


def _paid(detail: DebtDetail, used: Price) -> list[Fact]:
    since = day_words(clock.day_of(detail.item.recorded_at))
    if used.paid is not None:
        until = day_words(date.fromisoformat(used.inputs["until"]))
        spent = float(used.inputs["hours_since_recorded"])
        if not spent:
            return [Fact("Lost so far", "nothing yet", "its code was not changed since")]
        words = f"{hours(used.paid.p10)} to {hours(used.paid.p90)} h"
        note = f"of {hours(spent)} h on this code from {since} to {until}"
        return [Fact("Lost so far", words, note)]
    paid = paid_stated(detail.item, detail.estimates, clock.today())
    if paid is None:
        return []
    words = f"{hours(paid.p10)} to {hours(paid.p90)} h"
    return [Fact("Lost so far", words, f"since {since}, at the estimates then in force")]


def _inputs(price: Price) -> list[Fact]:
    """What went into a measured price, as it was stored with it."""
    found, slow = price.inputs, price.inputs["slowdown"]
    low, middle, high = (percent(share) for share in found["share"])
    n = f"{slow['n']} changes here, {slow['elsewhere']} of the same size elsewhere"
    if slow["is_measured"]:
        pace = f"{slow['ratio']:.2f} times the time of changes elsewhere"
        pace_note = f"95 % interval {slow['low']:.2f} to {slow['high']:.2f}; {n}"
    elif slow["ratio"] is None:
        pace, pace_note = "too few changes to compare", f"{n}; the industry prior stands in"
    else:
        pace = f"{slow['ratio']:.2f} times, which may be chance"
        pace_note = f"95 % interval {slow['low']:.2f} to {slow['high']:.2f}; {n}; prior used"
    touched = f"{found['months_touched']} of {counted(found['months'], 'month,months')}"
    until = day_words(date.fromisoformat(found["until"]))
    return [
        Fact("Code", found["path"], "" if found["files"] == 1 else f"{found['files']} files"),
        Fact(
            "Chance of a touch in a month", percent(found["probability"]), f"touched in {touched}"
        ),
        Fact(
            "Hours in a month with a touch",
            f"{hours(found['hours_per_touched_month'])} h",
            "days touched × focus hours × share of the day's changed lines",  # noqa: RUF001 - a product
        ),
        Fact("Pace of changes", pace, pace_note),
        Fact("Share of those hours lost", f"{low} to {high}", f"middle {middle}: s / (1 + s)"),
        Fact("Outages", "not counted", "no incidents are known here"),
        Fact("Until", until, f"commit {price.commit_sha[:12]}"),
    ]

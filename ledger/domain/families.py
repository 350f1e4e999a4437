"""The families of statements and their guards: what may be said of what was measured, to whom.

Each family takes one fact and answers with the strongest template that its guard allows, a weaker
one, or none. A family without data is silent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import log10
from typing import Any

from ledger.domain.audiences import Audience
from ledger.domain.bindings import Binding, Slot
from ledger.domain.families_text import TEMPLATES
from ledger.domain.family_facts import (
    Benefit,
    Capacity,
    Cost,
    FailingChange,
    KeyPerson,
    MeasuredFacts,
    Promise,
    Ripple,
    SlowChange,
)

LOCALE = "en"
LEAST_SLOW_CHANGES = 10
FEWEST_SLOW_CHANGES = 3
LEAST_DEPLOYMENTS = 20
LEAST_DEGREE = Decimal(30)
LEAST_SHARED = 5
UNLIKELY = Decimal("0.5")
OVERBUILT_ORDERS = 2
HALF_A_DAY = Decimal("0.5")
HOURS_PER_DAY = 8

Slots = dict[str, Slot]


@dataclass(frozen=True, slots=True)
class Offer:
    """A sentence that may be said; `binding` is its evidence."""

    family: str
    audience: Audience
    text: str
    binding: Binding


@dataclass(frozen=True, slots=True)
class Said:
    """The name of the template without audience and number, and its slots."""

    variant: str
    slots: Slots


def offers(
    facts: MeasuredFacts, audience: Audience, about: Mapping[str, Any], locale: str = LOCALE
) -> list[Offer]:
    """Every sentence that the facts allow for an audience, in the order of the families."""
    result = []
    for name, said in _said(facts):
        template = f"{said.variant}.{audience.value}.1"
        if template not in TEMPLATES:
            continue
        slots = {"subject": Slot(facts.subject, "text"), **said.slots}
        binding = Binding(template, locale, slots, about)
        result.append(Offer(name, audience, binding.text, binding))
    return result


def _said(facts: MeasuredFacts) -> Iterator[tuple[str, Said]]:
    families: tuple[tuple[str, Callable[[Any], Iterator[Said]], Any], ...] = (
        ("slow-change", slow_change, facts.slow_change),
        ("failing-change", failing_change, facts.failing_change),
        ("ripple", ripple, facts.ripple),
        ("key-person", key_person, facts.key_person),
        ("capacity", capacity, facts.capacity),
        ("promise-at-risk", promise_at_risk, facts.promise),
        ("cost", lambda cost: cost_of(cost, facts.promise), facts.cost),
        ("expiry", expiry, facts.promise),
        ("shortcut-benefit", benefit, facts.benefit),
        ("accepted-risk", accepted_risk, facts.promise),
    )
    for name, family, fact in families:
        if fact is not None:
            for said in family(fact):
                yield name, said


def slow_change(fact: SlowChange) -> Iterator[Said]:
    """n >= 10 on both sides and an interval above 1; otherwise "may"; nothing below 3."""
    fewest = min(fact.here_n, fact.elsewhere_n)
    if fact.ratio <= 1 or fewest < FEWEST_SLOW_CHANGES:
        return
    is_sure = fewest >= LEAST_SLOW_CHANGES and fact.ratio_low > 1
    window, source, n = str(fact.window), fact.source, fact.here_n
    figures = {"ratio": fact.ratio, "low": fact.ratio_low, "high": fact.ratio_high}
    yield Said(
        "slow-change" if is_sure else "slow-change-may",
        {
            **{
                name: Slot(str(value), "ratio", window, n, source)
                for name, value in figures.items()
            },
            "n": Slot(str(n), "changes", window, n, source),
            "since": _month(fact.window.since, source),
        },
    )


def failing_change(fact: FailingChange) -> Iterator[Said]:
    """A rate from 20 deployments on, else "k of n"; nothing where none failed."""
    if fact.failed < 1 or fact.deployments < 1:
        return
    window, source, n = str(fact.window), fact.source, fact.deployments
    slots = {
        "n": Slot(str(n), "releases", window, n, source),
        "since": _month(fact.window.since, source),
    }
    if n >= LEAST_DEPLOYMENTS:
        rate = 100 * Decimal(fact.failed) / n
        slots["rate"] = Slot(str(round(rate, 4)), "%", window, n, source)
        slots["low"] = Slot(str(fact.low), "%", window, n, source)
        slots["high"] = Slot(str(fact.high), "%", window, n, source)
        yield Said("failing-change", slots)
    else:
        slots["failed"] = Slot(str(fact.failed), "releases", window, n, source)
        yield Said("failing-change-count", slots)


def ripple(fact: Ripple) -> Iterator[Said]:
    """A degree of at least 30 % and 5 shared changes."""
    if fact.degree < LEAST_DEGREE or fact.shared < LEAST_SHARED:
        return
    window, source, n = str(fact.window), fact.source, fact.revisions
    yield Said(
        "ripple",
        {
            "shared": Slot(str(fact.shared), "changes", window, n, source),
            "n": Slot(str(n), "changes", window, n, source),
            "degree": Slot(str(fact.degree), "%", window, n, source),
            "since": _month(fact.window.since, source),
        },
    )


def key_person(fact: KeyPerson) -> Iterator[Said]:
    """A truck factor of 1."""
    if fact.truck_factor != 1:
        return
    window, source, n = str(fact.window), fact.source, fact.revisions
    yield Said(
        "key-person",
        {
            "people": Slot("1", "people", window, n, source),
            "n": Slot(str(n), "changes", window, n, source),
            "since": _month(fact.window.since, source),
        },
    )


def capacity(fact: Capacity) -> Iterator[Said]:
    """Under-built (a peak above the design), or built for 100 times the peak and more."""
    if fact.design <= 0 or fact.peak <= 0:
        return
    orders = log10(fact.design / fact.peak)
    if 0 <= orders < OVERBUILT_ORDERS:
        return
    window, source, n = str(fact.window), fact.source, fact.n
    yield Said(
        "capacity-short" if orders < 0 else "capacity-over",
        {
            "peak": Slot(str(fact.peak), fact.unit, window, n, source),
            "design": Slot(str(fact.design), fact.unit, "", None, source),
            "unit": Slot(fact.unit, "text"),
            "n": Slot(str(n), "readings", window, n, source),
            "since": _month(fact.window.since, source),
        },
    )


def promise_at_risk(fact: Promise) -> Iterator[Said]:
    """A day that is over, was moved, or is more likely missed than kept."""
    due = _day(fact.due_on, fact.source)
    if fact.due_on < fact.today:
        days = Slot(str((fact.today - fact.due_on).days), "calendar days", "", None, fact.source)
        today = _day(fact.today, fact.source)
        yield Said("promise-expired", {"due": due, "days": days, "today": today})
    elif fact.chance_on_time is not None and fact.chance_on_time < UNLIKELY:
        chance = Slot(str(100 * fact.chance_on_time), "%", "", None, fact.source)
        yield Said("promise-unlikely", {"due": due, "chance": chance})
    elif fact.extensions:
        times = Slot(str(fact.extensions), "times", "", None, fact.source)
        first = _day(fact.first_due_on, fact.source)
        moved = str((fact.due_on - fact.first_due_on).days)
        days = Slot(moved, "calendar days", "", None, fact.source)
        yield Said("promise-moved", {"due": due, "first": first, "times": times, "days": days})


def cost_of(fact: Cost, promise: Promise | None) -> Iterator[Said]:
    """P10 to P90, with the option to pay where the effort and a day to come are known."""
    if not fact.p90:
        return
    hours = {
        "low": Slot(str(fact.p10), "hours", "month", None, fact.source),
        "middle": Slot(str(fact.p50), "hours", "month", None, fact.source),
        "high": Slot(str(fact.p90), "hours", "month", None, fact.source),
        "basis": Slot(fact.basis.value, "basis"),
    }
    option: Slots = {}
    if fact.principal and promise is not None and promise.due_on >= promise.today:
        option = {
            "principal": Slot(str(fact.principal), "hours", "", None, fact.source),
            "due": _day(promise.due_on, promise.source),
        }
    days = {
        name: Slot(str(value / HOURS_PER_DAY), "working days", "month", None, fact.source)
        for name, value in (("low", fact.p10), ("high", fact.p90))
    }
    # Less than half a day a month is nothing that a reader of features can see.
    if fact.p90 / HOURS_PER_DAY >= HALF_A_DAY:
        yield Said("cost-days", days)
    yield Said("cost-option" if option else "cost", {**hours, **option})
    if option and fact.money is not None:
        money = {
            name: Slot(str(value), "money", "month", None, fact.source)
            for name, value in zip(("low", "high"), fact.money, strict=True)
        }
        basis = Slot(fact.basis.value, "basis")
        yield Said(
            "cost-money",
            {**money, **option, "basis": basis, "currency": Slot(fact.currency, "text")},
        )


def expiry(fact: Promise) -> Iterator[Said]:
    """A day that is still to come."""
    left = (fact.due_on - fact.today).days
    if left > 0:
        days = Slot(str(left), "calendar days", "", None, fact.source)
        due, today = _day(fact.due_on, fact.source), _day(fact.today, fact.source)
        yield Said("expiry", {"due": due, "days": days, "today": today})


def benefit(fact: Benefit) -> Iterator[Said]:
    """Working days that the shortcut saved."""
    if fact.saved_days > 0:
        saved = Slot(str(fact.saved_days), "working days", "", None, fact.source)
        yield Said("benefit", {"saved": saved, "on": _month(fact.on, fact.source)})


def accepted_risk(fact: Promise) -> Iterator[Said]:
    """An acceptance on record, with the day until which it holds."""
    if fact.accepted_on is None or fact.due_on <= fact.accepted_on:
        return
    term = (fact.due_on - fact.accepted_on).days
    slots = {
        "accepted": _day(fact.accepted_on, fact.source),
        "due": _day(fact.due_on, fact.source),
        "days": Slot(str(term), "calendar days", "", None, fact.source),
    }
    yield Said("accepted", slots)
    if fact.is_one_way:
        yield Said("accepted-one-way", slots)


def _day(day: date, source: str) -> Slot:
    return Slot(day.isoformat(), "date", "", None, source)


def _month(day: date, source: str) -> Slot:
    return Slot(day.isoformat(), "month", "", None, source)

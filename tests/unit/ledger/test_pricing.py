"""The price of a piece of code: the known anchors, the hand-worked example, and its properties."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import pricing_v1
from ledger.domain.estimates import Interest
from ledger.domain.known_costs import known_cost, place_of
from ledger.domain.pricing import STATED, Formula, Price, Stretch, best_known, paid_as_stated
from ledger.domain.pricing_v1 import FORMULA, Facts, facts_of, price, slowdown_of
from ledger.domain.terms import Basis, Containment, Reversibility
from ledger.domain.valuation import Terms, cost_of_delay, good_debt, verdict

RATE = (85.0, 100.0, 120.0)
HEAD = date(2026, 10, 1)
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
# By size: forty changes a size elsewhere, around half an hour.
ELSEWHERE = {size: [1200.0 + 30 * step for step in range(41)] for size in (2, 3)}
SLOW = tuple((2 + number % 2, 5400.0 + 60 * number) for number in range(-10, 11))
SAME = tuple((2 + number % 2, 1800.0 + 60 * number) for number in range(-10, 11))
QUICK = tuple((2 + number % 2, 600.0 + 10 * number) for number in range(-10, 11))
BUSY = (10.0, 12.0, 8.0, 10.0, 11.0, 9.0, 10.0, 10.0, 12.0, 8.0, 11.0, 9.0)


def test_the_anchors() -> None:
    found = pricing_v1.anchor((60, 90, 140), RATE)
    assert found.p10 == pytest.approx(1_935, rel=0.025)
    assert found.p50 == pytest.approx(3_305, rel=0.025)
    assert found.p90 == pytest.approx(4_995, rel=0.025)


def test_the_example_of_the_documentation() -> None:
    text = Path("docs/pricing.md").read_text(encoding="utf-8")
    example = " ".join(text.split("## An example by hand")[1].split("\n## ")[0].split())
    # Six months, changed in three of them, 10, 20 and 30 hours; changes take 1.5 times as long.
    paces = tuple((2, 2700.0) for _ in range(40))
    elsewhere = {2: [1800.0] * 60}
    found = price(Facts((10.0, 0.0, 20.0, 0.0, 30.0, 0.0), paces), elsewhere, rate=RATE, seed="x")
    assert found is not None
    assert (found.probability, found.hours, found.slowdown.ratio) == (0.5, 20.0, 1.5)
    assert found.share.p50 == pytest.approx(1 / 3)
    by_hand = 0.5 * 20 * (0.5 / 1.5)
    assert re.search(r"0\.5 x 20 x 0\.333 = \*\*3\.3 hours", example)
    assert by_hand == pytest.approx(3.3, abs=0.04)
    assert found.interest.p50 == pytest.approx(by_hand, rel=0.05)
    low, middle, high = map(
        float, re.findall(r"P10 ([\d.]+), P50 ([\d.]+), P90 ([\d.]+)", example)[0]
    )
    assert (low, middle, high) == tuple(
        round(point, 1) for point in (found.interest.p10, found.interest.p50, found.interest.p90)
    )


def test_version_1_is_frozen() -> None:
    """Prices name this version: a change here needs a new one, never other figures."""
    assert Formula("interest", 1) == FORMULA
    measured = price(Facts(BUSY, SLOW), ELSEWHERE, rate=RATE, seed="frozen")
    prior = price(Facts(BUSY[:3] + (0.0,) * 3, ()), {}, rate=RATE, seed="frozen")
    assert measured is not None
    assert prior is not None
    assert (measured.basis, prior.basis) == (Basis.MEASURED, Basis.PRIOR)
    figures = [
        round(value, 3)
        for one in (measured.interest, measured.cost, prior.interest, prior.cost)
        for value in (one.p10, one.p50, one.p90)
    ]
    assert figures == FROZEN


FROZEN = [
    5.855,
    6.46,
    6.907,
    572.085,
    649.304,
    730.513,
    0.771,
    1.612,
    2.852,
    76.501,
    162.743,
    289.397,
]


@pytest.mark.parametrize(
    ("paces", "is_measured", "basis"),
    [(SLOW, True, Basis.MEASURED), (SAME, False, Basis.PRIOR), (SLOW[:9], False, Basis.PRIOR)],
)
def test_measured_only_with_enough_changes_and_a_difference(
    paces: tuple[tuple[int, float], ...], is_measured: bool, basis: Basis
) -> None:
    found = price(Facts(BUSY, paces), ELSEWHERE, rate=RATE, seed="x")
    assert found is not None
    assert (found.slowdown.is_measured, found.basis) == (is_measured, basis)


def test_code_that_is_faster_costs_nothing() -> None:
    found = price(Facts(BUSY, QUICK), ELSEWHERE, rate=RATE, seed="x")
    assert found is not None
    assert (found.basis, found.interest.p90, found.cost.p90) == (Basis.MEASURED, 0, 0)


def test_untouched_code_costs_nothing_once_it_was_watched_long_enough() -> None:
    assert price(Facts((0.0, 0.0), ()), {}, rate=RATE, seed="x") is None
    found = price(Facts((0.0,) * 3, ()), {}, rate=RATE, seed="x")
    assert found is not None
    assert (found.basis, found.interest.p90) == (Basis.MEASURED, 0)


def test_changes_are_compared_with_those_of_their_size() -> None:
    """Large changes take longer everywhere; that alone is no slowdown."""
    everywhere = {1: [600.0 + step for step in range(40)], 9: [7200.0 + step for step in range(40)]}
    large = tuple((9, 7200.0 + 4 * number) for number in range(12))
    found = slowdown_of(large, everywhere, "x")
    assert found.ratio == pytest.approx(1, rel=0.01)
    assert not found.is_measured


def test_the_own_changes_are_no_part_of_elsewhere() -> None:
    everywhere = {2: sorted([*(1800.0 + step for step in range(20)), *(9000.0,) * 200])}
    found = slowdown_of(tuple((2, 9000.0) for _ in range(200)), everywhere, "x")
    assert found.elsewhere == 20
    assert found.ratio == pytest.approx(5, rel=0.01)


def test_months_are_whole_and_newest_first() -> None:
    days = [(HEAD, 0.5), (HEAD - timedelta(days=29), 0.25), (HEAD - timedelta(days=31), 1.0)]
    facts = facts_of(days=days, paces=(), since=SINCE, head_on=HEAD, focus_hours=4)
    assert facts.hours == (3.0, 4.0, *(0.0,) * 10)
    young = datetime(2026, 8, 20, tzinfo=UTC)
    facts = facts_of(days=days, paces=(), since=young, head_on=HEAD, focus_hours=4)
    assert facts.hours == (3.0,)


@given(
    hours=st.lists(st.floats(0, 200), min_size=3, max_size=12),
    ratio=st.floats(0.3, 6),
    number=st.integers(0, 30),
)
def test_a_price_is_ordered_repeatable_and_no_more_than_the_hours(
    hours: list[float], ratio: float, number: int
) -> None:
    facts = Facts(tuple(hours), tuple((2, 1800 * ratio + step) for step in range(number)))
    found = price(facts, ELSEWHERE, rate=RATE, seed="x")
    assert found is not None
    assert 0 <= found.interest.p10 <= found.interest.p50 <= found.interest.p90
    assert found.interest.p90 <= max(hours) + 1e-9
    assert found.cost.p50 <= 120 * max(hours) + 1e-6
    assert found == price(facts, ELSEWHERE, rate=RATE, seed="x")


def test_what_is_paid_follows_the_estimates_then_in_force() -> None:
    month = timedelta(days=30)
    begin = date(2026, 1, 1)
    stretches = [
        Stretch(begin, Interest(Decimal(1), Decimal(2), Decimal(4))),
        Stretch(begin + month, Interest(Decimal(10), Decimal(20), Decimal(40))),
    ]
    paid = paid_as_stated(stretches, begin, begin + 2 * month)
    assert paid is not None
    assert float(paid.p50) == pytest.approx((2 + 20) * 30 / 30.4375, abs=0.01)
    assert paid_as_stated([], begin, begin) is None
    late = paid_as_stated(stretches[1:], begin, begin + 2 * month)
    assert late is not None
    assert float(late.p10) == pytest.approx(10 * 60 / 30.4375, abs=0.01)


def test_measured_before_stated_before_prior() -> None:
    interest = Interest(Decimal(1), Decimal(2), Decimal(3))
    stated = Price(1, interest, Basis.EXPERT, STATED)
    measured = Price(1, interest, Basis.MEASURED, FORMULA)
    prior = Price(1, interest, Basis.PRIOR, FORMULA)
    assert best_known(measured=measured, stated=stated) is measured
    assert best_known(measured=prior, stated=stated) is stated
    assert best_known(measured=prior, stated=None) is prior
    assert best_known(measured=None, stated=None) is None
    one, two = (Decimal(1),) * 3, (Decimal(2),) * 3
    none = (None, None, None)
    for basis, said, expected in (
        ("measured", two, (1, "measured")),
        ("prior", two, (2, "expert")),
        ("prior", none, (1, "prior")),
    ):
        known = known_cost(priced=one, priced_basis=basis, stated=said, principal=Decimal(12))
        assert (known.p50, known.basis) == expected
    assert known_cost(priced=none, priced_basis="", stated=none, principal=None).p50 is None


def test_places() -> None:
    a, b = UUID(int=1), UUID(int=2)
    assert place_of(1, "shop/cart.py", a) == place_of(1, "shop/cart.py", b)
    assert place_of(1, "shop", a) == place_of(1, "shop/", b)
    assert place_of(1, "shop/cart.py", a) != place_of(2, "shop/cart.py", a)
    assert place_of(None, "", a) != place_of(None, "", b)


GOOD = Terms(
    time_saved=Decimal(200),
    principal=Decimal(40),
    interest_per_month=Decimal(10),
    recorded_on=date(2026, 1, 1),
    expires_on=date(2026, 4, 2),
    has_plan=True,
    has_owner=True,
    containment=Containment.CONTAINED,
    reversibility=Reversibility.TWO_WAY,
)


def changed(**changes: object) -> Terms:
    return replace(GOOD, **changes)  # type: ignore[arg-type]  # each test gives the field's type


def test_good_debt_needs_every_condition() -> None:
    assert all(condition.is_kept for condition in good_debt(GOOD))
    assert verdict(good_debt(GOOD)).startswith("Good debt")
    for number, bad in enumerate(
        (
            # 91 days of 10 hours a month are 29.9 hours; with 40 to repay, 69.9.
            changed(time_saved=Decimal("69.8")),
            changed(has_plan=False),
            changed(has_owner=False),
            None,
            changed(containment=Containment.DEAD_END),
            changed(reversibility=Reversibility.ONE_WAY),
        )
    ):
        if bad is not None:
            kept = [condition.is_kept for condition in good_debt(bad)]
            assert kept == [position != number for position in range(6)]
            assert verdict(good_debt(bad)).startswith("Not good debt")
    assert all(condition.is_kept for condition in good_debt(changed(time_saved=Decimal(70))))


@pytest.mark.parametrize(
    "unknown", ["time_saved", "principal", "interest_per_month", "containment", "reversibility"]
)
def test_what_nobody_said_is_not_told(unknown: str) -> None:
    conditions = good_debt(changed(**{unknown: None}))
    assert [condition.is_kept for condition in conditions].count(None) == 1
    assert "Not to be told yet" in verdict(conditions)


def test_a_week_of_waiting() -> None:
    assert cost_of_delay(Decimal(52)) == 12
    assert cost_of_delay(None) is None

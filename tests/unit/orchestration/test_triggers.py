"""A size is outgrown when every day of its trigger was above the line, and no day is unknown."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orchestration.domain.manifests import Tier, Trigger
from orchestration.domain.triggers import day_peaks, outgrown, relieved_since

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SMALL = Tier(
    name="small",
    title="Small",
    parameters={},
    capacity={"connections": 100.0},
    monthly_cost=Decimal(25),
    currency="EUR",
    trigger=Trigger("connections", 0.7, 7),
)


def days(*values: float | None) -> list[tuple[datetime, float]]:
    """One observation a day, the oldest first, the last an hour ago."""
    first = NOW - timedelta(hours=1, days=len(values) - 1)
    return [
        (first + timedelta(days=index), value)
        for index, value in enumerate(values)
        if value is not None
    ]


@pytest.mark.parametrize(
    ("observed", "holds"),
    [
        (days(71, 72, 73, 74, 75, 76, 77), True),
        # Exactly at the line is not above it.
        (days(71, 72, 73, 70, 75, 76, 77), False),
        (days(71, 72, 73, None, 75, 76, 77), False),
        (days(72, 73, 74, 75, 76, 77), False),
        (days(1, 71, 72, 73, 74, 75, 76, 77), True),
        ([], False),
        # A quiet night between busy hours of every day changes nothing.
        ([*days(71, 72, 73, 74, 75, 76, 77), (NOW - timedelta(hours=6), 2.0)], True),
        ([*days(71, 72, 73, None, 75, 76, 77), (NOW + timedelta(days=1), 99.0)], False),
    ],
)
def test_every_day_counts(observed: list[tuple[datetime, float]], holds: bool) -> None:
    found = outgrown(SMALL, observed, NOW)
    assert (found is not None) is holds
    if found:
        assert (list(found.peaks), found.share) == ([71, 72, 73, 74, 75, 76, 77], 0.77)


def test_a_size_without_a_trigger_is_never_outgrown() -> None:
    plain = Tier("x", "X", {}, {"connections": 1.0}, Decimal(1), "EUR", None)
    assert outgrown(plain, days(*[99.0] * 7), NOW) is None


def test_day_0_is_the_last_24_hours() -> None:
    observed = [(NOW - timedelta(hours=hours), float(hours)) for hours in (0, 23, 24, 47, 48)]
    assert day_peaks(observed, NOW, 2) == {0: 23.0, 1: 47.0}


def test_only_a_whole_calm_day_is_a_relief() -> None:
    since = NOW - timedelta(days=5)
    assert not relieved_since(days(90, 90, 90, 90, 90, 90), 70, since, NOW)
    assert relieved_since(days(90, 90, 90, 40, 90, 90), 70, since, NOW)
    # The day of the debt itself and the one that is not over yet prove nothing.
    assert not relieved_since(days(10, 90, 90, 90, 90, 10), 70, since, NOW)

"""When an end is announced, and what it costs until then."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from common.errors import Refused
from orchestration.domain.lifetimes import (
    cost_for,
    cost_until,
    require_days,
    warning_due,
    words_for,
)

END = datetime(2026, 3, 29, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "warned", "given"),
    [
        (timedelta(days=3), None, None),
        (timedelta(days=2), None, 2880),
        (timedelta(days=1), 2880, None),
        (timedelta(hours=2), 2880, 120),
        (timedelta(minutes=30), 120, 30),
        (timedelta(minutes=10), 30, None),
        # After a pause only the nearest.
        (timedelta(minutes=10), None, 30),
        (timedelta(0), None, None),
    ],
)
def test_each_warning_is_given_once(left: timedelta, warned: int | None, given: int | None) -> None:
    assert warning_due(END, warned, END - left) == given


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=2), "two days"),
        (timedelta(days=2, seconds=-90), "two days"),
        (timedelta(days=2, minutes=-6), "47 hours"),
        (timedelta(hours=40, minutes=40), "40 hours"),
        (timedelta(days=1, seconds=-30), "a day"),
        (timedelta(hours=23, minutes=50), "23 hours"),
        (timedelta(hours=2, seconds=-59), "two hours"),
        (timedelta(minutes=112), "110 minutes"),
        (timedelta(minutes=59, seconds=30), "an hour"),
        (timedelta(minutes=30, seconds=-59), "half an hour"),
        (timedelta(minutes=12), "10 minutes"),
        (timedelta(minutes=7, seconds=59), "7 minutes"),
        (timedelta(seconds=10), "a minute"),
    ],
)
def test_what_is_left_is_said_as_it_is(left: timedelta, said: str) -> None:
    assert words_for(left) == said


def test_a_month_is_a_twelfth_of_a_year() -> None:
    assert cost_for(Decimal("730.00"), timedelta(hours=1)) == Decimal("1.00")
    assert cost_for(Decimal("73.00"), timedelta(days=14)) == Decimal("33.60")
    assert cost_for(Decimal("73.00"), timedelta(days=-1)) == Decimal("0.00")
    assert cost_until(Decimal(5), None, END) is None
    assert cost_until(Decimal("7.30"), END, END - timedelta(hours=100)) == Decimal("1.00")


@pytest.mark.parametrize("days", [0, -1, 181])
def test_temporary_means_temporary(days: int) -> None:
    with pytest.raises(Refused):
        require_days(days)

"""Which commits stand for the course of a history."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from analysis.domain.trend import Every, sample


def walked(*dates: str) -> list[tuple[str, datetime]]:
    return [
        (f"c{number}", datetime.fromisoformat(date).replace(tzinfo=UTC))
        for number, date in reversed(list(enumerate(dates)))
    ]


WALK = walked("2026-01-31T10:00", "2026-02-01T09:00", "2026-02-01T22:00", "2026-02-09T08:00")


@pytest.mark.parametrize(
    ("every", "chosen"),
    [
        (Every.COMMIT, ["c0", "c1", "c2", "c3"]),
        (Every.DAY, ["c0", "c2", "c3"]),
        (Every.WEEK, ["c2", "c3"]),
        (Every.MONTH, ["c0", "c3"]),
    ],
)
def test_the_last_commit_of_each_period_counts(every: Every, chosen: list[str]) -> None:
    assert sample(WALK, every) == chosen


def test_a_period_is_one_of_utc() -> None:
    evening = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(-timedelta(hours=5)))
    assert sample([("b", evening), ("a", datetime(2026, 1, 31, tzinfo=UTC))], Every.MONTH) == [
        "a",
        "b",
    ]


def test_a_clock_that_ran_backwards_makes_no_second_point() -> None:
    assert sample(walked("2026-02-01", "2026-01-15", "2026-02-02"), Every.MONTH) == ["c1", "c2"]


def test_nothing_makes_nothing() -> None:
    assert sample([], Every.DAY) == []

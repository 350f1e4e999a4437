"""Numbers and times as words."""

from datetime import UTC, datetime, timedelta

import pytest

from common.figures import (
    compact_number,
    grouped_number,
    percent,
    relative_words,
    sparkline_points,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-59, "just now"),
        (-60, "1 minute ago"),
        (-3 * 3600 - 5, "3 hours ago"),
        (2 * 86_400, "in 2 days"),
        (-400 * 86_400, "1 year ago"),
    ],
)
def test_relative_words(seconds: int, words: str) -> None:
    assert relative_words(NOW + timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (940, "940"), (12_345, "12.3k"), (999_999, "1.0M"), (3_140_000, "3.1M")],
)
def test_compact_number(value: int, text: str) -> None:
    assert compact_number(value) == text


def test_grouped_number() -> None:
    assert grouped_number(1_234_567) == "1,234,567"
    assert grouped_number(1234.567, 2) == "1,234.57"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0, "0 %"), (0.0004, "< 0.1 %"), (0.0352, "3.5 %"), (0.123, "12 %"), (1, "100 %")],
)
def test_percent(ratio: float, text: str) -> None:
    assert percent(ratio) == text


def test_sparkline_runs_from_the_lowest_to_the_highest() -> None:
    assert sparkline_points([0, 5, 10]) == "0.0,24.0 50.0,12.0 100.0,0.0"
    assert sparkline_points([3]) == "0.0,24.0"
    assert sparkline_points([]) == ""

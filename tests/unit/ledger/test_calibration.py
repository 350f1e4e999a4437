"""Estimates beside outcomes: bias, hit rate, its doubt, and when to say nothing."""

from decimal import Decimal

import pytest

from ledger.domain.calibration import Case, calibrate, principal_range, wilson


def case(actual: float, low: float = 8, middle: float = 16, high: float = 30) -> Case:
    numbers = (low, middle, high, actual)
    return Case("D-000001", *(Decimal(str(number)) for number in numbers))


def test_the_known_interval() -> None:
    low, high = wilson(7, 31)
    assert (round(100 * low, 1), round(100 * high, 1)) == (11.4, 39.8)
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1


def test_too_few_cases_are_refused_in_words() -> None:
    found = calibrate([case(16)] * 9)
    assert "from 10 on" in found.refusal
    assert found.verdict == found.refusal
    assert calibrate([case(16)]).refusal.startswith("1 paid debt can")


@pytest.mark.parametrize(
    ("actuals", "bias", "hits", "words"),
    [
        ([16] * 12, 1.0, 12, "hold"),
        ([32] * 12, 2.0, 0, "too narrow"),
        ([16] * 40, 1.0, 40, "wider than"),
    ],
)
def test_bias_and_hits(actuals: list[float], bias: float, hits: int, words: str) -> None:
    found = calibrate([case(actual) for actual in actuals])
    assert (found.bias, found.hits) == (bias, hits)
    assert words in found.verdict
    assert found.below + found.above + found.hits == found.n


def test_the_ends_count_as_hits_and_zero_has_no_ratio() -> None:
    assert case(8).is_hit
    assert case(30).is_hit
    assert not case(30.01).is_hit
    assert calibrate([case(0, 0, 0, 0)] * 10).bias is None


def test_the_range_of_an_effort() -> None:
    low, expected, high = principal_range(Decimal(8), Decimal(16), Decimal(40))
    assert expected == Decimal("18.67")
    assert low is not None
    assert high is not None
    assert 8 < low < expected < high < 40
    assert principal_range(Decimal(5), Decimal(5), Decimal(5)) == (5, 5, 5)
    assert principal_range(None, Decimal(5), Decimal(6)) == (None, None, None)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.hotspots import hotspots, percentile_ranks


def test_ranks_run_from_zero_to_one() -> None:
    assert percentile_ranks([30, 10, 20]) == [1.0, 0.0, 0.5]


def test_ties_share_the_mean_rank() -> None:
    assert percentile_ranks([1, 1, 2, 3, 3]) == [0.125, 0.125, 0.5, 0.875, 0.875]
    assert percentile_ranks([4, 4, 4]) == [0.5, 0.5, 0.5]


def test_few_values() -> None:
    assert percentile_ranks([]) == []
    assert percentile_ranks([7]) == [0.5]


@given(st.lists(st.integers(0, 5), min_size=1))
def test_the_mean_is_a_half_and_order_is_kept(values: list[int]) -> None:
    ranks = percentile_ranks(values)
    assert sum(ranks) / len(ranks) == pytest.approx(0.5)
    assert all(0 <= rank <= 1 for rank in ranks)
    by_value = dict(zip(values, ranks, strict=True))
    assert sorted(by_value.items()) == sorted(by_value.items(), key=lambda pair: pair[1])


def test_the_product_of_both_ranks() -> None:
    rated = hotspots({"a": 9, "b": 5, "c": 1}, {"a": 10, "b": 30, "c": 20})
    assert rated == {"a": 0.0, "b": 0.5, "c": 0.0}


def test_a_file_without_a_revision_is_no_hotspot() -> None:
    rated = hotspots({"a": 3}, {"a": 10, "b": 99, "c": 5})
    assert rated == {"a": 0.5, "b": 0.0, "c": 0.0}
    assert hotspots({}, {"a": 1, "b": 2}) == {"a": 0.0, "b": 0.0}


def test_files_that_are_not_measured_are_left_out() -> None:
    assert hotspots({"a": 3, "gone": 100}, {"a": 10}) == {"a": 0.25}

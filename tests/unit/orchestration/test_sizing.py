"""Today's peak plus one order of magnitude, not three."""

from decimal import Decimal

import pytest

from orchestration.domain.manifests import Tier
from orchestration.domain.sizing import Fit, gravest, is_large, recommended, sizing, words


def tier(name: str, **capacity: float) -> Tier:
    return Tier(name, name.title(), {}, capacity, Decimal(10), "EUR", None)


TIERS = [
    tier("small", connections=50, storage_gb=10),
    tier("medium", connections=200, storage_gb=100),
    tier("large", connections=800, storage_gb=1000),
]


@pytest.mark.parametrize(
    ("peak", "fit"),
    [
        ({}, Fit.UNMEASURED),
        ({"connections": 0}, Fit.UNMEASURED),
        ({"users": 7}, Fit.UNMEASURED),
        ({"connections": 201}, Fit.TOO_SMALL),
        ({"connections": 200}, Fit.RIGHT),
        ({"connections": 20}, Fit.RIGHT),
        ({"connections": 19.9}, Fit.NEEDS_REASON),
        ({"connections": 2}, Fit.NEEDS_REASON),
        ({"connections": 1.9}, Fit.NEEDS_ADMIN),
        # The metric with the least room decides.
        ({"connections": 1, "storage_gb": 50}, Fit.RIGHT),
        ({"connections": 20, "storage_gb": 101}, Fit.TOO_SMALL),
    ],
)
def test_the_bands(peak: dict[str, float], fit: Fit) -> None:
    assert sizing(TIERS[1].capacity, peak).fit is fit


@pytest.mark.parametrize(
    ("peak", "name"),
    [
        ({}, "small"),
        ({"connections": 4}, "small"),
        ({"connections": 5}, "small"),
        ({"connections": 20}, "medium"),
        ({"connections": 45}, "medium"),
        ({"connections": 80}, "large"),
        ({"connections": 300}, "large"),
        ({"connections": 5000}, "large"),
        ({"connections": 20, "storage_gb": 150}, "large"),
    ],
)
def test_the_size_for_a_peak(peak: dict[str, float], name: str) -> None:
    assert recommended(TIERS, peak).name == name


def test_the_gravest_of_several_is_what_counts() -> None:
    right, small = (
        sizing(TIERS[1].capacity, {"connections": 20}),
        sizing({"users": 1}, {"users": 2}),
    )
    assert gravest([right, small]) is small
    assert gravest([]) is None


def test_the_verdict_names_its_figures() -> None:
    peak = {"connections": 8.0}
    found = sizing(TIERS[1].capacity, peak)
    said = words(found, capacity=TIERS[1].capacity, peak=peak)
    assert "200 connections" in said
    assert "25.0 times" in said
    assert "why" in said


def test_nobody_says_why_the_smallest_is_so_large() -> None:
    peak = {"connections": 1.0}
    found = sizing(TIERS[0].capacity, peak)
    assert is_large(found.fit)
    said = words(found, capacity=TIERS[0].capacity, peak=peak, is_smallest=True)
    assert "times the measured peak, and no smaller size exists" in said
    assert "why" not in said

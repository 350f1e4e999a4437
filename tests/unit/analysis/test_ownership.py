import pytest

from analysis.domain.ownership import (
    Authorship,
    authors_of,
    degree_of_authorship,
    fractal_ownership,
    truck_factor,
)


def test_fractal_ownership() -> None:
    assert fractal_ownership([7]) == 0
    assert fractal_ownership([1, 1]) == 0.5
    assert fractal_ownership([3, 1]) == pytest.approx(1 - 0.75**2 - 0.25**2)
    assert fractal_ownership([]) == 0


def test_degree_of_authorship() -> None:
    assert degree_of_authorship(Authorship(created=True, deliveries=0), 0) == pytest.approx(4.391)
    assert degree_of_authorship(Authorship(created=False, deliveries=5), 10) == pytest.approx(
        3.293 + 0.82 - 0.321 * 2.3978952727983707
    )


def test_authors_reach_the_threshold_and_three_quarters_of_the_highest() -> None:
    parts = {
        "ann": Authorship(created=True, deliveries=10),
        "bob": Authorship(created=False, deliveries=12),
        "cleo": Authorship(created=False, deliveries=1),
    }
    assert authors_of(parts) == {"ann", "bob"}
    assert authors_of({}) == set()


def test_the_truck_factor_is_who_must_leave_until_half_the_files_are_orphans() -> None:
    own = Authorship(created=True, deliveries=5)
    files = {
        1: {"ann": own},
        2: {"ann": own},
        3: {"ann": own},
        4: {"bob": own},
    }
    assert truck_factor(files) == ["ann"]
    files[5] = files[6] = {"bob": own}
    assert truck_factor(files) == ["ann", "bob"]
    assert truck_factor({}) == []

import random
import time
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.coupling import (
    Coupling,
    CouplingOptions,
    change_coupling,
    coupling_of,
    sum_of_coupling,
)

LOOSE = CouplingOptions(min_revisions=2, min_shared=2, min_degree=30, max_changeset=4)
CHANGESETS = st.lists(st.lists(st.integers(0, 7), max_size=6), max_size=40)


def by_definition(changesets: list[list[int]], options: CouplingOptions) -> set[Coupling[int]]:
    """The definition, word for word."""
    counted = [set(files) for files in changesets if len(set(files)) <= options.max_changeset]
    found = set()
    for a, b in combinations(range(8), 2):
        shared = sum(a in files and b in files for files in counted)
        revisions_a = sum(a in files for files in counted)
        revisions_b = sum(b in files for files in counted)
        average = (revisions_a + revisions_b) / 2
        degree = 100 * shared / average if average else 0
        if (
            shared >= options.min_shared
            and average >= options.min_revisions
            and degree >= options.min_degree
        ):
            found.add(Coupling(a, b, shared, degree, revisions_a, revisions_b))
    return found


def test_degree_and_revisions() -> None:
    changesets = [["a", "b"]] * 6 + [["a"]] * 2 + [["b", "c"]] * 4
    [pair] = change_coupling(changesets)
    assert pair == Coupling("a", "b", 6, 100 * 6 / 9, 8, 10)


@pytest.mark.parametrize("missing", [1, 0])
def test_thresholds_are_inclusive(missing: int) -> None:
    shared = 5 - missing
    changesets = [["a", "b"]] * shared + [["a"]] * missing + [["b"]] * missing
    assert len(change_coupling(changesets)) == (0 if missing else 1)


def test_the_average_decides_about_revisions() -> None:
    options = CouplingOptions(min_shared=1, min_degree=1)
    assert change_coupling([["a", "b"]] + [["a"]] * 8, options)
    assert not change_coupling([["a", "b"]] + [["a"]] * 7, options)


def test_changesets_above_the_limit_count_neither_as_shared_nor_as_revisions() -> None:
    large = [f"f{i}" for i in range(29)]
    changesets = [["a", "b"]] * 5
    assert change_coupling([*changesets, [*large, "a", "b"]]) == change_coupling(changesets)
    exactly_at_the_limit = [*changesets, [*large[:28], "a", "b"]]
    assert change_coupling(exactly_at_the_limit)[0].shared == 6


def test_a_file_named_twice_in_a_changeset_counts_once() -> None:
    assert change_coupling([["a", "b", "a"]] * 5) == change_coupling([["a", "b"]] * 5)


def test_the_strongest_come_first() -> None:
    changesets = [["a", "b"]] * 5 + [["c", "d"]] * 6 + [["c"]] * 2 + [["e", "f"]] * 9
    assert [(pair.a, pair.b) for pair in change_coupling(changesets)] == [
        ("e", "f"),
        ("a", "b"),
        ("c", "d"),
    ]


@given(changesets=CHANGESETS)
def test_equal_to_the_definition(changesets: list[list[int]]) -> None:
    found = change_coupling(changesets, LOOSE)
    assert set(found) == by_definition(changesets, LOOSE)
    assert len(set(found)) == len(found)


@given(before=CHANGESETS, pushed=CHANGESETS)
def test_counting_only_touched_files_equals_counting_all(
    before: list[list[int]], pushed: list[list[int]]
) -> None:
    everything = before + pushed
    touched = {file for files in pushed for file in files}
    counted = [set(files) for files in everything if len(set(files)) <= LOOSE.max_changeset]
    revisions = {file: sum(file in files for files in counted) for file in range(8)}

    kept = [
        pair
        for pair in change_coupling(before, LOOSE)
        if pair.a not in touched and pair.b not in touched
    ]
    renewed = coupling_of(
        touched, [files for files in everything if touched & set(files)], revisions, LOOSE
    )
    assert len(set(renewed)) == len(renewed)
    assert {*kept, *renewed} == set(change_coupling(everything, LOOSE))


def test_sum_of_coupling() -> None:
    assert sum_of_coupling([["a", "b", "c"], ["a"], ["a", "b"]]) == {"a": 3, "b": 3, "c": 2}


def test_fifty_thousand_changesets_take_about_a_second() -> None:
    source = random.Random(1)
    changesets = []
    for _ in range(50_000):
        first = source.randrange(500) * 20
        changesets.append(source.sample(range(first, first + 20), source.choice((1, 2, 3, 5, 8))))
    started = time.process_time()
    assert change_coupling(changesets)
    assert time.process_time() - started < 2

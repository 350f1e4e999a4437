"""Author-days divided among files, and the pace of changes."""

from datetime import UTC, datetime, timedelta, timezone

from analysis.domain.effort import Change, TouchedDay, Work, places_effort

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def change(commit: int, minutes: float, *, author: int = 1, couples: bool = True) -> Change:
    return Change(commit, author, NINE + timedelta(minutes=minutes), couples)


def test_a_day_is_divided_by_lines_and_never_handed_out_twice() -> None:
    work = Work(
        [change(1, 0), change(2, 60), change(3, 0, author=2)],
        [(1, 10, 30), (1, 11, 10), (2, 11, 40), (3, 10, 5)],
    )
    places = {1: frozenset({10}), 2: frozenset({11}), 3: frozenset({10, 11})}
    found, _paces = places_effort(work, places, {}, UTC)
    day = NINE.date()
    assert found[1].days == (TouchedDay(day, 0.375), TouchedDay(day, 1.0))
    assert found[2].days == (TouchedDay(day, 0.625),)
    assert sum(one.share for one in found[3].days) == 2


def test_a_day_begins_where_the_organisation_is() -> None:
    work = Work([change(1, 0), change(2, 15 * 60 - 1)], [(1, 10, 1), (2, 10, 1)])
    found, _ = places_effort(work, {1: frozenset({10})}, {}, UTC)
    assert len(found[1].days) == 1
    found, _ = places_effort(work, {1: frozenset({10})}, {}, timezone(timedelta(hours=2)))
    assert len(found[1].days) == 2


def test_renames_alone_are_no_work() -> None:
    work = Work([change(1, 0)], [(1, 10, 0), (1, 11, 0)])
    found, _ = places_effort(work, {1: frozenset({10})}, {}, UTC)
    assert found[1].days == ()


def test_the_pace_is_the_gap_to_the_author_s_commit_before() -> None:
    work = Work(
        [
            change(1, 0),
            change(2, 30),
            change(3, 31, author=2),
            change(4, 30.5),
            change(5, 30.5 + 8 * 60 + 1),
            change(6, 30.5 + 8 * 60 + 11, couples=False),
            change(7, 30.5 + 8 * 60 + 31),
        ],
        [(commit, 10, 9) for commit in range(1, 8)],
    )
    found, paces = places_effort(work, {1: frozenset({10})}, {}, UTC)
    # The first of each author, a gap below a minute, a break of work and a mass change have none.
    assert [pace.seconds for pace in found[1].paces] == [1800, 1200]
    assert {pace.size for pace in found[1].paces} == {3}
    assert paces == {3: [1200, 1800]}


def test_a_place_without_files() -> None:
    found, paces = places_effort(Work([], []), {1: frozenset()}, {}, UTC)
    assert (found[1].files, found[1].since, found[1].days, paces) == (0, None, (), {})

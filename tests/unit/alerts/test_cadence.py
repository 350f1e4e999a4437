"""What is said of a promise on which day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import cadence
from alerts.domain.cadence import horizon, is_weekly_day, reached
from alerts.domain.calendars import Calendar, Schedule, calendar_of

PLAIN = calendar_of(Schedule("UTC"))
BERLIN = calendar_of(Schedule("Europe/Berlin", "DE", "BE"))
WEDNESDAY = date(2026, 11, 18)


def said(due_on: date, calendar: Calendar, first: date, days: int) -> list[tuple[date, str]]:
    """Every new stage by its day, from one working day to the next."""
    found: list[tuple[date, str]] = []
    ranks = [0, 0]
    for n in range(days):
        day = first + timedelta(days=n)
        if not calendar.is_working(day):
            continue
        here = reached(due_on, day, calendar)
        for which, stage in enumerate((here.stage, here.lead)):
            if stage is None or stage.rank <= ranks[which]:
                continue
            if stage == cadence.IN_30 and not is_weekly_day(day, calendar):
                continue
            ranks[which] = stage.rank
            found.append((day, stage.key))
    return found


def test_the_whole_life_of_a_promise() -> None:
    assert said(WEDNESDAY, PLAIN, date(2026, 10, 1), 150) == [
        (date(2026, 10, 19), "in_30"),
        (date(2026, 11, 4), "in_14"),
        (date(2026, 11, 11), "in_7"),
        (date(2026, 11, 17), "in_1"),
        (date(2026, 11, 18), "due"),
        (date(2026, 11, 19), "late_1"),
        (date(2026, 11, 20), "late_2"),
        (date(2026, 11, 24), "late_4"),
        (date(2026, 11, 25), "lead_5"),
        (date(2026, 11, 30), "late_8"),
        (date(2026, 12, 10), "late_16"),
        (date(2026, 12, 16), "lead_20"),
        (date(2027, 1, 1), "month_2"),
        (date(2027, 2, 1), "month_3"),
    ]


def test_a_promise_for_a_sunday_is_spoken_of_on_friday_and_broken_on_monday() -> None:
    assert said(date(2026, 11, 22), PLAIN, date(2026, 11, 9), 21)[:4] == [
        # The eighth is a Sunday: spoken of on the Friday before, and caught up with here.
        (date(2026, 11, 9), "in_14"),
        (date(2026, 11, 13), "in_7"),
        (date(2026, 11, 20), "due"),
        (date(2026, 11, 23), "late_1"),
    ]


def test_a_promise_in_the_holidays_is_spoken_of_before_them() -> None:
    off = frozenset(date(2026, 12, 24) + timedelta(days=n) for n in range(8))
    calendar = calendar_of(Schedule("Europe/Berlin", "DE", "BE", days_off=off))
    assert said(date(2026, 12, 30), calendar, date(2026, 12, 14), 25) == [
        (date(2026, 12, 14), "in_30"),
        (date(2026, 12, 16), "in_14"),
        (date(2026, 12, 23), "due"),
        (date(2027, 1, 4), "late_1"),
        (date(2027, 1, 5), "late_2"),
        (date(2027, 1, 7), "late_4"),
    ]


def test_the_monthly_word_never_stops() -> None:
    found = [key for _, key in said(date(2025, 1, 15), PLAIN, date(2026, 1, 1), 365 * 3)]
    assert found[:4] == ["month_12", "lead_20", "month_13", "month_14"]
    assert len([key for key in found if key.startswith("month_")]) == 36
    assert all(len(key) <= 12 for key in found)


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 11, 18), "due"),
        (date(2026, 11, 27), "late_4"),
        (date(2027, 3, 17), "month_4"),
    ],
)
def test_who_missed_some_is_told_the_highest(day: date, key: str) -> None:
    stage = reached(WEDNESDAY, day, PLAIN).stage
    assert stage is not None
    assert stage.key == key


@given(
    due_on=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    country=st.sampled_from(["", "DE", "US"]),
    week=st.sampled_from([frozenset(range(5)), frozenset({6, 0, 1, 2, 3}), frozenset({2})]),
)
def test_stages_only_rise_and_the_horizon_misses_none(
    due_on: date, country: str, week: frozenset[int]
) -> None:
    calendar = calendar_of(Schedule("UTC", country, working_days=week))
    days = [due_on + timedelta(days=n) for n in range(-60, 120)]
    working = [day for day in days if calendar.is_working(day)]
    here = [reached(due_on, day, calendar) for day in working]
    for before, after in pairwise(here):
        assert (before.stage.rank if before.stage else 0) <= (
            after.stage.rank if after.stage else 0
        )
        assert (before.lead.rank if before.lead else 0) <= (after.lead.rank if after.lead else 0)
    for day, one in zip(working, here, strict=True):
        assert (one.stage is None) == (due_on > horizon(day, calendar))


def test_leads_have_a_series_of_their_own() -> None:
    highest = cadence.month_stage(9_000)
    assert not cadence.is_lead_rank(highest.rank)
    assert cadence.is_lead_rank(cadence.LEAD_5.rank)
    assert cadence.LEAD_5.rank < cadence.LEAD_20.rank
    assert cadence.LEAD_20.rank < 32_767


def test_a_reminder_is_noted_by_its_day_and_orders_nothing() -> None:
    stage = cadence.reminder(date(2026, 11, 23))
    assert (stage.key, stage.rank) == ("on_20261123", 1)
    assert len(stage.key) <= 12

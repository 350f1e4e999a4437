"""The stages of a promise, by the days that are left."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.stages import Stage, stage_of, working_days_overdue

TODAY = date(2027, 2, 10)  # a Wednesday
DAYS = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        (31, "later"), (30, "in_30"), (15, "in_30"), (14, "in_14"), (8, "in_14"), (7, "in_7"),
        (2, "in_7"), (1, "in_1"), (0, "due"), (-1, "overdue"), (-400, "overdue"),
    ],
)  # fmt: skip
def test_a_stage_begins_at_its_lead_time(left: int, stage: str) -> None:
    assert stage_of(TODAY + timedelta(days=left), TODAY) == stage


@given(DAYS, DAYS)
def test_a_stage_never_goes_back(due_on: date, today: date) -> None:
    stages = list(Stage)
    now, tomorrow = stage_of(due_on, today), stage_of(due_on, today + timedelta(days=1))
    assert stages.index(now) <= stages.index(tomorrow)


@pytest.mark.parametrize(
    ("days", "working"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (7, 5)]
)
def test_working_days_leave_out_the_weekend(days: int, working: int) -> None:
    assert working_days_overdue(TODAY, TODAY + timedelta(days=days)) == working


@given(DAYS, DAYS)
def test_working_days_are_those_that_a_calendar_counts(due_on: date, today: date) -> None:
    passed = (due_on + timedelta(days=n) for n in range(1, (today - due_on).days + 1))
    assert working_days_overdue(due_on, today) == sum(day.weekday() < 5 for day in passed)

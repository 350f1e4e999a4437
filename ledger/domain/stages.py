"""How near a promised day is, in the steps in which people are reminded.

Nothing here is stored: the stage follows from the day whenever somebody looks, so that a sweep
that ran late, twice or never changes no debt.
"""

from datetime import date, timedelta
from enum import StrEnum

WORKING_DAYS = 5


class Stage(StrEnum):
    """The stages of a promise, the furthest first; each begins that many days before its day."""

    LATER = "later"
    IN_30 = "in_30"
    IN_14 = "in_14"
    IN_7 = "in_7"
    IN_1 = "in_1"
    DUE = "due"
    OVERDUE = "overdue"


# From at most so many days left on.
_LEADS = (
    (0, Stage.DUE),
    (1, Stage.IN_1),
    (7, Stage.IN_7),
    (14, Stage.IN_14),
    (30, Stage.IN_30),
)
LONGEST_LEAD = timedelta(days=30)


def stage_of(due_on: date, today: date) -> Stage:
    """The stage of an open promise; a day counts to its end, so it is overdue the day after."""
    left = (due_on - today).days
    if left < 0:
        return Stage.OVERDUE
    return next((stage for days, stage in _LEADS if left <= days), Stage.LATER)


def working_days_overdue(due_on: date, today: date) -> int:
    """How many days from Monday to Friday have begun since the end of the promised day.

    Holidays are not known. 0 while the promise holds.
    """
    if today <= due_on:
        return 0
    weeks, rest = divmod((today - due_on).days, 7)
    # Of the days that make no whole week, those after the promised day.
    days = range(due_on.weekday() + 1, due_on.weekday() + 1 + rest)
    return weeks * WORKING_DAYS + sum(day % 7 < WORKING_DAYS for day in days)

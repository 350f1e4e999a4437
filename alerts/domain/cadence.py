"""The stages of a promise: when it is spoken of, and how urgently.

Before its day a promise is spoken of 30 (weekly digest only), 14, 7 and 1 day ahead, and on the
day; after it on the working days 1, 2, 4, 8 and 16, then once a month for as long as it is owed.
The team's lead is called on the working days 5 and 20. A stage is said once for an item and a
date; whoever missed some is told the highest one that was reached.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from alerts.domain.calendars import ONE_DAY, Calendar


@dataclass(frozen=True, slots=True)
class Stage:
    """One step; `rank` orders the steps of a promise, those to the lead among themselves."""

    key: str
    rank: int


# Said only when somebody asks for a digest before its time: of a promise that is far off.
ON_RECORD = Stage("on_record", 5)
IN_30 = Stage("in_30", 10)
IN_14 = Stage("in_14", 20)
IN_7 = Stage("in_7", 30)
IN_1 = Stage("in_1", 40)
DUE = Stage("due", 50)
# Days before the promised day, the nearest first.
AHEAD = ((0, DUE), (1, IN_1), (7, IN_7), (14, IN_14), (30, IN_30))
# Working days after it, the latest first.
LATE = tuple((days, Stage(f"late_{days}", 60 + n)) for n, days in enumerate((1, 2, 4, 8, 16)))[::-1]
# The first monthly word comes after the last call for the lead, not on the heels of late_16.
MONTHLY_AFTER = 20
MONTH_RANK = 70
# Ranks from here on are those of the lead: a series of its own beside the others.
LEAD_RANK = 10_000
LEAD = tuple((days, Stage(f"lead_{days}", LEAD_RANK + days)) for days in (20, 5))
LEAD_20, LEAD_5 = (stage for _, stage in LEAD)
# From the day before on the owner is called by name.
MENTIONED_FROM = IN_1.rank
LONGEST_LEAD = timedelta(days=30)
# A reminder that somebody asked for is noted as a stage, which orders nothing.
REMINDER_RANK = 1


def reminder(asked_for: date) -> Stage:
    """The stage under which a reminder for this day is noted."""
    return Stage(f"on_{asked_for:%Y%m%d}", REMINDER_RANK)


def month_stage(number: int) -> Stage:
    """The monthly word on a promise whose day lies so many calendar months back."""
    return Stage(f"month_{number}", MONTH_RANK + number)


def is_lead_rank(rank: int) -> bool:
    return rank >= LEAD_RANK


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a promise stands on a working day: its own stage, and the lead's."""

    stage: Stage | None
    lead: Stage | None
    days_left: int
    working_days_overdue: int


def reached(due_on: date, day: date, calendar: Calendar) -> Reached:
    """The highest stages that an open promise has reached on `day`, a working day.

    What falls on a day off is said on the working day before while the promise still holds, and
    on the first one afterwards once it is broken: nobody is told on a Monday of a Sunday's promise.
    """
    left = (due_on - day).days
    overdue = calendar.count_after(due_on, day)
    if left < 0:
        return Reached(_after(due_on, day, overdue, calendar), _lead(overdue), left, overdue)
    return Reached(_before(due_on, day, calendar), None, left, 0)


def _before(due_on: date, day: date, calendar: Calendar) -> Stage | None:
    for days, stage in AHEAD:
        if day >= calendar.on_or_before(due_on - timedelta(days=days)):
            return stage
    return None


def _after(due_on: date, day: date, overdue: int, calendar: Calendar) -> Stage | None:
    opening = calendar.month_opening(day)
    if opening <= day and calendar.count_after(due_on, opening) > MONTHLY_AFTER:
        return month_stage((day.year - due_on.year) * 12 + day.month - due_on.month)
    return next((stage for days, stage in LATE if overdue >= days), None)


def _lead(overdue: int) -> Stage | None:
    return next((stage for days, stage in LEAD if overdue >= days), None)


def horizon(day: date, calendar: Calendar) -> date:
    """The latest promised day of which anything could be said on `day`."""
    next_day = calendar.on_or_after(day + ONE_DAY)
    return next_day - ONE_DAY + LONGEST_LEAD


def is_weekly_day(day: date, calendar: Calendar) -> bool:
    """Whether the weekly digest, which alone tells of the next 30 days, is said on this day."""
    return calendar.weekly_day(day) == day

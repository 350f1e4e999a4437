"""When a team works: its zone, its week, public holidays, its own days off.

A day is a date in the team's time zone; a moment is aware. Nothing here reads a clock.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

WEEK = 7
ONE_DAY = timedelta(days=1)
# A team speaks on the day itself or not at all: what was missed comes on the next working day.
SPEAKS_FOR = timedelta(hours=9)
# Whoever wants to hear at five to midnight is not passed over when the worker comes at midnight.
SPEAKS_INTO_THE_NIGHT = timedelta(hours=1)
# Nobody is off for longer than this; a calendar without a working day ends here, not never.
LONGEST_BREAK = 400
MONDAY_TO_FRIDAY = frozenset(range(5))
HALF_PAST_NINE = time(9, 30)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a team works and wants to be spoken to.

    `zone` is an IANA name, `country` and `subdivision` are those of ISO 3166 (empty: no public
    holidays), Monday is 0.
    """

    zone: str
    country: str = ""
    subdivision: str = ""
    working_days: frozenset[int] = MONDAY_TO_FRIDAY
    speaks_at: time = HALF_PAST_NINE
    weekly_on: int = 0
    days_off: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of a schedule."""

    schedule: Schedule
    # Days of the working week on which nobody works, sorted, by year.
    _off: dict[int, list[date]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.schedule.zone)

    def is_working(self, day: date) -> bool:
        return self._is_in_week(day) and day not in self._off_in(day.year)

    def on_or_after(self, day: date) -> date:
        """The first working day from this day on."""
        return self._step(day, ONE_DAY)

    def on_or_before(self, day: date) -> date:
        """The last working day up to this day."""
        return self._step(day, -ONE_DAY)

    def days_from(self, day: date) -> Iterator[date]:
        """The working days from this day on, without end."""
        while True:
            found = self.on_or_after(day)
            yield found
            day = found + ONE_DAY

    def count_after(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to and with `end`; 0 where none can."""
        if end <= start:
            return 0
        weeks, rest = divmod((end - start).days, WEEK)
        first = start.weekday() + 1
        week = self.schedule.working_days
        in_week = weeks * len(week) + sum(day % WEEK in week for day in range(first, first + rest))
        return in_week - self._count_off(start, end)

    def weekly_day(self, day: date) -> date:
        """The day of the newest weekly digest on `day`; put off while nobody works."""
        back = (day.weekday() - self.schedule.weekly_on) % WEEK
        return self.on_or_after(day - timedelta(days=back))

    def month_opening(self, day: date) -> date:
        """The first working day of the month of `day`."""
        return self.on_or_after(day.replace(day=1))

    def _is_in_week(self, day: date) -> bool:
        return day.weekday() in self.schedule.working_days

    def _step(self, day: date, step: timedelta) -> date:
        found = day
        for _ in range(LONGEST_BREAK):
            if self.is_working(found):
                return found
            found += step
        return day

    def _count_off(self, start: date, end: date) -> int:
        return sum(
            bisect_right(off, end) - bisect_right(off, start)
            for off in map(self._off_in, range(start.year, end.year + 1))
        )

    def _off_in(self, year: int) -> list[date]:
        if year not in self._off:
            public = _public_holidays(self.schedule.country, self.schedule.subdivision, year)
            own = {day for day in self.schedule.days_off if day.year == year}
            self._off[year] = sorted(day for day in public | own if self._is_in_week(day))
        return self._off[year]


@lru_cache(maxsize=1_000)
def calendar_of(schedule: Schedule) -> Calendar:
    """The calendar of a schedule; teams with the same one share it."""
    return Calendar(schedule)


@lru_cache(maxsize=2_000)
def _public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, subdivision or None, years=year))
    except NotImplementedError:
        # The library has dropped a place that it knew when the schedule was stored.
        return frozenset()


def knows_place(country: str, subdivision: str = "") -> bool:
    """Whether the public holidays of this country, and of this part of it, are known."""
    known = holidays.list_supported_countries(include_aliases=True)
    return country in known and (not subdivision or subdivision in known[country])


def places() -> dict[str, list[str]]:
    """The countries whose public holidays are known, with their parts, sorted."""
    known = holidays.list_supported_countries(include_aliases=False)
    return {country: sorted(known[country]) for country in sorted(known)}


def local_day(schedule: Schedule, now: datetime) -> date:
    """The day that it is for the team."""
    return now.astimezone(ZoneInfo(schedule.zone)).date()


def speaking_moment(schedule: Schedule, day: date) -> datetime:
    """When the team is spoken to on this day, in UTC.

    A time that the clocks skip on this day is taken as if they had not been moved yet, which is
    within the hour after the gap; of a time that comes twice, the first counts.
    """
    local = datetime.combine(day, schedule.speaks_at, tzinfo=ZoneInfo(schedule.zone))
    return local.replace(fold=0).astimezone(UTC)


def may_speak(calendar: Calendar, now: datetime) -> date | None:
    """The team's day, if it is a working day on which it is to be spoken to now.

    It is the day before where that one's moment lies within the last hour: late in the evening,
    or in an hour before midnight that the clocks skip.
    """
    today = local_day(calendar.schedule, now)
    for day, longest in ((today, SPEAKS_FOR), (today - ONE_DAY, SPEAKS_INTO_THE_NIGHT)):
        moment = speaking_moment(calendar.schedule, day)
        if moment <= now < moment + longest and calendar.is_working(day):
            return day
    return None


def next_speaking(calendar: Calendar, now: datetime) -> datetime:
    """The next moment after `now` at which the team may be spoken to."""
    for day in calendar.days_from(local_day(calendar.schedule, now)):
        moment = speaking_moment(calendar.schedule, day)
        if moment > now:
            return moment
    raise AssertionError("days go on for ever")

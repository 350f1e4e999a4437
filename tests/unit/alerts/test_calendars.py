"""Working days, and moments on days when the clocks are moved."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.domain.calendars import (
    Calendar,
    Schedule,
    calendar_of,
    knows_place,
    local_day,
    may_speak,
    next_speaking,
    places,
    speaking_moment,
)

BERLIN = Schedule("Europe/Berlin", "DE", "BE")
PLAIN = Schedule("UTC")
GULF = Schedule("Asia/Dubai", working_days=frozenset({6, 0, 1, 2, 3}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_public_holidays_and_days_off_are_no_working_days() -> None:
    own = Schedule("Europe/Berlin", "DE", "BE", days_off=frozenset({date(2026, 12, 24)}))
    calendar = calendar_of(own)
    assert not calendar.is_working(date(2026, 12, 24))
    assert not calendar.is_working(date(2026, 12, 25))
    assert calendar.is_working(date(2026, 12, 23))
    # Women's day is off in Berlin and not in Hamburg; in 2027 it is a Monday.
    assert not calendar.is_working(date(2027, 3, 8))
    assert calendar_of(Schedule("Europe/Berlin", "DE", "HH")).is_working(date(2027, 3, 8))


def test_over_a_years_end() -> None:
    calendar = calendar_of(BERLIN)
    assert calendar.on_or_after(date(2027, 1, 1)) == date(2027, 1, 4)
    assert calendar.on_or_before(date(2027, 1, 3)) == date(2026, 12, 31)
    # 28, 29, 30, 31 December and 4 January.
    assert calendar.count_after(date(2026, 12, 25), date(2027, 1, 4)) == 5
    assert calendar.month_opening(date(2027, 1, 20)) == date(2027, 1, 4)


def test_a_week_from_sunday_to_thursday() -> None:
    calendar = calendar_of(GULF)
    days = list(islice(calendar.days_from(date(2026, 11, 19)), 3))
    assert days == [date(2026, 11, 19), date(2026, 11, 22), date(2026, 11, 23)]


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    days=st.integers(0, 900),
    week=st.frozensets(st.integers(0, 6), min_size=1),
    country=st.sampled_from(["", "DE", "US", "JP", "SA"]),
)
def test_counting_is_looking_at_every_day(
    start: date, days: int, week: frozenset[int], country: str
) -> None:
    calendar = calendar_of(Schedule("UTC", country, working_days=week))
    end = start + timedelta(days=days)
    each = [start + timedelta(days=n) for n in range(1, days + 1)]
    assert calendar.count_after(start, end) == sum(map(calendar.is_working, each))


@pytest.mark.parametrize(
    ("day", "weekly"),
    [
        (date(2026, 11, 18), date(2026, 11, 16)),
        (date(2026, 11, 16), date(2026, 11, 16)),
        # Easter Monday: the weekly digest comes on Tuesday.
        (date(2027, 3, 30), date(2027, 3, 30)),
        (date(2027, 4, 2), date(2027, 3, 30)),
    ],
)
def test_the_weekly_day_is_put_off(day: date, weekly: date) -> None:
    assert calendar_of(BERLIN).weekly_day(day) == weekly


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        (date(2026, 3, 27), time(9, 30), "2026-03-27T08:30"),
        (date(2026, 3, 30), time(9, 30), "2026-03-30T07:30"),
        (date(2026, 10, 23), time(9, 30), "2026-10-23T07:30"),
        (date(2026, 10, 26), time(9, 30), "2026-10-26T08:30"),
        # 02:30 does not exist on 29 March: an hour later by the new time.
        (date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),
        # 02:30 comes twice on 25 October: the first one.
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
    ],
)
def test_the_moment_keeps_to_the_clock_on_the_wall(day: date, clock: time, moment: str) -> None:
    schedule = Schedule("Europe/Berlin", speaks_at=clock)
    assert speaking_moment(schedule, day) == at(moment)


def test_a_team_is_spoken_to_from_its_time_on_and_not_at_night() -> None:
    calendar = calendar_of(BERLIN)
    friday = date(2026, 11, 20)
    assert may_speak(calendar, at("2026-11-20T08:29:59")) is None
    assert may_speak(calendar, at("2026-11-20T08:30")) == friday
    assert may_speak(calendar, at("2026-11-20T17:29")) == friday
    assert may_speak(calendar, at("2026-11-20T17:30")) is None
    assert may_speak(calendar, at("2026-11-21T09:00")) is None


def test_the_day_is_that_of_the_team() -> None:
    moment = at("2026-12-31T18:00")
    assert local_day(Schedule("Asia/Tokyo"), moment) == date(2027, 1, 1)
    assert local_day(Schedule("America/New_York"), moment) == date(2026, 12, 31)


def test_the_next_moment_leaves_out_days_off() -> None:
    calendar = calendar_of(BERLIN)
    assert next_speaking(calendar, at("2026-12-31T08:30")) == at("2027-01-04T08:30")
    assert next_speaking(calendar, at("2026-12-31T08:29")) == at("2026-12-31T08:30")


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_every_working_day_is_spoken_on_once(moment: datetime) -> None:
    """Whatever the clocks do, one day follows another, each with its own moment."""
    for zone in ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"):
        calendar = calendar_of(Schedule(zone, speaks_at=time(2, 15)))
        first = next_speaking(calendar, moment)
        second = next_speaking(calendar, first)
        days = [local_day(calendar.schedule, one) for one in (first, second)]
        assert days[0] < days[1]
        assert calendar.on_or_after(days[0] + timedelta(days=1)) == days[1]
        assert may_speak(calendar, first) == days[0]


# Where clocks are moved: the hour before midnight is skipped in Nuuk, the one after it in Beirut,
# Cairo, Havana and São Paulo; half an hour is moved on Lord Howe, a whole day was skipped on Samoa.
# Then years' ends and leap days.
ODD_DAYS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 10, 25)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/Nuuk", date(2026, 3, 28)),
    ("America/Nuuk", date(2026, 10, 24)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kiritimati", date(2026, 12, 31)),
    ("Pacific/Pago_Pago", date(2026, 12, 31)),
    ("Asia/Kolkata", date(2028, 2, 29)),
    ("Europe/Berlin", date(2028, 2, 29)),
]


def spoken_on(calendar: Calendar, moments: Iterable[datetime]) -> list[date]:
    """The days whose turn is taken by a worker that comes at these moments, in their order."""
    found: list[date] = []
    for now in moments:
        day = may_speak(calendar, now)
        if day is not None and (not found or found[-1] < day):
            found.append(day)
    return found


@settings(deadline=None)  # a worker comes up to 3,000 times
@given(
    odd=st.sampled_from(ODD_DAYS),
    speaks_at=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    minutes=st.integers(5, 60),
    offset=st.integers(0, 59),
    back=st.integers(0, 9 * 24),
    place=st.sampled_from([("", ""), ("DE", "BE"), ("US", ""), ("BR", "")]),
    week=st.sampled_from([frozenset(range(7)), frozenset(range(5)), frozenset({6, 0, 1, 2, 3})]),
)
@example(("America/Nuuk", date(2026, 3, 28)), time(23, 30), 60, 0, 0, ("", ""), frozenset(range(7)))
@example(("Europe/Berlin", date(2026, 3, 29)), time(23, 59), 60, 7, 0, ("", ""), frozenset({2}))
@example(("Pacific/Apia", date(2011, 12, 30)), time(0), 5, 0, 0, ("", ""), frozenset(range(5)))
def test_each_working_day_has_one_turn_however_the_clocks_are_moved(
    odd: tuple[str, date],
    speaks_at: time,
    minutes: int,
    offset: int,
    back: int,
    place: tuple[str, str],
    week: frozenset[int],
) -> None:
    """With a worker every so many minutes whose own clock is once set back by an hour."""
    zone, around = odd
    calendar = calendar_of(Schedule(zone, *place, working_days=week, speaks_at=speaks_at))
    first, last = around - timedelta(days=4), around + timedelta(days=4)
    start = datetime.combine(first, time(0, offset), tzinfo=UTC) - timedelta(days=1)
    moments = [start + timedelta(minutes=minutes * n) for n in range(11 * 24 * 60 // minutes)]
    turned = start + timedelta(hours=back)
    moments = [
        *(one for one in moments if one < turned),
        *(one - timedelta(hours=1) for one in moments if one >= turned),
    ]
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    # What fell on a day that never was may be said right after it.
    days = [day for day in days if day not in NEVER_WAS[zone]]
    spoken = spoken_on(calendar, moments)
    assert [day for day in spoken if day in days] == [
        day for day in days if calendar.is_working(day)
    ]


# Samoa went from the 29th to the 31st, over the date line.
NEVER_WAS = defaultdict[str, list[date]](list, {"Pacific/Apia": [date(2011, 12, 30)]})


def test_who_wants_to_hear_just_before_midnight_is_not_passed_over() -> None:
    calendar = calendar_of(Schedule("Europe/Berlin", "DE", "BE", speaks_at=time(23, 59)))
    assert may_speak(calendar, at("2026-11-20T22:58")) is None
    assert may_speak(calendar, at("2026-11-20T22:59")) == date(2026, 11, 20)
    # A quarter past midnight in Berlin, on a Saturday.
    assert may_speak(calendar, at("2026-11-20T23:15")) == date(2026, 11, 20)
    assert may_speak(calendar, at("2026-11-20T23:59")) is None


def test_holidays_of_the_next_year_are_known_in_this_one() -> None:
    """Over the end of a year, on either side of the date line and in a leap year."""
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        calendar = calendar_of(Schedule(zone, "US"))
        assert calendar.on_or_after(date(2026, 12, 31) + timedelta(days=1)) == date(2027, 1, 4)
        # 1 January 2028 is a Saturday: its holiday is the Friday before, a day of the old year.
        assert not calendar.is_working(date(2027, 12, 31))
    assert calendar_of(PLAIN).weekly_day(date(2027, 1, 1)) == date(2026, 12, 28)
    assert calendar_of(PLAIN).count_after(date(2028, 2, 25), date(2028, 3, 1)) == 3
    assert calendar_of(PLAIN).on_or_before(date(2028, 2, 29)) == date(2028, 2, 29)


def test_places() -> None:
    assert knows_place("DE")
    assert knows_place("DE", "BE")
    assert not knows_place("DE", "XX")
    assert not knows_place("XX")
    assert "BE" in places()["DE"]

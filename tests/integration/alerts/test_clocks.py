"""Clocks that are moved, years that end: one digest a day for each team, none lost or doubled."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.models import Delivery, Digest, Notice
from alerts.services.digests import digests_make
from alerts.services.schedules import schedule_update
from common import clock
from tests.builders.alerting import Hands, make_channel, make_operator, make_route, make_team
from tests.builders.debts import make_debt

pytestmark = pytest.mark.django_db
EVERY_DAY = range(7)
# A team in each, and when it is spoken to: by day, and in an hour that the clocks skip or repeat.
TEAMS = [
    ("Europe/Berlin", time(9, 30)),
    ("Europe/Berlin", time(2, 30)),
    ("America/New_York", time(9, 30)),
    ("America/New_York", time(1, 30)),
    ("Australia/Lord_Howe", time(2, 0)),
    ("Asia/Beirut", time(0, 30)),
    ("Africa/Cairo", time(0, 0)),
    ("America/Nuuk", time(23, 30)),
    ("Pacific/Kiritimati", time(9, 30)),
    ("Pacific/Pago_Pago", time(23, 59)),
]


@pytest.mark.parametrize(
    "middle",
    [
        # Forward: Berlin, Beirut, and Nuuk the evening before.
        date(2026, 3, 29),
        # Back: Berlin, Beirut and Nuuk; New York.
        date(2026, 10, 25),
        date(2026, 11, 1),
        # The end of a year, and a leap day.
        date(2027, 1, 1),
        date(2028, 2, 29),
    ],
)
def test_every_team_has_one_digest_a_day(
    db: None, monkeypatch: pytest.MonkeyPatch, middle: date
) -> None:
    """A worker comes every hour, and its own clock is set back by an hour every day at noon."""
    hands = Hands(monkeypatch, clock.now())
    days = [middle + timedelta(days=n) for n in (-1, 0, 1)]
    hands.set(f"{days[0] - timedelta(days=1)} 00:00")
    operator = make_operator()
    for n, (zone, speaks_at) in enumerate(TEAMS):
        team = make_team(f"team-{n}")
        make_route(operator, make_channel(f"room {n}"), team_id=team.pk)
        schedule_update(
            actor=operator,
            team_id=team.pk,
            time_zone=zone,
            working_days=EVERY_DAY,
            speaks_at=speaks_at,
        )
        for day in days:
            make_debt(operator, owner=team.slug, due_on=day)
    end = datetime.combine(days[-1] + timedelta(days=1), time(12), tzinfo=UTC)
    turned_back: set[date] = set()
    while hands.moment < end:
        digests_make()
        hands.moment += timedelta(hours=1)
        if hands.moment.hour == 12 and hands.moment.date() not in turned_back:
            turned_back.add(hands.moment.date())
            hands.moment -= timedelta(hours=1)
    for n, (zone, speaks_at) in enumerate(TEAMS):
        due = Notice.objects.filter(channel__name=f"room {n}", stage="due").order_by("due_on")
        # Each promise is spoken of on its own day, and that day has one digest and one message.
        assert [(one.due_on, one.digest.day) for one in due if one.digest] == [
            (day, day) for day in days
        ]
        digests = Digest.objects.filter(channel__name=f"room {n}", day__in=days)
        assert sorted(digests.values_list("day", flat=True)) == days
        assert Delivery.objects.filter(digest__in=digests).count() == len(days)
        for one in digests:
            late = one.created_at - datetime.combine(one.day, speaks_at, tzinfo=ZoneInfo(zone))
            assert timedelta(0) <= late < timedelta(hours=1)


def test_four_days_off_then_the_highest_stage_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host is away from Tuesday to Friday: Monday's message catches up, Tuesday's is new."""
    hands = Hands(monkeypatch, clock.now())
    hands.set("2026-09-07 08:00")
    operator = make_operator()
    team = make_team("payments", "ann", lead="ann")
    make_route(operator, make_channel("room"), team_id=team.pk)
    for due_on in (date(2026, 9, 8), date(2026, 9, 11), date(2026, 9, 16)):
        make_debt(operator, owner="payments", due_on=due_on)
    hands.at(9, 30)
    assert digests_make() == 1
    said = set(Notice.objects.values_list("pk", flat=True))
    hands.set("2026-09-14 07:00")
    made = []
    # The host comes back: beat runs every half an hour, before and after half past nine.
    for _ in range(24):
        made.append(digests_make())
        hands.moment += timedelta(minutes=30)
    assert sum(made) == 1
    new = Notice.objects.exclude(pk__in=said).order_by("due_on", "rank")
    assert list(new.values_list("due_on__day", "stage")) == [
        (8, "late_4"),
        (11, "late_1"),
        (16, "in_7"),
    ]
    hands.set("2026-09-15 09:30")
    said |= set(new.values_list("pk", flat=True))
    assert digests_make() == 1
    new = Notice.objects.exclude(pk__in=said).order_by("due_on", "rank")
    assert list(new.values_list("due_on__day", "stage")) == [
        (8, "lead_5"),
        (11, "late_2"),
        (16, "in_1"),
    ]
    assert Digest.objects.count() == Delivery.objects.count() == 3

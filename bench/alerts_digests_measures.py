"""The measures of `bench.alerts_digests`; imported once Django is set up."""

import argparse
import resource
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from accounts.models import Membership, Team, User
from alerts.domain.cadence import LEAD_RANK
from alerts.domain.calendars import Schedule, calendar_of, speaking_moment
from alerts.models import Channel, Delivery, Digest, Notice, Route
from alerts.selectors.previews import route_preview
from alerts.services.digests import digests_make
from bench import ledger_measures
from common import clock
from ledger.models import DebtItem

GOAL_S = 30.0


def measure(options: argparse.Namespace) -> int:
    """Print every measure; 1 when a run of the digests takes longer than the goal."""
    setup_test_environment()
    if connection.vendor == "sqlite":  # a file, as an installation has one, not memory
        connection.settings_dict["TEST"]["NAME"] = settings.DATA_DIR / "bench.sqlite3"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        return _measure(options)
    finally:
        teardown_databases(databases, verbosity=0)


def _measure(options: argparse.Namespace) -> int:
    _fill(options)
    today, calendar = clock.today(), calendar_of(Schedule(settings.TIME_ZONE))
    first = calendar.on_or_after(today)
    second = calendar.on_or_after(first + timedelta(days=1))
    moments = [speaking_moment(calendar.schedule, day) for day in (first, second, second)]
    names = ("a first look", "every debt has news", "the same day again")
    print(f"{connection.vendor}, {DebtItem.objects.count():,} debts due, {options.teams} teams")
    spent = []
    for name, moment in zip(names, moments, strict=True):
        if name == "every debt has news":
            _make_news()
        spent.append(_run(name, lambda moment=moment: digests_make(now=moment)))
    print(
        f"  {Digest.objects.count():,} digests, {Delivery.objects.count():,} messages, "
        f"{Notice.objects.count():,} stages said"
    )
    route = Route.objects.order_by("pk")[0]
    _run("a team's preview", lambda: route_preview(route=route, now=moments[-1]).messages)
    everybody = Route(channel=route.channel, name="all")
    Route.objects.all().update(switched_on_at=None)
    _run("a preview of all", lambda: route_preview(route=everybody, now=moments[-1]).messages)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak:.0f} MB")
    return int(max(spent) > GOAL_S)


def _run(name: str, work: Callable[[], int]) -> float:
    start, busy = time.perf_counter(), time.process_time()
    count = work()
    spent, busy = time.perf_counter() - start, time.process_time() - busy
    verdict = "within" if spent <= GOAL_S else "ABOVE"
    print(
        f"  {name:<22} {spent:6.2f} s, of which at work {busy:5.2f} s   {count:3,} made   "
        f"{verdict} the goal of {GOAL_S:.0f} s"
    )
    return spent


def _make_news() -> None:
    """As if every debt had last been spoken of at its first stage, in a channel that knows it."""
    Notice.objects.filter(rank__gte=LEAD_RANK).delete()
    Notice.objects.all().update(rank=1, stage="before")
    Digest.objects.all().update(is_summary=False)


def _fill(options: argparse.Namespace) -> None:
    """Teams with two people each, a channel and a rule, and debts that are all due or overdue."""
    now = clock.now()
    slugs = [f"team-{number}" for number in range(options.teams)]
    teams = Team.objects.bulk_create(
        [Team(slug=slug, name=slug.title(), created_at=now) for slug in slugs]
    )
    people = User.objects.bulk_create(
        [User(username=f"person-{n}", password="!") for n in range(2 * options.teams)]  # noqa: S106 - nobody can sign in
    )
    Membership.objects.bulk_create(
        [
            Membership(team=teams[n // 2], user=person, is_lead=n % 2 == 0)
            for n, person in enumerate(people)
        ]
    )
    channels = Channel.objects.bulk_create([_channel(team, now) for team in teams])
    Route.objects.bulk_create(
        [
            Route(name=channel.name, channel=channel, team=team, created_at=now, switched_on_at=now)
            for channel, team in zip(channels, teams, strict=True)
        ]
    )
    ledger_measures.OWNERS[:] = [*slugs, *(person.username for person in people)]
    ledger_measures.STATES[:] = ["proposed", "active", "active", "repaying"]
    ledger_measures.fill(options.items)
    # All of them from 40 days past to 13 days ahead, so that each has a stage to tell.
    today = clock.today()
    for offset in range(54):
        due_on = today + timedelta(days=offset - 40)
        DebtItem.objects.filter(pk__in=range(offset, options.items + 1, 54)).update(due_on=due_on)
    DebtItem.objects.filter(due_on__gt=today + timedelta(days=13)).update(due_on=today)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _channel(team: Team, now: datetime) -> Channel:
    return Channel(
        kind="webhook",
        name=f"room of {team.slug}",
        key=team.slug,
        team=team,
        created_at=now,
        updated_at=now,
        tokens_at=now,
    )

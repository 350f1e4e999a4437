"""The measures of `bench.alerts_digests`; imported once Django is set up."""

import argparse
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from accounts.models import Membership, Team, User
from alerts.domain.cadence import LEAD_RANK
from alerts.domain.calendars import Schedule, calendar_of, speaking_moment
from alerts.models import Channel, Delivery, Digest, Notice, Route
from alerts.models.digests import Turn
from alerts.selectors.previews import route_preview
from alerts.services.digests import digests_make
from bench import ledger_measures
from common import clock
from ledger.models import DebtItem

GOAL_S = 30.0


def measure(options: argparse.Namespace) -> int:
    """Print every measure; 1 when the digests take longer than the goal."""
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
    debts = DebtItem.objects.count()
    print(f"{connection.vendor}, {debts:,} debts due, {options.teams} teams")
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(options.rounds):
        _forget()
        for name, moment in zip(names, moments, strict=True):
            if name == "every debt has news":
                _make_news()
            runs[name].append(_run(lambda moment=moment: digests_make(now=moment)))
            print(f"  {name:<22} {runs[name][-1]}", flush=True)
    print(
        f"  a round: {Digest.objects.count():,} digests, {Delivery.objects.count():,} messages, "
        f"{Notice.objects.count():,} stages said"
    )
    slowest = max(_report(name, found, debts) for name, found in runs.items())
    route = Route.objects.order_by("pk")[0]
    print("previews of 90 days")
    preview = _run(lambda: route_preview(route=route, now=moments[-1]).messages)
    print(f"  of a team              {preview}")
    everybody = Route(channel=route.channel, name="all")
    Route.objects.all().update(switched_on_at=None)
    preview = _run(lambda: route_preview(route=everybody, now=moments[-1]).messages)
    print(f"  of all debts           {preview}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")
    return int(slowest > GOAL_S)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds that passed, processor seconds of the worker and of its database process."""

    passed: float
    worker: float
    server: float | None
    queries: int
    made: int

    def __str__(self) -> str:
        server = "" if self.server is None else f" + {self.server:.2f} s in the database"
        return (
            f"{self.passed:7.2f} s, of which at work {self.worker:6.2f} s{server}, "
            f"{self.queries:,} queries, {self.made:,} made"
        )


def _run(work: Callable[[], int]) -> Run:
    queries = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    served, start, busy = _server_seconds(), time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        made = work()
    passed, busy = time.perf_counter() - start, time.process_time() - busy
    then = _server_seconds()
    server = None if served is None or then is None else then - served
    return Run(passed, busy, server, queries, made)


def _server_seconds() -> float | None:
    """The processor time of this connection's PostgreSQL process; None where it can't be seen."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        number = cursor.fetchone()[0]
    try:
        text = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return None
    name, rest = text.split("(", 1)[1].rsplit(")", 1)
    fields = rest.split()
    return (int(fields[11]) + int(fields[12])) / 100 if name.startswith("postgres") else None


def _report(name: str, runs: Sequence[Run], debts: int) -> float:
    """Print the fastest and the median run, and return the median."""
    passed = [run.passed for run in runs]
    median = statistics.median(passed)
    verdict = "within" if median <= GOAL_S else "ABOVE"
    print(
        f"  {name:<22} fastest {min(passed):.2f} s, median {median:.2f} s "
        f"({debts / median:,.0f} debts a second), "
        f"{runs[-1].queries * 1_000 / debts:.1f} queries for 1,000 debts: "
        f"{verdict} the goal of {GOAL_S:.0f} s"
    )
    return median


def _forget() -> None:
    """As if nothing had been said yet."""
    for model in (Delivery, Notice, Digest, Turn):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


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

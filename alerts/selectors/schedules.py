"""When each team works and wants to be spoken to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.conf import settings

from alerts.domain.calendars import Schedule, calendar_of, local_day
from alerts.domain.places import time_zones
from alerts.models import TeamSchedule
from common import clock

FEW_DAYS = 5


@dataclass(frozen=True, slots=True)
class Schedules:
    """The schedule of every team that has one of its own, and the organisation's for the rest."""

    common: Schedule
    by_team: Mapping[int, Schedule]

    def of(self, team_id: int | None) -> Schedule:
        return self.common if team_id is None else self.by_team.get(team_id, self.common)


def schedules_all() -> Schedules:
    """Every schedule; one query."""
    by_team: dict[int, Schedule] = {}
    common = Schedule(settings.TIME_ZONE)
    for row in TeamSchedule.objects.order_by("pk"):
        if row.team_id is None:
            common = schedule_from(row)
        else:
            by_team[row.team_id] = schedule_from(row)
    return Schedules(common, by_team)


def schedule_row(team_id: int | None) -> TeamSchedule | None:
    """What was stored for the team, or for the organisation; None where the next one counts."""
    rows = TeamSchedule.objects.filter(team=None)
    if team_id is not None:
        rows = TeamSchedule.objects.filter(team_id=team_id)
    return rows.first()


def schedule_of(team_id: int | None) -> Schedule:
    """The schedule that counts for a team; for None that of the organisation."""
    row = schedule_row(team_id) or schedule_row(None)
    return schedule_from(row) if row else Schedule(settings.TIME_ZONE)


def schedule_from(row: TeamSchedule) -> Schedule:
    """The row as a value; a zone that is not known any more is the installation's."""
    known = row.time_zone in time_zones()
    return Schedule(
        zone=row.time_zone if known else settings.TIME_ZONE,
        country=row.country,
        subdivision=row.subdivision,
        working_days=frozenset(row.working_days),
        speaks_at=row.speaks_at,
        weekly_on=row.weekly_on,
        days_off=frozenset(map(date.fromisoformat, row.days_off)),
    )


def next_working_days(schedule: Schedule, count: int = FEW_DAYS) -> list[date]:
    """The next working days of a team, today's included."""
    today = local_day(schedule, clock.now())
    return list(islice(calendar_of(schedule).days_from(today), count))

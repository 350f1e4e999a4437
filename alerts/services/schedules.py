"""Setting when a team works and wants to be spoken to."""

from collections.abc import Iterable
from datetime import date, time

from django.db import IntegrityError, transaction

from accounts.selectors import User
from alerts.domain.calendars import HALF_PAST_NINE, WEEK, knows_place
from alerts.domain.places import time_zones
from alerts.models import TeamSchedule
from alerts.selectors.schedules import schedule_row
from alerts.services.permits import require_manager
from common import clock
from common.errors import Refused

# A year of days off, and some planned ahead.
MOST_DAYS_OFF = 400


def schedule_update(
    *,
    actor: User,
    team_id: int | None,
    time_zone: str,
    country: str = "",
    subdivision: str = "",
    working_days: Iterable[int] = range(5),
    speaks_at: time = HALF_PAST_NINE,
    weekly_on: int = 0,
    days_off: Iterable[date] = (),
) -> TeamSchedule:
    """Set a team's schedule, or without a team the organisation's. Refused with the field."""
    require_manager(actor, team_id)
    week = sorted(set(working_days))
    own = sorted(set(days_off))
    country, subdivision = country.strip().upper(), subdivision.strip()
    _require_zone(time_zone)
    _require_week(week, weekly_on)
    if subdivision and not country:
        raise Refused("Choose a country for this part of it.", "country")
    if country and not knows_place(country):
        raise Refused(f"The public holidays of “{country[:20]}” are not known.", "country")
    if subdivision and not knows_place(country, subdivision):
        raise Refused(f"{country} has no part “{subdivision[:20]}”.", "subdivision")
    if len(own) > MOST_DAYS_OFF:
        raise Refused(f"Give {MOST_DAYS_OFF} days off at the most.", "days_off")
    try:
        with transaction.atomic():
            row = schedule_row(team_id) or TeamSchedule(team_id=team_id)
            row.time_zone, row.country, row.subdivision = time_zone, country, subdivision
            row.working_days, row.weekly_on = week, weekly_on
            row.speaks_at = speaks_at.replace(second=0, microsecond=0, tzinfo=None)
            row.days_off = [day.isoformat() for day in own]
            row.updated_at = clock.now()
            row.save()
    except IntegrityError:
        raise Refused("There is no such team.", "team") from None
    return row


def schedule_reset(*, actor: User, team_id: int) -> None:
    """Let the organisation's schedule count for a team again."""
    require_manager(actor, team_id)
    TeamSchedule.objects.filter(team_id=team_id).delete()


def _require_zone(name: str) -> None:
    if name not in time_zones():
        raise Refused(
            f"There is no time zone “{name[:64]}”; give a name such as Europe/Berlin.", "time_zone"
        )


def _require_week(week: list[int], weekly_on: int) -> None:
    if not week:
        raise Refused("A team works on at least one day of the week.", "working_days")
    if not all(0 <= day < WEEK for day in week):
        raise Refused("Days of the week are 0 (Monday) to 6 (Sunday).", "working_days")
    if not 0 <= weekly_on < WEEK:
        raise Refused("Days of the week are 0 (Monday) to 6 (Sunday).", "weekly_on")

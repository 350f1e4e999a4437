"""What the pages of working days read, in a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.selectors import teams_with_members
from alerts.domain.calendars import Schedule, calendar_of, next_speaking
from alerts.domain.places import countries, parts_of
from alerts.models import TeamSchedule
from alerts.selectors.schedules import Schedules, schedules_all
from common import clock

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """When a team works, in words; `is_own` unless the organisation's schedule counts for it."""

    name: str
    slug: str
    schedule: Schedule
    is_own: bool
    week: str
    place: str
    next_local: datetime


def teams_found(search: str = "") -> QuerySet[Any]:
    """Teams whose name or handle matches, those with working days of their own first."""
    own = TeamSchedule.objects.filter(team=OuterRef("pk"))
    found = teams_with_members().prefetch_related(None).annotate(has_own=Exists(own))
    found = found.order_by("-has_own", "name", "slug")
    if search:
        found = found.filter(Q(name__icontains=search) | Q(slug__icontains=search))
    return found


def schedule_lines(teams: Iterable[Any]) -> Sequence[ScheduleLine]:
    """When each of these teams works: one query besides the teams'."""
    known = schedules_all()
    return [
        _line(known.of(team.pk), name=team.name, slug=team.slug, is_own=team.pk in known.by_team)
        for team in teams
    ]


def organisation_line() -> ScheduleLine:
    """When everybody works who has nothing of their own."""
    known: Schedules = schedules_all()
    is_own = TeamSchedule.objects.filter(team=None).exists()
    return _line(known.common, name="Everybody", slug="", is_own=is_own)


def week_words(days: Iterable[int]) -> str:
    """The days of a week: "Mon to Fri", "Mon, Wed, Fri"."""
    chosen = sorted(days)
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{DAY_NAMES[chosen[0]]} to {DAY_NAMES[chosen[-1]]}"
    return ", ".join(DAY_NAMES[day] for day in chosen)


def place_words(schedule: Schedule) -> str:
    """Whose public holidays count: "Germany, Bayern"; empty for nobody's."""
    if not schedule.country:
        return ""
    country = dict(countries()).get(schedule.country, schedule.country)
    part = dict(parts_of(schedule.country)).get(schedule.subdivision, schedule.subdivision)
    return f"{country}, {part}" if part else country


def _line(schedule: Schedule, *, name: str, slug: str, is_own: bool) -> ScheduleLine:
    moment = next_speaking(calendar_of(schedule), clock.now())
    return ScheduleLine(
        name=name,
        slug=slug,
        schedule=schedule,
        is_own=is_own,
        week=week_words(schedule.working_days),
        place=place_words(schedule),
        next_local=moment.astimezone(ZoneInfo(schedule.zone)),
    )

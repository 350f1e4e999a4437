"""What the overview reads: who is told what, today and next, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.selectors import teams_with_members
from alerts.domain.calendars import Schedule, calendar_of, local_day, next_speaking, speaking_moment
from alerts.domain.states import DeliveryKind
from alerts.models import Channel, Delivery, Digest, Route
from alerts.selectors.schedules import schedules_all
from common import clock

EVERYBODY_ELSE = "Everybody else"
# A day of some team may have begun, or not ended, where it is another day here.
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ToldToday:
    """What a team was told in one channel on its day, and the message that carries it."""

    items: int
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team whose debts are spoken of; without a `slug` those that no team's rule takes."""

    name: str
    slug: str
    routes: Sequence[Route]
    today: Sequence[ToldToday]
    next_at: datetime
    zone: str
    is_working_day: bool
    is_spoken_to_later: bool

    @property
    def next_local(self) -> datetime:
        """The next moment by the team's own clock."""
        return self.next_at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class SetUp:
    """How far alerts have been set up."""

    channels: int
    has_rules: bool
    rules_on: int
    has_catch_all: bool
    uncovered: int


@dataclass(slots=True)
class _Told:
    digests: dict[int | None, list[Digest]] = field(default_factory=lambda: defaultdict(list))
    deliveries: dict[int, Delivery] = field(default_factory=dict)


def set_up() -> SetUp:
    """What there is: channels, rules, and teams that no rule of their own serves."""
    rules = list(Route.objects.order_by().values_list("team", "switched_on_at"))
    on = {team for team, switched_on in rules if switched_on is not None}
    return SetUp(
        channels=Channel.objects.filter(person=None).count(),
        has_rules=bool(rules),
        rules_on=sum(switched_on is not None for _, switched_on in rules),
        has_catch_all=None in on,
        uncovered=teams_with_members().count() - len(on - {None}),
    )


def spoken_to() -> QuerySet[Route]:
    """The teams that a rule speaks of, each once and by name; nobody's come last."""
    on = Route.objects.filter(switched_on_at__isnull=False)
    earlier = on.filter(pk__lt=OuterRef("pk"))
    return (
        on.filter(
            Q(team__isnull=False) & ~Exists(earlier.filter(team=OuterRef("team")))
            | Q(team=None) & ~Exists(earlier.filter(team=None))
        )
        .select_related("team")
        .order_by(F("team__name").asc(nulls_last=True), "pk")
    )


def team_lines(rows: Iterable[Route]) -> Sequence[TeamLine]:
    """Teams as the overview shows them; `rows` are those of `spoken_to`."""
    heads = list(rows)
    now, schedules = clock.now(), schedules_all()
    routes: dict[int | None, list[Route]] = defaultdict(list)
    on = Route.objects.filter(_teams(heads), switched_on_at__isnull=False)
    for route in on.select_related("channel").order_by("channel__name"):
        if all(route.channel_id != other.channel_id for other in routes[route.team_id]):
            routes[route.team_id].append(route)
    told = _told(heads, now.date())
    return [
        _line(head, routes[head.team_id], told, schedules.of(head.team_id), now) for head in heads
    ]


def _line(
    head: Route, routes: Sequence[Route], told: _Told, schedule: Schedule, now: datetime
) -> TeamLine:
    calendar, day = calendar_of(schedule), local_day(schedule, now)
    return TeamLine(
        name=head.team.name if head.team else EVERYBODY_ELSE,
        slug=head.team.slug if head.team else "",
        routes=routes,
        today=[
            ToldToday(digest.items, told.deliveries.get(digest.pk))
            for digest in told.digests[head.team_id]
            if digest.day == day
        ],
        next_at=next_speaking(calendar, now),
        zone=schedule.zone,
        is_working_day=calendar.is_working(day),
        is_spoken_to_later=speaking_moment(schedule, day) > now,
    )


def _told(heads: Sequence[Route], today: date) -> _Told:
    """The newest digests of these teams, with the messages that carry them."""
    found = _Told()
    digests = Digest.objects.filter(
        _teams(heads), channel__person=None, day__range=(today - _A_DAY, today + _A_DAY)
    )
    for digest in digests.order_by("pk"):
        found.digests[digest.team_id].append(digest)
    numbers = [digest.pk for rows in found.digests.values() for digest in rows]
    carried = Delivery.objects.filter(digest__in=numbers, kind=DeliveryKind.DIGEST)
    for delivery in carried.defer("message", "remote"):
        if delivery.digest_id is not None:
            found.deliveries[delivery.digest_id] = delivery
    return found


def _teams(heads: Sequence[Route]) -> Q:
    wanted = Q(team__in=[head.team_id for head in heads if head.team_id is not None])
    return wanted | Q(team=None) if any(head.team_id is None for head in heads) else wanted

"""Which channels are to be told something now, and of what."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, Max, Q

from accounts import selectors as accounts_selectors
from alerts.domain import cadence
from alerts.domain.calendars import (
    Calendar,
    calendar_of,
    local_day,
    may_speak,
    next_speaking,
)
from alerts.domain.planning import (
    Candidate,
    DayBook,
    Heard,
    Hearer,
    Known,
    Past,
    Planned,
    candidate,
    needs_past,
    planned,
)
from alerts.models.digests import Digest, Notice, Turn
from alerts.selectors.routes import Routing, hearers_now, routing_now
from alerts.selectors.schedules import Schedules, schedules_all
from ledger.domain.due_debts import DueDebt
from ledger.domain.terms import OPEN_STATES
from ledger.selectors.coming_due import debts_coming_due

# Rows fetched at a time.
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Target:
    """A hearer whose turn it is, on this day of its own; or for whom somebody asks for it now."""

    hearer: Hearer
    day: date
    calendar: Calendar
    is_asked: bool = False

    @property
    def book(self) -> DayBook:
        return DayBook(self.day, self.calendar, self.is_asked)


@dataclass(frozen=True, slots=True)
class Ground:
    """What every target of a run is planned from: the debts by the team that they belong to."""

    routing: Routing
    by_team: Mapping[int | None, Sequence[DueDebt]]
    # Those that no rule of their team takes.
    nobodys: Sequence[DueDebt]


def targets_due(now: datetime) -> list[Target]:
    """The hearers that may be spoken to now and have not had their turn today."""
    found = list(_targets(now))
    if not found:
        return []
    turns: dict[tuple[int, int | None], date | None] = {
        (turn.channel_id, turn.team_id): turn.day for turn in Turn.objects.all()
    }
    return [target for target in found if _is_before(turns.get(_place(target)), target.day)]


def targets_on(day: date | None, now: datetime) -> list[Target]:
    """Every hearer on `day`, or on what is its working day now or next; for a look ahead."""
    schedules = schedules_all()
    calendars = calendars_of(hearers_now(), schedules)
    targets = []
    for hearer, calendar in calendars:
        local = day or calendar.on_or_after(now.astimezone(calendar.zone).date())
        if calendar.is_working(local):
            targets.append(Target(hearer, local, calendar))
    return targets


def calendars_of(
    hearers: Iterable[Hearer], schedules: Schedules
) -> Iterator[tuple[Hearer, Calendar]]:
    """Each hearer with the calendar that counts for it; a person's is that of their first team."""
    homes = accounts_selectors.home_teams()
    for hearer in hearers:
        team_id = hearer.team_id
        if hearer.person_id is not None:
            team_id = homes.get(hearer.handle, min(hearer.leads, default=None))
        yield hearer, calendar_of(schedules.of(team_id))


def target_asked(*, channel_id: int, team_id: int | None, now: datetime) -> Target | None:
    """A channel that is on as it is told of this team's debts, for a digest at once.

    On whatever day it is there, whether or not anybody works. None without a rule that is on.
    """
    hearers = [
        one
        for one in hearers_now()
        if (one.channel_id, one.team_id, one.person_id) == (channel_id, team_id, None)
    ]
    for hearer, calendar in calendars_of(hearers, schedules_all()):
        return Target(hearer, local_day(calendar.schedule, now), calendar, is_asked=True)
    return None


def speaks_next(*, channel_id: int, team_id: int | None, now: datetime) -> datetime:
    """When the next digest is made of this team's debts in this channel; `now` for at once."""
    calendar = calendar_of(schedules_all().of(team_id))
    day = may_speak(calendar, now)
    if day is not None:
        turn = Turn.objects.filter(channel=channel_id, team=team_id).first()
        if turn is None or _is_before(turn.day, day):
            return now
    return next_speaking(calendar, now)


def _place(target: Target) -> tuple[int, int | None]:
    return target.hearer.channel_id, target.hearer.team_id


def _is_before(last: date | None, day: date) -> bool:
    return last is None or last < day


def _targets(now: datetime) -> Iterator[Target]:
    for hearer, calendar in calendars_of(hearers_now(), schedules_all()):
        day = may_speak(calendar, now)
        if day is not None:
            yield Target(hearer, day, calendar)


def ground_for(targets: Sequence[Target]) -> Ground:
    """The debts that could be spoken of to any of the targets; read once for all of them."""
    until = max(target.book.last_due_on for target in targets)
    return ground_of(debts_coming_due(until), routing_now())


def ground_of(debts: Iterable[DueDebt], routing: Routing) -> Ground:
    by_team: dict[int | None, list[DueDebt]] = defaultdict(list)
    for debt in debts:
        by_team[routing.home(debt.owner)].append(debt)
    nobodys: list[DueDebt] = []
    if None in routing.rules:
        for team_id, found in by_team.items():
            rules = routing.rules.get(team_id, ()) if team_id is not None else ()
            nobodys += [debt for debt in found if not any(rule.takes(debt) for rule in rules)]
    return Ground(routing, by_team, nobodys)


def heard_by(hearer: Hearer, ground: Ground) -> Iterator[Heard]:
    """The debts that concern a hearer."""
    if hearer.person_id is not None:
        yield from _heard_by_person(hearer, ground)
        return
    debts = ground.nobodys if hearer.team_id is None else ground.by_team.get(hearer.team_id, ())
    for debt in debts:
        taking = [rule for rule in hearer.rules if rule.takes(debt)]
        if taking:
            yield Heard(debt, mentions=any(rule.mentions for rule in taking))


def _heard_by_person(hearer: Hearer, ground: Ground) -> Iterator[Heard]:
    home = ground.routing.home(hearer.handle)
    for debt in ground.by_team.get(home, ()) if hearer.handle else ():
        if debt.owner == hearer.handle:
            yield Heard(debt, own=True, lead=home in hearer.leads)
    for team_id in hearer.leads:
        for debt in ground.by_team.get(team_id, ()):
            if debt.owner != hearer.handle or not hearer.handle:
                yield Heard(debt, own=False, lead=True)


def plans_of(targets: Sequence[Target], ground: Ground) -> list[Planned | None]:
    """What each target is told, in their order; None for nothing. A few queries for all."""
    known = known_in({target.hearer.channel_id for target in targets})
    books: dict[tuple[date, Calendar, bool], DayBook] = {}
    found: list[tuple[Target, DayBook, list[Candidate]]] = []
    for target in targets:
        book = books.setdefault((target.day, target.calendar, target.is_asked), target.book)
        said = known.get(target.hearer.channel_id, {})
        candidates = [
            one
            for heard in heard_by(target.hearer, ground)
            if (one := candidate(heard, said.get(heard.debt.item_id), book)) is not None
        ]
        found.append((target, book, candidates))
    pasts = _pasts([(target, found) for target, _, found in found if needs_past(found)])
    return [
        planned(target.hearer, book, candidates, pasts.get(target, Past()))
        for target, book, candidates in found
    ]


def known_in(channel_ids: Collection[int]) -> Mapping[int, Mapping[int, Known]]:
    """By channel and debt, what was said of the debt's present date; one query."""
    is_lead = Q(rank__gte=cadence.LEAD_RANK)
    rows = (
        Notice.objects.filter(
            channel_id__in=channel_ids,
            due_on=F("item__due_on"),
            item__state__in=OPEN_STATES,
        )
        .order_by()
        .values_list("channel_id", "item_id")
        .annotate(
            highest=Max("rank", filter=~is_lead),
            lead=Max("rank", filter=is_lead),
            reminder=Max("stage", filter=Q(rank=cadence.REMINDER_RANK)),
        )
    )
    found: dict[int, dict[int, Known]] = defaultdict(dict)
    for channel_id, item_id, highest, lead, reminder in rows.iterator(chunk_size=BATCH):
        found[channel_id][item_id] = Known(highest or 0, lead or 0, reminder or "")
    return found


def _pasts(flooded: Sequence[tuple[Target, Sequence[Candidate]]]) -> Mapping[Target, Past]:
    """What was said before, for the few targets with many debts that they may not know."""
    if not flooded:
        return {}
    channel_ids = {target.hearer.channel_id for target, _ in flooded}
    notices = Notice.objects.filter(channel_id__in=channel_ids).order_by()
    repositories: dict[int, set[int | None]] = defaultdict(set)
    for channel_id, number in notices.values_list("channel_id", "item__repository_id").distinct():
        repositories[channel_id].add(number)
    asked = {one.heard.debt.item_id for _, found in flooded for one in found if not one.is_known}
    told: dict[int, set[int]] = defaultdict(set)
    said = notices.values_list("channel_id", "item_id").distinct()
    for channel_id, item_id in said.iterator(chunk_size=BATCH):
        if item_id in asked:
            told[channel_id].add(item_id)
    digests = Digest.objects.filter(channel_id__in=channel_ids).order_by()
    last: dict[tuple[int, int | None], Digest] = {}
    newest = digests.values("channel_id", "team_id").annotate(newest=Max("pk")).values("newest")
    for digest in Digest.objects.filter(pk__in=newest):
        last[digest.channel_id, digest.team_id] = digest
    return {
        target: _past(
            told[target.hearer.channel_id],
            repositories[target.hearer.channel_id],
            last.get((target.hearer.channel_id, target.hearer.team_id)),
        )
        for target, _ in flooded
    }


def _past(told: set[int], repositories: set[int | None], last: Digest | None) -> Past:
    past = Past(told, repositories)
    return replace(past, last_at=last.created_at, was_summary=last.is_summary) if last else past

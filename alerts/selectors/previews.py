"""What a rule would have sent lately, planned by the code that plans what is sent."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from alerts.domain import cadence
from alerts.domain.calendars import Calendar, calendar_of, local_day, speaking_moment
from alerts.domain.planning import (
    Candidate,
    DayBook,
    Heard,
    Hearer,
    Known,
    Past,
    Planned,
    candidate,
    known_after,
    planned,
)
from alerts.domain.plans import DigestPlan
from alerts.models import Route
from alerts.selectors.due import ground_of, heard_by
from alerts.selectors.routes import Routing, routing_now, rule_of
from alerts.selectors.schedules import schedule_of
from common import clock
from ledger.domain.due_debts import DueDebt
from ledger.selectors.coming_due import Life, lives_since

DAYS = 90


@dataclass(frozen=True, slots=True)
class PreviewDay:
    """One message: how many debts it speaks of, and for how many an owner or a lead is called."""

    day: date
    debts: int
    mentions: int
    escalations: int
    is_summary: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The messages from `since` to `until`; `last` is the newest of them, to be worded."""

    since: date
    until: date
    working_days: int
    days: tuple[PreviewDay, ...]
    last: DigestPlan | None

    @property
    def messages(self) -> int:
        return len(self.days)

    @property
    def rows(self) -> int:
        return sum(day.debts for day in self.days)

    @property
    def mentions(self) -> int:
        return sum(day.mentions for day in self.days)

    @property
    def escalations(self) -> int:
        return sum(day.escalations for day in self.days)


@dataclass(slots=True)
class _Crowd:
    """The unchanged debts of one date: looked at until nothing is left to say at a stage."""

    heard: list[Heard] = field(default_factory=list)
    done: tuple[cadence.Stage | None, cadence.Stage | None] | None = None


@dataclass(slots=True)
class _Memory:
    """What the channel would know by then."""

    known: dict[tuple[int, date], Known] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)
    repositories: set[int | None] = field(default_factory=set)
    last_at: datetime | None = None
    was_summary: bool = False

    def candidate(self, heard: Heard, book: DayBook) -> Candidate | None:
        return candidate(heard, self.known.get((heard.debt.item_id, heard.debt.due_on)), book)

    def past(self) -> Past:
        return Past(self.told, self.repositories, self.last_at, self.was_summary)

    def keep(self, said: Planned, debts: dict[int, DueDebt], at: datetime) -> None:
        for note in said.notes:
            key = (note.item_id, note.due_on)
            self.known[key] = known_after(self.known.get(key), note.stage)
            self.told.add(note.item_id)
            self.repositories.add(debts[note.item_id].repository_id)
        self.last_at, self.was_summary = at, said.plan.is_summary


def route_preview(*, route: Route, days: int = DAYS, now: datetime | None = None) -> Preview:
    """What this rule alone would have sent on the last `days` days, today included.

    From the ledger's history: who owed what by when on each day, at the team's time of speaking.
    Teams, schedules and the other rules are taken as they are now, since they have no history.
    """
    moment = now or clock.now()
    calendar = calendar_of(schedule_of(route.team_id))
    until = local_day(calendar.schedule, moment)
    since = until - timedelta(days=days - 1)
    working = [
        (day, at)
        for n in range(days)
        if calendar.is_working(day := since + timedelta(days=n))
        and (at := speaking_moment(calendar.schedule, day)) <= moment
    ]
    plans = list(_plans(route, calendar, working)) if working else []
    return Preview(
        since=since,
        until=until,
        working_days=len(working),
        days=tuple(map(_day, plans)),
        last=plans[-1] if plans else None,
    )


def _plans(
    route: Route, calendar: Calendar, days: Sequence[tuple[date, datetime]]
) -> Iterator[DigestPlan]:
    """The digests of the days, one after another, each knowing what was said before."""
    routing = routing_now()
    rule = rule_of(route)
    hearer = Hearer(channel_id=route.channel_id, team_id=route.team_id, rules=(rule,))
    # For nobody's debts the ground needs to know that somebody listens.
    routing = Routing({**routing.rules, None: routing.rules.get(None) or (rule,)}, routing.homes)
    unchanged, lives = lives_since(
        days[0][1],
        until=cadence.horizon(days[-1][0], calendar),
        owners=_owners(route, routing),
    )
    crowds = _crowds(heard_by(hearer, ground_of(_steady(unchanged), routing)))
    always = [debt for debt in unchanged if debt.snoozed_until is not None]
    memory = _Memory()
    for day, at in days:
        book = DayBook(day, calendar)
        moving = _moving(lives, at, always)
        seen = (memory.candidate(one, book) for one in heard_by(hearer, ground_of(moving, routing)))
        found = [*_still(crowds, memory, book), *(one for one in seen if one is not None)]
        said = planned(hearer, book, found, memory.past())
        if said is not None:
            memory.keep(said, {one.heard.debt.item_id: one.heard.debt for one in found}, at)
            yield said.plan


def _owners(route: Route, routing: Routing) -> set[str] | None:
    """The handles behind the rule's team; None for those of nobody, which are not known."""
    if route.team_id is None:
        return None
    return {handle for handle, team_id in routing.homes.items() if team_id == route.team_id}


def _steady(unchanged: Sequence[DueDebt]) -> Iterator[DueDebt]:
    """Those whose stage depends on nothing but the day."""
    return (debt for debt in unchanged if debt.snoozed_until is None)


def _moving(lives: Sequence[Life], at: datetime, always: Sequence[DueDebt]) -> list[DueDebt]:
    return [*always, *(debt for life in lives if (debt := life.at(at)) is not None)]


def _crowds(heard: Iterator[Heard]) -> dict[date, _Crowd]:
    found: dict[date, _Crowd] = defaultdict(_Crowd)
    for one in heard:
        found[one.debt.due_on].heard.append(one)
    return found


def _still(crowds: dict[date, _Crowd], memory: _Memory, book: DayBook) -> Iterator[Candidate]:
    """What there is to say of the unchanged debts; a date with nothing left to say is skipped."""
    for due_on, crowd in crowds.items():
        here = book.reached(due_on)
        if crowd.done == (here.stage, here.lead):
            continue
        found = [one for heard in crowd.heard if (one := memory.candidate(heard, book)) is not None]
        if not found:
            crowd.done = (here.stage, here.lead)
        yield from found


def _day(plan: DigestPlan) -> PreviewDay:
    return PreviewDay(
        day=plan.day,
        debts=len(plan.told),
        mentions=sum(told.is_mentioned for told in plan.told),
        escalations=sum(told.is_escalated for told in plan.told),
        is_summary=plan.is_summary,
    )

"""What a channel is told on a day: which debts, how urgently, and as what kind of message.

The same functions plan what is sent and what a preview shows, so that the two cannot differ. What
there may be 100,000 of is a named tuple: it is made three times as fast as a frozen dataclass.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from alerts.domain import cadence
from alerts.domain.cadence import Reached, Stage, horizon, is_weekly_day, reached
from alerts.domain.calendars import Calendar
from alerts.domain.messages import MOST_ROWS
from alerts.domain.plans import DigestPlan, Told
from ledger.domain.audiences import Audience
from ledger.domain.due_debts import DueDebt

# Of several in one place, the one that may be told least.
_STRICTEST = (Audience.SALES, Audience.PRODUCT, Audience.LEADERSHIP)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which debts of a team, or of nobody's (`team_id` None), a route takes into its channel."""

    channel_id: int
    team_id: int | None
    system: str = ""
    repository_id: int | None = None
    least_rank: int = 0
    audience: Audience = Audience.PRODUCT
    mentions: bool = True

    def takes(self, debt: DueDebt) -> bool:
        return (
            debt.severity_rank >= self.least_rank
            and (not self.system or debt.system == self.system)
            and (self.repository_id is None or debt.repository_id == self.repository_id)
        )


@dataclass(frozen=True, slots=True)
class Hearer:
    """A channel as it is told of one team's debts, of nobody's, or of what concerns one person."""

    channel_id: int
    team_id: int | None = None
    person_id: int | None = None
    rules: tuple[Rule, ...] = ()
    # A person's own handle, where they want to hear of their debts, and the teams they lead.
    handle: str = ""
    leads: frozenset[int] = frozenset()

    @property
    def audience(self) -> Audience:
        if self.person_id is not None:
            return Audience.LEADERSHIP
        return min((rule.audience for rule in self.rules), key=_STRICTEST.index)


class Known(NamedTuple):
    """What a channel has been told of a debt under its present date."""

    rank: int = 0
    lead_rank: int = 0
    # The key of the newest reminder that was asked for and given.
    reminder: str = ""


NOTHING = Known()


class Heard(NamedTuple):
    """A debt that concerns a hearer: whether its stages are told, the lead's, and with mentions."""

    debt: DueDebt
    mentions: bool = False
    own: bool = True
    lead: bool = True


@dataclass(frozen=True, slots=True)
class Past:
    """What was said in a channel before, as far as a first look depends on it."""

    told: Collection[int] = frozenset()
    repositories: Collection[int | None] = frozenset()
    last_at: datetime | None = None
    was_summary: bool = False


class Candidate(NamedTuple):
    """A debt of which there is something to say; what is None has been said or is not reached."""

    heard: Heard
    here: Reached
    at: Stage
    stage: Stage | None
    lead: Stage | None
    reminder: Stage | None
    is_known: bool

    @property
    def is_weekly(self) -> bool:
        """Whether it waits for the weekly digest."""
        return self.stage == cadence.IN_30 and self.reminder is None


class Note(NamedTuple):
    """A stage that counts as said from then on."""

    item_id: int
    due_on: date
    stage: Stage


@dataclass(frozen=True, slots=True)
class Planned:
    """A digest, and what is noted together with it."""

    plan: DigestPlan
    notes: tuple[Note, ...]


@dataclass(slots=True)
class DayBook:
    """One day of one calendar: few dates, many debts, so each date is worked out once.

    `is_asked`: somebody asks for a digest now, on whatever day; it looks ahead without end.
    """

    day: date
    calendar: Calendar
    is_asked: bool = False
    is_weekly: bool = field(init=False)
    last_due_on: date = field(init=False)
    _reached: dict[date, Reached] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.is_weekly = self.is_asked or is_weekly_day(self.day, self.calendar)
        self.last_due_on = date.max if self.is_asked else horizon(self.day, self.calendar)

    def reached(self, due_on: date) -> Reached:
        found = self._reached.get(due_on)
        if found is None:
            found = reached(due_on, self.day, self.calendar)
            if self.is_asked and found.stage is None:
                found = replace(found, stage=cadence.ON_RECORD)
            self._reached[due_on] = found
        return found


def candidate(heard: Heard, known: Known | None, book: DayBook) -> Candidate | None:
    """What there is to say of a debt, or None."""
    debt, said = heard.debt, known or NOTHING
    if debt.due_on > book.last_due_on:
        return None
    if debt.snoozed_until is not None and debt.snoozed_until > book.day:
        return None
    here = book.reached(debt.due_on)
    if here.stage is None:
        return None
    stage = here.stage if heard.own and here.stage.rank > said.rank else None
    lead = here.lead if heard.lead and _calls_lead(here.lead, debt, said) else None
    asked = _reminder(debt, said) if heard.own else None
    if stage is None and lead is None and asked is None:
        return None
    return Candidate(heard, here, here.stage, stage, lead, asked, known is not None)


def _calls_lead(lead: Stage | None, debt: DueDebt, said: Known) -> bool:
    """Whether the lead is called; somebody who has seen it has the first call held off."""
    if lead is None or lead.rank <= said.lead_rank:
        return False
    return not (debt.seen_by and lead == cadence.LEAD_5)


def _reminder(debt: DueDebt, said: Known) -> Stage | None:
    """The reminder that was put off until today or before, if it was not given yet."""
    if debt.snoozed_until is None:
        return None
    stage = cadence.reminder(debt.snoozed_until)
    # The keys sort as their days do.
    return stage if stage.key > said.reminder else None


def needs_past(candidates: Sequence[Candidate]) -> bool:
    """Whether the plan depends on what was said before of other dates and repositories."""
    return sum(not one.is_known for one in candidates) > MOST_ROWS


def planned(
    hearer: Hearer, book: DayBook, candidates: Sequence[Candidate], past: Past
) -> Planned | None:
    """The digest of a day, or None where there is nothing to say.

    More than ten debts that the channel has never heard of, of a repository that is new to it or
    recorded since the last digest, are summed up in one message; everything else then waits for
    the next working day, but not twice.
    """
    now = [one for one in candidates if book.is_weekly or not one.is_weekly]
    fresh = [one for one in candidates if _is_fresh(one, past)]
    new = {one.heard.debt.item_id for one in fresh}
    others = sum(one.heard.debt.item_id not in new for one in now)
    is_flood = len(now) - others > MOST_ROWS
    if is_flood and not (others and past.was_summary):
        return _summary(hearer, book, fresh)
    return _digest(hearer, book, now) if now else None


def _is_fresh(one: Candidate, past: Past) -> bool:
    debt = one.heard.debt
    if one.is_known or debt.item_id in past.told:
        return False
    return (
        past.last_at is None
        or debt.recorded_at > past.last_at
        or debt.repository_id not in past.repositories
    )


def _digest(hearer: Hearer, book: DayBook, found: Sequence[Candidate]) -> Planned:
    ordered = [_told(one) for one in sorted(found, key=_order)]
    return Planned(_plan(hearer, book, ordered), tuple(_notes(found)))


def _summary(hearer: Hearer, book: DayBook, found: Sequence[Candidate]) -> Planned:
    """All present stages count as said, the lead's too: nobody is called for 50 debts at once."""
    ordered = [_told(one, is_summed_up=True) for one in sorted(found, key=_order)]
    counts = Counter(one.stage for one in ordered)
    plan = _plan(hearer, book, ordered, summary=dict(counts))
    return Planned(plan, tuple(_notes(found, is_summed_up=True)))


def _plan(
    hearer: Hearer, book: DayBook, told: Sequence[Told], summary: dict[str, int] | None = None
) -> DigestPlan:
    return DigestPlan(
        channel_id=hearer.channel_id,
        team_id=hearer.team_id,
        person_id=hearer.person_id,
        day=book.day,
        audience=hearer.audience,
        told=tuple(told),
        is_summary=summary is not None,
        summary=summary,
    )


def _told(one: Candidate, *, is_summed_up: bool = False) -> Told:
    debt = one.heard.debt
    is_news = one.stage is not None or one.reminder is not None
    return Told(
        item_id=debt.item_id,
        due_on=debt.due_on,
        stage=one.at.key,
        rank=one.at.rank,
        days_left=one.here.days_left,
        working_days_overdue=one.here.working_days_overdue,
        is_mentioned=(
            is_news
            and one.heard.mentions
            and one.at.rank >= cadence.MENTIONED_FROM
            and not debt.seen_by
            and not is_summed_up
        ),
        is_escalated=one.lead is not None and not is_summed_up,
    )


def _order(one: Candidate) -> tuple[bool, int, date, int, int]:
    """What can be acted on first: calls for the lead, then what is at hand, ahead, long past."""
    rank, debt = one.at.rank, one.heard.debt
    if rank >= cadence.MONTH_RANK:
        group = 2
    elif rank >= cadence.MENTIONED_FROM:
        group = 0
    else:
        group = 1 if rank > cadence.IN_30.rank else 3
    return (one.lead is None, group, debt.due_on, -debt.severity_rank, debt.item_id)


def _notes(found: Iterable[Candidate], *, is_summed_up: bool = False) -> Iterator[Note]:
    for one in found:
        debt = one.heard.debt
        lead = one.here.lead if is_summed_up else one.lead
        for stage in (one.stage, lead, one.reminder):
            if stage is not None:
                yield Note(debt.item_id, debt.due_on, stage)


def known_after(before: Known | None, stage: Stage) -> Known:
    """What is known once this stage has been said as well."""
    said = before or NOTHING
    if stage.rank == cadence.REMINDER_RANK:
        return Known(said.rank, said.lead_rank, max(said.reminder, stage.key))
    if cadence.is_lead_rank(stage.rank):
        return Known(said.rank, max(said.lead_rank, stage.rank), said.reminder)
    return Known(max(said.rank, stage.rank), said.lead_rank, said.reminder)

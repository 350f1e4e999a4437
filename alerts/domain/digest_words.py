"""A whole message in words: its title, its leading sentence, and whom it calls.

No blame and no alarm: how many promises, since when, until when, and what is open to be chosen.
A sum of what the debts cost is never said, since the same hours may stand in several of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from alerts.domain.facts import Facts, TeamFacts
from alerts.domain.messages import MOST_ROWS, Mention, Message, Row
from alerts.domain.plans import DigestPlan, Told
from alerts.domain.row_words import day_text, row_of
from ledger.domain.audiences import Audience

WEEKLY_STAGE = "in_30"
WEEKLY_DAYS = 30
# Told of beside what is near: in the weekly digest, and when somebody asks what is on record.
_FAR_STAGES = {WEEKLY_STAGE, "on_record"}
NOT_A_TEAMS = "Without a team"


def compose(plan: DigestPlan, facts: Facts) -> Message:
    """The message of a plan that names its debts; for a sum see `summary_words.summary`."""
    rows = rows_of(plan, facts, MOST_ROWS)
    escalated = [told for told in plan.told if told.is_escalated]
    url = register_address(plan, facts)
    return Message(
        title=title_words(plan, facts),
        lead=lead_words(plan),
        rows=rows,
        facts=(*_escalation(plan, facts, escalated), *_further(plan)),
        more=max(len(plan.told) - len(rows), 0),
        more_url=url,
        url=url,
        call=_called(plan, facts) if escalated else (),
        footer=footer_words(plan, facts),
    )


def rows_of(plan: DigestPlan, facts: Facts, most: int) -> tuple[Row, ...]:
    """The first debts of a plan as rows; those that are gone are left out."""
    found = (row_of(told, plan, facts) for told in plan.told[:most])
    return tuple(row for row in found if row is not None)


def register_address(plan: DigestPlan, facts: Facts) -> str:
    """The register with the debts of whom the message is about, the nearest date first."""
    query = {}
    if team := team_of(plan, facts):
        query["team"] = team.handle
    elif (person := facts.people.get(plan.person_id or 0)) and not _is_all_escalated(plan):
        query["owner"] = person.handle
    return f"{facts.debts}?{urlencode(query)}" if query else facts.debts


def team_of(plan: DigestPlan, facts: Facts) -> TeamFacts | None:
    return facts.teams.get(plan.team_id) if plan.team_id is not None else None


@dataclass(frozen=True, slots=True)
class Count:
    """How many debts of each kind a message names; `far` are told beside what is near."""

    expired: int
    today: int
    ahead: int
    far: int

    @classmethod
    def of(cls, told: Sequence[Told]) -> "Count":
        near = [one.days_left for one in told if not _is_far(one)]
        return cls(
            expired=sum(left < 0 for left in near),
            today=sum(left == 0 for left in near),
            ahead=sum(left > 0 for left in near),
            far=len(told) - len(near),
        )

    @property
    def near(self) -> int:
        return self.expired + self.today + self.ahead


def _is_far(told: Told) -> bool:
    return told.days_left > 0 and told.stage in _FAR_STAGES


def title_words(plan: DigestPlan, facts: Facts) -> str:
    """ "Payments: 3 debts need you, 1 has expired"."""
    count = Count.of(plan.told)
    if not count.near:
        return f"{_subject(plan, facts, count.far)} {_far_words(plan)}"
    subject = _subject(plan, facts, count.near)
    if count.expired == count.near:
        return f"{subject} {one_or_many(count.expired, 'has', 'have')} expired"
    text = f"{subject} {_need(plan, count.near)}"
    if count.expired:
        return f"{text}, {count.expired:,} {one_or_many(count.expired, 'has', 'have')} expired"
    if count.today == count.near == 1:
        return f"{text} today"
    if count.today:
        return f"{text}, {count.today:,} {one_or_many(count.today, 'expires', 'expire')} today"
    day = _short_day(min(one.due_on for one in plan.told if not _is_far(one)), plan.day)
    return f"{text} by {day}" if count.near == 1 else f"{text}, the first by {day}"


def _far_words(plan: DigestPlan) -> str:
    number = len(plan.told)
    if all(one.stage == WEEKLY_STAGE for one in plan.told):
        return f"{one_or_many(number, 'comes', 'come')} due in the next {WEEKLY_DAYS} days"
    day = _short_day(min(one.due_on for one in plan.told), plan.day)
    text = f"{one_or_many(number, 'is', 'are')} on record"
    return f"{text}, promised for {day}" if number == 1 else f"{text}, the first for {day}"


def _subject(plan: DigestPlan, facts: Facts, number: int) -> str:
    """ "Payments: 3 debts", "3 of your debts", "For you as lead: 3 debts"."""
    noun = noun_for(plan.audience)
    if plan.person_id is None:
        return f"{who_words(plan, facts)}: {counted(number, noun)}"
    if _is_all_escalated(plan):
        return f"For you as lead: {counted(number, noun)}"
    return f"{number:,} of your {noun}s"


def noun_for(audience: Audience) -> str:
    """Whoever sells is told of shortcuts: what a debt is stays our own affair."""
    return "shortcut" if audience is Audience.SALES else "debt"


def _need(plan: DigestPlan, number: int) -> str:
    if plan.audience is Audience.SALES:
        return "to keep in mind"
    return one_or_many(number, "needs you", "need you")


def who_words(plan: DigestPlan, facts: Facts) -> str:
    """The name of the team that the message is about."""
    team = team_of(plan, facts)
    return team.name if team else NOT_A_TEAMS


def _is_all_escalated(plan: DigestPlan) -> bool:
    return all(told.is_escalated for told in plan.told)


def lead_words(plan: DigestPlan) -> str:
    """Since when and until when: one sentence."""
    near = [told for told in plan.told if not _is_far(told)] or plan.told
    past = sorted(told.due_on for told in near if told.days_left < 0)
    ahead = sorted(told.due_on for told in near if told.days_left >= 0)
    if not near:
        return ""
    if not past:
        return f"{_ahead_only(ahead, plan.day)}."
    since = f"ended on {day_text(past[0])}, {counted((plan.day - past[0]).days, 'day')} ago"
    text = f"The promise {since}" if len(past) == 1 else f"The oldest promise {since}"
    if ahead:
        text = f"The oldest promise {since}; the next {_ends(ahead[0], plan.day)}"
    return f"{text}."


def _ahead_only(days: Sequence[date], today: date) -> str:
    if len(days) == 1:
        return f"The promise {_ends(days[0], today)}"
    if days[0] == days[-1]:
        return f"These promises {_ends(days[0], today).replace('ends', 'end')}"
    return f"The first promise {_ends(days[0], today)}, the last on {day_text(days[-1])}"


def _ends(day: date, today: date) -> str:
    return "ends today" if day == today else f"ends on {day_text(day)}"


def _further(plan: DigestPlan) -> Iterator[str]:
    """The look further ahead, where nearer debts have the title and the leading sentence."""
    far = sorted(told.due_on for told in plan.told if _is_far(told))
    if far and len(far) < len(plan.told):
        number = len(far)
        promises = f"{number:,} more {one_or_many(number, 'promise ends', 'promises end')}"
        last = f"on {day_text(far[0])}" if number == 1 else f"by {day_text(far[-1])}"
        yield f"Further ahead, {promises} {last}."


def _called(plan: DigestPlan, facts: Facts) -> tuple[Mention, ...]:
    """The leads; a person's own message needs to call nobody, and sales decides nothing."""
    team = team_of(plan, facts)
    if team is None or plan.person_id is not None or plan.audience is Audience.SALES:
        return ()
    return team.leads


def _escalation(plan: DigestPlan, facts: Facts, escalated: Sequence[Told]) -> Iterator[str]:
    """Who is called, how late what is, and what can be decided."""
    if not escalated or plan.audience is Audience.SALES:
        return
    overdue = {told.working_days_overdue for told in escalated}
    days = counted(max(overdue), "working day")
    promises = f"{counted(len(escalated), 'promise')} {one_or_many(len(escalated), 'is', 'are')}"
    late = (
        f"{promises} {days} late"
        if len(overdue) == 1
        else f"{promises} late, the longest by {days}"
    )
    choice = "Please decide with the team: repay, agree a new date with a reason, or write off."
    team = team_of(plan, facts)
    if plan.person_id is not None:
        yield f"{late}. {choice}"
    elif team is None:
        yield f"{late}, and no team owns {one_or_many(len(escalated), 'it', 'them')} yet."
    elif not team.leads:
        yield f"{late}. {team.name} has no lead on record who could be called."
    else:
        role = one_or_many(len(team.leads), "lead", "leads")
        yield f"{_names(team.leads)}, as {role} of {team.name}: {late}. {choice}"


def _names(people: Sequence[Mention]) -> str:
    """ "Ann Lee", "Ann Lee and Bo Chen", "Ann Lee, Bo Chen and Cy Diaz"."""
    names = [one.name for one in people]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def footer_words(plan: DigestPlan, facts: Facts) -> str:
    """Why somebody reads this here."""
    if plan.person_id is not None:
        return "You chose to be told here what concerns you."
    team = team_of(plan, facts)
    if team is None:
        return "Told here because no team's own channel covers these debts."
    return f"Told here because {team.name} looks after these debts."


def counted(number: int, noun: str) -> str:
    """ "1 debt", "1,200 debts"."""
    return f"{number:,} {one_or_many(number, noun, f'{noun}s')}"


def one_or_many(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def _short_day(day: date, today: date) -> str:
    """ "9 October", with the year where it is another."""
    text = day_text(day)
    return text if day.year != today.year else text.rsplit(" ", 1)[0]

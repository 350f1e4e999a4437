"""One debt in words: what expires, what waiting costs, and what is asked of whom.

Plain phrases for people who do not read code. Figures have two significant digits and say what
they rest on; days of the calendar are exact.
"""

from datetime import date
from decimal import Decimal

from alerts.domain.facts import Facts
from alerts.domain.messages import Answer, Row, Tone
from alerts.domain.plans import DigestPlan, Told
from ledger.domain.audiences import Audience, unfit_for
from ledger.domain.families import HALF_A_DAY, HOURS_PER_DAY
from ledger.domain.families_text import english
from ledger.domain.grounds import significant
from ledger.domain.reminders import MOST_SNOOZES
from ledger.domain.telling import Telling, impact_for
from ledger.domain.terms import ACCEPTED_STATES, State

# The page of the debt has the rest.
MOST_IMPACT = 400
MOST_TITLE = 120
# From here on a colour says that the day is near, and a repayment begins rather than is planned.
SOON_DAYS = 14
# A day this near is easier found by its weekday.
WEEKDAY_WITHIN = 7


def row_of(told: Told, plan: DigestPlan, facts: Facts) -> Row | None:
    """The row of a debt, or None for one that is gone."""
    telling = facts.tellings.get(told.item_id)
    if telling is None:
        return None
    owner = facts.mention(telling.owner)
    reader = facts.people.get(plan.person_id or 0)
    asked = "You" if reader and reader.handle == telling.owner else owner.name
    return Row(
        item_id=told.item_id,
        reference=telling.reference,
        title=title_of(telling, plan.audience),
        url=f"{facts.debts}{telling.reference}/",
        tone=tone_of(told.days_left),
        due_on=told.due_on,
        when=when_words(told.due_on, told.days_left),
        cost=cost_words(telling, plan.audience),
        ask=ask_words(telling, told.days_left, asked, plan.audience, facts.extensions),
        impact=shortened(impact_for(telling, plan.audience, plan.day), MOST_IMPACT),
        mention=owner if told.is_mentioned else None,
        answers=answers_for(telling, plan.audience, facts.extensions),
        note=_note(telling, facts),
    )


def title_of(telling: Telling, audience: Audience) -> str:
    """The debt's own title, unless its words are not for this audience."""
    if next(unfit_for(telling.title, audience), None) is None:
        return shortened(telling.title, MOST_TITLE)
    # The name of a system is the author's, too.
    if telling.system and next(unfit_for(telling.system, audience), None) is None:
        return f"A shortcut in {telling.system}"
    return "A shortcut in the product"


def tone_of(days_left: int) -> Tone:
    if days_left < 0:
        return Tone.OVERDUE
    if days_left == 0:
        return Tone.DUE
    return Tone.SOON if days_left <= SOON_DAYS else Tone.LATER


def day_text(day: date) -> str:
    """ "30 September 2026"."""
    return english(day.isoformat(), "date")


def when_words(due_on: date, days_left: int) -> str:
    """ "Expired on 30 September 2026, 12 days ago"; the day itself still keeps the promise."""
    day = day_text(due_on)
    if days_left == 0:
        return f"Expires today, {day}"
    if days_left == 1:
        return f"Expires tomorrow, {day}"
    if days_left == -1:
        return f"Expired yesterday, {day}"
    if days_left < 0:
        return f"Expired on {day}, {-days_left:,} days ago"
    weekday = f"{due_on:%A}, " if days_left <= WEEKDAY_WITHIN else ""
    return f"Expires on {weekday}{day}, in {days_left:,} days"


def cost_words(telling: Telling, audience: Audience) -> str:
    """What a month of waiting costs, as this audience is told it; empty where nobody knows.

    Nine times in ten the cost is below the second figure, and once in ten below the first.
    """
    price = telling.price
    if price is None or not price.interest.p90 or audience is Audience.SALES:
        return ""
    basis = english(price.basis.value, "basis")
    low, middle, high = price.interest.p10, price.interest.p50, price.interest.p90
    if audience is Audience.PRODUCT:
        if high / HOURS_PER_DAY < HALF_A_DAY:
            return f"Waiting costs less than half a working day a month ({basis})"
        days = range_words(low / HOURS_PER_DAY, high / HOURS_PER_DAY, "working day")
        return f"Waiting costs {days} a month ({basis})"
    words = f"Waiting costs {range_words(low, high, 'hour')} a month"
    if figure(low) != figure(high):
        words += f", most likely {figure(middle)}"
    if price.cost is not None and price.cost.p90:
        words += f", or {range_words(price.cost.p10, price.cost.p90)} {price.cost.currency}"
    words += f" ({basis})"
    effort = telling.facts.cost
    if effort is not None and effort.principal:
        words += f"; repaying takes about {_units(effort.principal, 'hour')}"
    return words


def range_words(low: Decimal, high: Decimal, unit: str = "") -> str:
    """ "1.5 to 4 working days", "up to 4 working days" or "about 4 working days"."""
    last = _units(high, unit) if unit else figure(high)
    if figure(low) == figure(high):
        return f"about {last}"
    return f"{figure(low)} to {last}" if low else f"up to {last}"


def _units(value: Decimal, unit: str) -> str:
    text = figure(value)
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"


def figure(value: Decimal) -> str:
    """Two significant digits: 3,305 is 3,300, 7.46 is 7.5."""
    return f"{significant(value).normalize():,f}"


def ask_words(
    telling: Telling, days_left: int, asked: str, audience: Audience, most_extensions: int
) -> str:
    """What is asked of whom: always a choice, never a reproach."""
    if audience is Audience.SALES:
        return f"Before you promise customers a date that rests on it, ask {asked}"
    if telling.state is State.PROPOSED:
        return f"{asked}: ask an approver to accept it with a plan, or to turn it down"
    if telling.state is State.REPAYING:
        now = "finish the repayment"
    elif days_left <= 0:
        now = "repay it"
    else:
        now = "start the repayment" if days_left <= SOON_DAYS else "plan the repayment"
    if telling.extensions < most_extensions:
        return f"{asked}: {now}, or ask for more time with a reason"
    moved = english(str(telling.extensions), "times")
    return f"{asked}: {now}, or ask an approver to write it off; its date was moved {moved} already"


def answers_for(telling: Telling, audience: Audience, most_extensions: int) -> tuple[Answer, ...]:
    """What can be answered, in the order of the buttons; sales only reads."""
    if audience is Audience.SALES:
        return ()
    possible = {
        Answer.ACKNOWLEDGE: not telling.seen_by,
        Answer.SNOOZE: telling.snoozes < MOST_SNOOZES,
        Answer.EXTEND: telling.state in ACCEPTED_STATES and telling.extensions < most_extensions,
        Answer.START_REPAYMENT: telling.state is State.ACTIVE,
    }
    return tuple(answer for answer, is_possible in possible.items() if is_possible)


def _note(telling: Telling, facts: Facts) -> str:
    """What people answered already to the messages about this date."""
    said = []
    if telling.seen_by:
        said.append(f"{facts.mention(telling.seen_by).name} has seen it")
    if telling.snoozed_by and telling.snoozed_until is not None:
        day = day_text(telling.snoozed_until)
        said.append(f"{facts.mention(telling.snoozed_by).name} asked for a reminder on {day}")
    return "; ".join(said)


def shortened(text: str, most: int) -> str:
    """The text, cut after a sentence, or else between two words, where it is too long."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    sentence = cut.rfind(". ") + 1
    if sentence > most // 2:
        return f"{cut[:sentence]} …"
    return (cut.rsplit(None, 1)[0] if " " in cut else cut).rstrip(".,;: ") + "…"

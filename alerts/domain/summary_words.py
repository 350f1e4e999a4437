"""One message for many debts that are spoken of for the first time: numbers, and what is nearest.

It calls nobody by name: a first look is for getting to know what is there.
"""

from collections.abc import Iterator

from alerts.domain.digest_words import (
    counted,
    footer_words,
    noun_for,
    one_or_many,
    register_address,
    rows_of,
    team_of,
    who_words,
)
from alerts.domain.facts import Facts, Places
from alerts.domain.messages import Message
from alerts.domain.plans import DigestPlan
from alerts.domain.row_words import day_text
from ledger.domain.audiences import Audience

# What to look at first; the register has the rest.
SUMMARY_ROWS = 3
LEAD = "These promises are summed up once; from now on each is named when its date comes near."


def summary(plan: DigestPlan, facts: Facts, places: Places) -> Message:
    """ "First look at shop: 120 debts are on record, 14 have expired"."""
    expired = sum(told.days_left < 0 for told in plan.told)
    rows = rows_of(plan, facts, SUMMARY_ROWS)
    total = max(places.on_record, len(plan.told))
    on_record = (
        f"{counted(total, noun_for(plan.audience))} {one_or_many(total, 'is', 'are')} on record"
    )
    ends = f"{expired:,} {one_or_many(expired, 'has', 'have')} expired"
    if not expired:
        ends = "none has expired"
    url = register_address(plan, facts)
    return Message(
        title=f"First look at {_where(plan, facts, places)}: {on_record}, {ends}",
        lead=LEAD,
        rows=rows,
        facts=tuple(_counts(plan, total)),
        more=max(total - len(rows), 0),
        more_url=url,
        url=url,
        footer=footer_words(plan, facts),
    )


def _counts(plan: DigestPlan, total: int) -> Iterator[str]:
    past = sorted(told.due_on for told in plan.told if told.days_left < 0)
    today = sum(told.days_left == 0 for told in plan.told)
    ahead = sorted(told.due_on for told in plan.told if told.days_left > 0)
    if past:
        has, oldest = one_or_many(len(past), "has", "have"), day_text(past[0])
        since = f"on {oldest}" if len(past) == 1 else f"the oldest on {oldest}"
        yield f"{counted(len(past), 'promise')} {has} expired, {since}."
    if today:
        yield f"{counted(today, 'promise')} {one_or_many(today, 'expires', 'expire')} today."
    if ahead:
        expire = one_or_many(len(ahead), "expires", "expire")
        first, last = day_text(ahead[0]), day_text(ahead[-1])
        when = f"on {first}" if first == last else f"between {first} and {last}"
        yield f"{counted(len(ahead), 'promise')} {expire} {when}."
    later = total - len(plan.told)
    if later:
        has = one_or_many(later, "has", "have")
        yield f"{counted(later, 'promise')} {has} a later date."


def _where(plan: DigestPlan, facts: Facts, places: Places) -> str:
    """ "shop", "shop and 2 more", or whose debts they are: sales knows no repositories."""
    names = places.repositories
    if not names or plan.audience is Audience.SALES:
        return who_words(plan, facts) if team_of(plan, facts) else "what is on record"
    rest = len(names) - 1
    return f"{names[0]} and {rest:,} more" if rest else names[0]

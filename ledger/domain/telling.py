"""A debt told to somebody elsewhere than on its page: its impact in the words of an audience.

The statement stands as it was written where it is fit for the audience and still true; otherwise
the strongest sentence that the facts allow stands in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ledger.domain.audiences import Audience, unfit_for
from ledger.domain.bindings import Binding, is_current, retold, standing
from ledger.domain.families import offers
from ledger.domain.family_facts import MeasuredFacts, Promise
from ledger.domain.grounds import Fact
from ledger.domain.pricing import Price
from ledger.domain.statement_numbers import promised_dates, same_day
from ledger.domain.terms import State

# Below it a statement is not worded for the business.
LEAST_LEVEL = 1
# What is said of the day and the cost besides, with the figures of today.
SAID_ELSEWHERE = frozenset(
    {"expiry", "promise-expired", "cost", "cost-days", "cost-option", "cost-money"}
)
# Which families may stand in for a statement, the strongest first.
STAND_INS = ("slow-change", "promise-at-risk")


@dataclass(frozen=True, slots=True)
class Telling:
    """What there is to tell of a debt; `facts` without the promise, which depends on the day.

    `known` are the item's own numbers, `bindings` the evidence kept with the newest statement.
    `seen_by` and `snoozed_by` are user names: who answered a reminder of the present promise.
    """

    item_id: int
    reference: str
    title: str
    state: State
    owner: str
    system: str
    repository: str
    due_on: date
    first_due_on: date
    extensions: int
    statement: str
    level: int
    price: Price | None
    facts: MeasuredFacts
    seen_by: str = ""
    snoozed_by: str = ""
    snoozed_until: date | None = None
    snoozes: int = 0
    known: tuple[Fact, ...] = ()
    bindings: tuple[Binding, ...] = ()

    def promise(self, today: date) -> Promise:
        """The promise as it stands on a day."""
        return Promise(self.first_due_on, self.due_on, self.extensions, today)


def impact_for(telling: Telling, audience: Audience, today: date) -> str:
    """What the debt means for the business, for this audience; empty where nobody can say."""
    return _statement(telling, audience) or _stand_in(telling, audience, today)


def retold_text(
    text: str, inserted: Sequence[Binding], audience: Audience
) -> tuple[str, frozenset[str]]:
    """A statement in the words of an audience, and the families that it holds.

    The inserted sentences for which the audience has no words are left out.
    """
    families = set()
    for binding in inserted:
        other = retold(binding, audience.value)
        if other is not None:
            families.add(other.family)
        text = text.replace(binding.text, other.text if other else "")
    return text.strip(), frozenset(families)


def _statement(telling: Telling, audience: Audience) -> str:
    """The statement, unless it is not for this audience or speaks of a day that was moved."""
    if telling.level < LEAST_LEVEL:
        return ""
    text, kept = telling.statement, []
    promised = (telling.due_on, telling.first_due_on)
    for binding in standing(text, telling.bindings):
        if binding.family in SAID_ELSEWHERE or not is_current(binding, telling.known, promised):
            text = text.replace(binding.text, "")
        else:
            kept.append(binding)
    told, _families = retold_text(text, kept, audience)
    told = " ".join(told.split())
    if next(unfit_for(told, audience), None) or _is_outdated(told, promised):
        return ""
    return told


def _is_outdated(text: str, promised: tuple[date, date]) -> bool:
    """Whether a promised day is named that is the item's no more."""
    return any(
        not any(same_day(words, day) for day in (promised[:1] if is_expiry else promised))
        for _place, words, is_expiry in promised_dates(text)
    )


def _stand_in(telling: Telling, audience: Audience, today: date) -> str:
    # What it costs has a place of its own.
    facts = replace(telling.facts, cost=None, promise=telling.promise(today))
    said: dict[str, str] = {}
    for offer in offers(facts, audience, {}):
        if offer.binding.family not in SAID_ELSEWHERE:
            said.setdefault(offer.family, offer.text)
    return next((said[name] for name in STAND_INS if name in said), "")

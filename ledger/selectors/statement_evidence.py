"""Sentences about a debt from its own evidence, and the debt as each audience is told it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.audiences import AUDIENCE_WORDS, Audience, Unfit, unfit_for
from ledger.domain.bindings import from_json, standing
from ledger.domain.families import Offer, offers
from ledger.domain.family_facts import MeasuredFacts
from ledger.domain.telling import retold_text
from ledger.domain.terms import State
from ledger.models import DebtItem
from ledger.selectors.detail import DebtDetail
from ledger.selectors.statement_facts import Draft, draft_facts, item_facts, redrafted
from ledger.selectors.statements import place_of, token_of

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sentence to insert; `token` carries its evidence to the form and back."""

    offer: Offer
    token: str

    @property
    def text(self) -> str:
        return self.offer.text

    @property
    def family(self) -> str:
        return self.offer.family

    @property
    def sources(self) -> list[str]:
        """What the sentence rests on, each once, in words."""
        slots = self.offer.binding.slots.values()
        return list(dict.fromkeys(slot.source for slot in slots if slot.source))


@dataclass(frozen=True, slots=True)
class Rendering:
    """What one audience is told of a debt: its statement, unless it is not for them, and facts."""

    audience: Audience
    title: str
    statement: str
    withheld: tuple[Unfit, ...]
    sentences: tuple[str, ...]


def suggestions_for(
    item: DebtItem, audience: Audience, draft: Draft | None = None
) -> list[Suggestion]:
    """The sentences that an item's own evidence allows for an audience.

    `draft` holds what a form says of it that is not saved yet.
    """
    facts = item_facts(item)
    if draft is not None:
        facts = redrafted(facts, draft, is_proposed=item.state == State.PROPOSED)
    return _suggested(facts, audience, place_of(item.repository_id, item.path))


def draft_suggestions(draft: Draft, audience: Audience) -> list[Suggestion]:
    """The sentences for a debt that is not in the register yet."""
    place = place_of(draft.repository_id, draft.path)
    return _suggested(draft_facts(draft), audience, place)


def renderings(detail: DebtDetail) -> list[Rendering]:
    """The item told to every audience from the same facts.

    A sentence of the statement that was inserted with its evidence is put into the words of the
    audience; the author's own words stay, unless they are not for it.
    """
    item = detail.item
    facts, about = item_facts(item, detail), place_of(item.repository_id, item.path)
    stored = detail.statements[-1].bindings if detail.statements else []
    inserted = list(standing(item.impact, map(from_json, stored)))
    result = []
    for audience in Audience:
        statement, families = retold_text(item.impact, inserted, audience)
        withheld = tuple(unfit_for(statement, audience))
        shown = "" if withheld else statement
        told = tuple(
            offer.text
            for offer in offers(facts, audience, about)
            if not shown or offer.binding.family not in families
        )
        result.append(Rendering(audience, AUDIENCE_WORDS[audience], shown, withheld, told))
    return result


def _suggested(facts: MeasuredFacts, audience: Audience, about: Json) -> list[Suggestion]:
    return [Suggestion(offer, token_of(offer.binding)) for offer in offers(facts, audience, about)]

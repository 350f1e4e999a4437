"""What is known of a debt for the sentences about it: measured in the code, stated, promised."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from analysis.selectors import PlaceHistory, place_history
from common import clock
from ledger.domain.bindings import ESTIMATE, PROMISES
from ledger.domain.estimates import DAYS_PER_MONTH
from ledger.domain.family_facts import (
    HERE,
    Benefit,
    Cost,
    KeyPerson,
    MeasuredFacts,
    Promise,
    Ripple,
    SlowChange,
    Window,
)
from ledger.domain.pricing import Price
from ledger.domain.terms import Basis, EventType, Reversibility
from ledger.models import DebtEvent, DebtItem
from ledger.selectors.detail import DebtDetail
from ledger.selectors.item_state import fields_of
from ledger.selectors.items import estimate_numbers, latest_estimate
from ledger.selectors.pricing import price_of

# Who knows a folder says little before it was changed so often.
LEAST_REVISIONS = 5
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A debt as far as a form knows it; fields as plain values of the history."""

    repository_id: int | None
    path: str
    system: str = ""
    due_on: date | None = None
    estimate: Json | None = None


def item_facts(item: DebtItem, detail: DebtDetail | None = None) -> MeasuredFacts:
    """Everything known of an item; a family without data stays None.

    `detail`, where the caller has read it, saves reading the same rows again.
    """
    place = _place(item.repository_id, item.path)
    fields = fields_of(item)
    estimate = _estimate(item, detail)
    price = price_of(item.pk)
    return MeasuredFacts(
        subject=item.system or HERE,
        slow_change=slow_change_of(price),
        ripple=_ripple(place),
        key_person=_key_person(place),
        promise=_promise(item, detail) if item.is_open else None,
        cost=cost_of(price, fields),
        benefit=_benefit(estimate, clock.day_of(item.recorded_at)),
    )


def draft_facts(draft: Draft) -> MeasuredFacts:
    """Everything known of a debt that is being recorded."""
    place = _place(draft.repository_id, draft.path)
    today = clock.today()
    promise = None
    if draft.due_on is not None and draft.due_on >= today:
        promise = Promise(draft.due_on, draft.due_on, 0, today, source=PROMISES)
    estimate = draft.estimate or {}
    return MeasuredFacts(
        subject=draft.system or HERE,
        ripple=_ripple(place),
        key_person=_key_person(place),
        promise=promise,
        cost=_stated_cost(estimate),
        benefit=_benefit(estimate, today),
    )


def _place(repository_id: int | None, path: str) -> PlaceHistory | None:
    if repository_id is None or not path:
        return None
    return place_history(repository_id=repository_id, path=path)


def _source(place: PlaceHistory) -> str:
    return f"snapshot {place.snapshot_id} at {place.commit_sha[:12]}"


def _ripple(place: PlaceHistory | None) -> Ripple | None:
    if place is None or place.coupled is None:
        return None
    found = place.coupled
    return Ripple(
        found.shared,
        found.revisions,
        Decimal(str(round(found.degree, 4))),
        Window(found.since, place.until),
        _source(place),
    )


def _key_person(place: PlaceHistory | None) -> KeyPerson | None:
    if place is None or place.knowledge is None or place.knowledge.revisions < LEAST_REVISIONS:
        return None
    found = place.knowledge
    window = Window(found.since, place.until)
    return KeyPerson(found.truck_factor, found.files, found.revisions, window, _source(place))


def _estimate(item: DebtItem, detail: DebtDetail | None) -> Json:
    if detail is None:
        return latest_estimate(item) or {}
    return estimate_numbers(item, detail.estimates[-1]) if detail.estimates else {}


def _accepted(item: DebtItem, detail: DebtDetail | None) -> DebtEvent | None:
    """The event of the last acceptance."""
    if detail is None:
        events = DebtEvent.objects.filter(item=item, type=EventType.ACTIVATED)
        return events.order_by("sequence").last()
    found = [event for event in detail.events if event.type == EventType.ACTIVATED]
    return found[-1] if found else None


def _promise(item: DebtItem, detail: DebtDetail | None) -> Promise:
    accepted = _accepted(item, detail)
    return Promise(
        first_due_on=item.first_due_on,
        due_on=item.due_on,
        extensions=item.extensions,
        today=clock.today(),
        accepted_on=clock.day_of(accepted.at) if accepted else None,
        is_one_way=item.reversibility == Reversibility.ONE_WAY,
        source=PROMISES,
    )


def cost_of(price: Price | None, fields: Json) -> Cost | None:
    """The price in force: measured in a snapshot with its money, or what a person stated."""
    if price is None:
        return None
    principal = fields.get("principal")
    is_measured = price.snapshot_id is not None
    money = None if price.cost is None else (price.cost.p10, price.cost.p90)
    return Cost(
        price.interest.p10,
        price.interest.p50,
        price.interest.p90,
        price.basis,
        Decimal(principal) if principal else None,
        _priced(price) if is_measured else ESTIMATE,
        money if is_measured else None,
        price.cost.currency if price.cost else "",
    )


def _stated_cost(estimate: Json) -> Cost | None:
    names = ("interest_p10", "interest_p50", "interest_p90")
    if any(estimate.get(name) is None for name in names):
        return None
    low, middle, high = (Decimal(str(estimate[name])) for name in names)
    principal = estimate.get("principal")
    basis = Basis(estimate.get("basis") or Basis.EXPERT)
    return Cost(low, middle, high, basis, Decimal(str(principal)) if principal else None, ESTIMATE)


def _benefit(estimate: Json, on: date) -> Benefit | None:
    saved = estimate.get("time_saved")
    return Benefit(Decimal(str(saved)) / 8, on, ESTIMATE) if saved else None


def slow_change_of(price: Price | None) -> SlowChange | None:
    """The slowdown that went into the item's measured price (docs/pricing.md)."""
    if price is None or price.snapshot_id is None:
        return None
    found = price.inputs.get("slowdown") or {}
    if any(found.get(name) is None for name in ("ratio", "low", "high")):
        return None
    until = date.fromisoformat(price.inputs["until"])
    since = until - timedelta(days=round(Decimal(price.inputs["months"]) * DAYS_PER_MONTH))
    return SlowChange(
        ratio=Decimal(str(found["ratio"])),
        here_n=found["n"],
        elsewhere_n=found["elsewhere"],
        ratio_low=Decimal(str(found["low"])),
        ratio_high=Decimal(str(found["high"])),
        window=Window(since, until),
        source=_priced(price),
    )


def _priced(price: Price) -> str:
    return f"snapshot {price.snapshot_id} at {price.commit_sha[:12]}, {price.formula}"


def redrafted(facts: MeasuredFacts, draft: Draft, *, is_proposed: bool) -> MeasuredFacts:
    """What is measured stays; what a person states is as the form has it."""
    estimate = draft.estimate or {}
    if facts.cost is None or facts.cost.source == ESTIMATE:
        facts = replace(facts, cost=_stated_cost(estimate) or facts.cost)
    if is_proposed and facts.promise is not None and draft.due_on is not None:
        facts = replace(facts, promise=replace(facts.promise, due_on=draft.due_on))
    return replace(facts, subject=draft.system or facts.subject)

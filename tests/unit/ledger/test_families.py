"""The statement families: their guards, their sentences, and that a sentence can be made again."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.audiences import Audience, unfit_for
from ledger.domain.bindings import Binding, Slot, as_json, facts_of, from_json, standing
from ledger.domain.families import Offer, offers
from ledger.domain.families_text import TEMPLATES, english
from ledger.domain.family_facts import (
    Benefit,
    Capacity,
    Cost,
    FailingChange,
    KeyPerson,
    MeasuredFacts,
    Promise,
    Ripple,
    SlowChange,
    Window,
)
from ledger.domain.grounds import Grounds
from ledger.domain.statements import review
from ledger.domain.terms import Basis

WINDOW = Window(date(2025, 3, 1), date(2027, 2, 28))
TODAY = date(2027, 3, 1)
PLACE = {"repository": 7, "path": "shop/cart.py"}
SLOW = SlowChange(Decimal("1.84"), 14, 40, Decimal("1.3"), Decimal("3.1"), WINDOW, "snapshot 1")
FAILING = FailingChange(7, 31, Decimal("11.4"), Decimal("39.8"), WINDOW, "deployments")
RIPPLE = Ripple(12, 30, Decimal(41), WINDOW, "snapshot 1")
KEY = KeyPerson(1, 4, 57, WINDOW, "snapshot 1")
SHORT = Capacity(Decimal(3200), Decimal(2000), "orders an hour", 90, WINDOW, "loads")
PROMISE = Promise(date(2027, 4, 1), date(2027, 9, 30), 2, TODAY, accepted_on=date(2027, 1, 9))
COST = Cost(Decimal(6), Decimal("12.4"), Decimal(20), Basis.EXPERT, Decimal(43), "estimate 2")
BENEFIT = Benefit(Decimal(25), date(2026, 10, 2), "plan")
ALL = MeasuredFacts(
    "Billing", SLOW, FAILING, RIPPLE, KEY, SHORT, PROMISE, COST, BENEFIT
)  # fmt: skip
VARIANTS = [
    ALL,
    replace(
        ALL,
        slow_change=replace(SLOW, here_n=6),
        failing_change=replace(FAILING, deployments=12, failed=3),
        capacity=replace(SHORT, design=Decimal(900_000)),
        promise=replace(PROMISE, due_on=date(2027, 2, 3), is_one_way=True),
        cost=replace(COST, money=(Decimal(560), Decimal(2300)), currency="EUR"),
    ),
    replace(
        ALL,
        promise=replace(PROMISE, chance_on_time=Decimal("0.3"), is_one_way=True),
        cost=replace(COST, money=(Decimal(560), Decimal(2300)), currency="EUR"),
    ),
]
EVERY = [offer for facts in VARIANTS for who in Audience for offer in offers(facts, who, PLACE)]


def said(facts: MeasuredFacts, audience: Audience = Audience.PRODUCT) -> list[str]:
    return [offer.binding.template for offer in offers(facts, audience, PLACE)]


def test_the_variants_speak_every_template() -> None:
    assert {offer.binding.template for offer in EVERY} == set(TEMPLATES)


@pytest.mark.parametrize("offer", EVERY, ids=lambda offer: offer.binding.template)
def test_every_sentence_is_fit_for_its_audience(offer: Offer) -> None:
    """It passes the linter with its own evidence and has no word that its reader should not get."""
    found = review(offer.text, Grounds(sentences=(offer.text,)))
    assert {finding.code for finding in found.findings} <= {"W9"}, found
    assert found.level >= 2
    assert (found.reading_ease or 0) >= 40
    assert list(unfit_for(offer.text, offer.audience)) == []


@pytest.mark.parametrize("offer", EVERY, ids=lambda offer: offer.binding.template)
def test_a_stored_sentence_reads_the_same_for_ever(offer: Offer) -> None:
    stored = json.loads(json.dumps(as_json(offer.binding)))
    assert from_json(stored).text == offer.text
    assert from_json(stored) == offer.binding


def test_no_template_is_ever_edited() -> None:
    """A better wording gets the next number; add its digest here."""
    digest = hashlib.sha256(json.dumps(dict(sorted(TEMPLATES.items()))).encode()).hexdigest()
    assert digest[:16] == "43e511eee7c2b2d4"


@pytest.mark.parametrize(
    ("fact", "variant"),
    [
        (SLOW, "slow-change"),
        (replace(SLOW, here_n=10, elsewhere_n=10), "slow-change"),
        (replace(SLOW, here_n=9), "slow-change-may"),
        (replace(SLOW, elsewhere_n=9), "slow-change-may"),
        (replace(SLOW, ratio_low=Decimal(1)), "slow-change-may"),
        (replace(SLOW, here_n=2), None),
        (replace(SLOW, ratio=Decimal(1)), None),
    ],
)
def test_slow_change_needs_ten_on_both_sides_and_a_clear_ratio(
    fact: SlowChange, variant: str | None
) -> None:
    expected = [] if variant is None else [f"{variant}.product.1"]
    assert said(MeasuredFacts(slow_change=fact)) == expected


def test_may_is_said_where_it_is_not_sure() -> None:
    offer = offers(MeasuredFacts(slow_change=replace(SLOW, here_n=9)), Audience.SALES, PLACE)[0]
    assert " may " in offer.text


@pytest.mark.parametrize(
    ("deployments", "failed", "words"),
    [(20, 3, "15 % of the releases"), (19, 3, "3 of the 19 releases"), (19, 0, "")],
)
def test_a_rate_needs_twenty_deployments(deployments: int, failed: int, words: str) -> None:
    fact = replace(FAILING, deployments=deployments, failed=failed)
    found = offers(MeasuredFacts(failing_change=fact), Audience.PRODUCT, PLACE)
    assert [words in offer.text for offer in found] == ([True] if words else [])


@pytest.mark.parametrize(
    ("shared", "degree", "is_said"),
    [(5, "30", True), (4, "30", False), (5, "29.9", False)],
)
def test_ripple_needs_thirty_percent_and_five_shared(
    shared: int, degree: str, is_said: bool
) -> None:
    fact = replace(RIPPLE, shared=shared, degree=Decimal(degree))
    found = offers(MeasuredFacts(ripple=fact), Audience.LEADERSHIP, PLACE)
    assert bool(found) is is_said
    assert all("linked with" in offer.text for offer in found)


@pytest.mark.parametrize(("factor", "count"), [(0, 0), (1, 1), (2, 0)])
def test_key_person_needs_a_truck_factor_of_one(factor: int, count: int) -> None:
    assert len(said(MeasuredFacts(key_person=replace(KEY, truck_factor=factor)))) == count


@pytest.mark.parametrize(
    ("design", "variant"),
    [
        (2000, "capacity-short"),
        (3200, None),
        (319_999, None),
        (320_000, "capacity-over"),
        (0, None),
    ],
)
def test_capacity_speaks_of_too_little_and_far_too_much(design: int, variant: str | None) -> None:
    fact = replace(SHORT, design=Decimal(design))
    expected = [] if variant is None else [f"{variant}.product.1"]
    assert said(MeasuredFacts(capacity=fact)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"extensions": 0, "accepted_on": None}, {"expiry"}),
        ({"accepted_on": None}, {"promise-moved", "expiry"}),
        ({"due_on": TODAY, "accepted_on": None, "extensions": 0}, set()),
        ({"due_on": date(2027, 2, 28), "accepted_on": None}, {"promise-expired"}),
        ({"chance_on_time": Decimal("0.5"), "extensions": 0, "accepted_on": None}, {"expiry"}),
        (
            {"chance_on_time": Decimal("0.49"), "accepted_on": None},
            {"promise-unlikely", "expiry"},
        ),
        ({"extensions": 0}, {"expiry", "accepted"}),
    ],
)
def test_what_is_said_of_a_promise(change: dict, expected: set[str]) -> None:
    found = said(MeasuredFacts(promise=replace(PROMISE, **change)))
    assert {template.split(".")[0] for template in found} == expected


def test_a_cost_of_minutes_is_not_told_to_product() -> None:
    small = replace(COST, p10=Decimal("0.25"), p50=Decimal("0.5"), p90=Decimal("3.9"))
    assert said(MeasuredFacts(cost=small), Audience.PRODUCT) == []
    assert said(MeasuredFacts(cost=small), Audience.LEADERSHIP) == ["cost.leadership.1"]


def test_cost_is_not_told_to_sales_and_is_days_for_product() -> None:
    facts = MeasuredFacts(cost=COST)
    assert said(facts, Audience.SALES) == []
    assert "0.75 to 2.5 more working days" in offers(facts, Audience.PRODUCT, PLACE)[0].text
    assert said(facts, Audience.LEADERSHIP) == ["cost.leadership.1"]
    decidable = offers(MeasuredFacts(cost=COST, promise=PROMISE), Audience.LEADERSHIP, PLACE)
    option = next(o for o in decidable if o.family == "cost")
    assert review(option.text, Grounds(sentences=(option.text,))).level == 3


def test_without_data_nothing_is_said() -> None:
    assert [said(MeasuredFacts(), audience) for audience in Audience] == [[], [], []]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("3305", "hours", "3,300"), ("7.46", "days", "7.5"), ("0.0318", "%", "0.032"),
        ("12", "changes", "12"), ("120", "changes", "120"),
        ("2027-09-30", "date", "30 September 2027"),
        ("2027-09-30", "month", "September 2027"), ("0", "hours", "0"), ("1", "times", "once"),
    ],
)  # fmt: skip
def test_two_significant_figures(value: str, unit: str, text: str) -> None:
    assert english(value, unit) == text


@given(st.decimals(min_value="0.001", max_value="999999", places=3))
def test_a_figure_as_written_is_within_five_percent(value: Decimal) -> None:
    written = Decimal(english(str(value), "hours").replace(",", ""))
    assert abs(written - value) <= value * Decimal("0.05")


def test_a_binding_stands_only_word_for_word() -> None:
    offer = offers(MeasuredFacts(ripple=RIPPLE), Audience.PRODUCT, PLACE)[0]
    kept = list(standing(f"First. {offer.text} Last.", [offer.binding, offer.binding]))
    assert kept == [offer.binding]
    assert list(standing(offer.text.replace("12", "13"), [offer.binding])) == []
    reworded = "12 of 30 changes brought a second one to customers since March 2025."
    assert review(reworded, Grounds(tuple(facts_of([offer.binding])))).level == 2
    assert (
        review(reworded.replace("12", "13"), Grounds(tuple(facts_of([offer.binding])))).level == 1
    )


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"template": "ripple.product.1", "locale": "en", "about": {}, "slots": {}},
        {"template": "none.product.1", "locale": "en", "about": {}, "slots": {}},
        {"template": "key-person.product.1", "locale": "xx", "about": {}, "slots": {}},
        {"template": 1, "locale": "en", "about": {}, "slots": []},
    ],
)
def test_what_is_no_binding_is_refused(stored: dict) -> None:
    with pytest.raises(ValueError, match="not a binding"):
        from_json(stored)


def test_a_hostile_subject_stays_text() -> None:
    slots = {
        "subject": Slot("{0.__class__} <script>", "text"),
        "n": Slot("3", "changes"),
        "since": Slot("2025-03-01", "month"),
    }
    text = Binding("key-person.product.1", "en", slots, PLACE).text
    assert "{0.__class__} <script>" in text

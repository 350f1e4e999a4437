"""The policy as a value: levels by day, waivers, documents and what changed in them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.roles import Role
from common.errors import Refused
from ledger.domain.ceilings import system_load
from ledger.domain.policy import (
    DEFAULT_LEVELS,
    DEFAULT_POLICY,
    Enforcement,
    Policy,
    Rule,
    Step,
    Waiver,
    next_tier,
)
from ledger.domain.policy_documents import DEFAULT_DOCUMENT, checked, policy_of, rolled
from ledger.domain.policy_words import RULE_LABELS, changes, extension_words
from ledger.domain.terms import Confidence

TODAY = date(2027, 2, 10)
MARCH = date(2027, 3, 1)
ANNOUNCED = {"enforcement": "block", "effective_from": "2027-03-01"}


def document(**parts: Any) -> dict[str, Any]:
    return {**DEFAULT_DOCUMENT, **parts}


def with_rule(rule: Rule, enforcement: str, announced: Any = None) -> dict[str, Any]:
    setting = {"enforcement": enforcement, "announced": announced}
    return document(rules={**DEFAULT_DOCUMENT["rules"], rule.value: setting})


def test_the_default_has_a_level_and_a_label_for_every_rule() -> None:
    for rule in Rule:
        assert DEFAULT_POLICY.enforcement(rule, TODAY) is DEFAULT_LEVELS[rule]
        assert RULE_LABELS[rule]


def test_the_default_document_means_the_default_policy() -> None:
    stored = checked(DEFAULT_DOCUMENT, TODAY)
    assert stored == DEFAULT_DOCUMENT
    meant = policy_of(stored, version=0)
    assert all(meant.enforcement(rule, TODAY) is DEFAULT_LEVELS[rule] for rule in Rule)
    assert meant.longest_terms == DEFAULT_POLICY.longest_terms
    assert meant.extension_roles == DEFAULT_POLICY.extension_roles


def test_a_version_from_before_there_were_limits_of_costs_has_none() -> None:
    before = {name: one for name, one in DEFAULT_DOCUMENT.items() if name != "environment_costs"}
    assert policy_of(before, version=1).environment_costs == DEFAULT_POLICY.environment_costs
    assert rolled(before, TODAY) == DEFAULT_DOCUMENT
    limited = document(environment_costs={"admin_above": "100", "most": None})
    assert changes(before, checked(limited, TODAY)) == [
        "An admin must ask for environments above: no limit to 100.00 a month."
    ]


def test_an_announced_level_holds_from_its_day() -> None:
    stored = checked(with_rule(Rule.EXPIRED_DEBT, "warn", ANNOUNCED), TODAY)
    policy = policy_of(stored, version=1)
    eve = MARCH - timedelta(days=1)
    assert policy.enforcement(Rule.EXPIRED_DEBT, eve) is Enforcement.WARN
    assert policy.enforcement(Rule.EXPIRED_DEBT, MARCH) is Enforcement.BLOCK
    assert [step.effective_from for step in policy.announced(Rule.EXPIRED_DEBT, eve)] == [MARCH]
    assert policy.announced(Rule.EXPIRED_DEBT, MARCH) == ()
    assert rolled(stored, eve) == stored
    begun = {"enforcement": "block", "announced": None}
    assert rolled(stored, MARCH)["rules"]["expired_debt"] == begun


def test_a_repository_counts_instead_of_the_organisation() -> None:
    own = {"new_cycle": {"enforcement": "off", "announced": None}}
    stored = checked({**with_rule(Rule.NEW_CYCLE, "block"), "repositories": {"7": own}}, TODAY)
    assert policy_of(stored, version=1).enforcement(Rule.NEW_CYCLE, TODAY) is Enforcement.BLOCK
    there = policy_of(stored, version=1, repository_id=7)
    assert there.enforcement(Rule.NEW_CYCLE, TODAY) is Enforcement.OFF
    assert there.enforcement(Rule.EXPIRED_DEBT, TODAY) is Enforcement.WARN


@pytest.mark.parametrize(
    ("glob", "path", "level"),
    [
        ("", "", "advise"),
        ("", "billing/tax.py", "advise"),
        ("billing/*", "billing/tax.py", "advise"),
        ("billing/*", "billing/rates/tax.py", "advise"),
        ("billing/*", "shop/billing/tax.py", "block"),
        ("billing/*", "", "block"),
    ],
)
def test_a_waiver_excuses_its_paths_until_its_day(glob: str, path: str, level: str) -> None:
    waiver = Waiver(Rule.NEW_CYCLE, TODAY, glob)
    policy = Policy(steps=(Step(Rule.NEW_CYCLE, Enforcement.BLOCK),), waivers=(waiver,))
    assert policy.enforcement(Rule.NEW_CYCLE, TODAY, path) == level
    tomorrow = TODAY + timedelta(days=1)
    assert policy.enforcement(Rule.NEW_CYCLE, tomorrow, path) is Enforcement.BLOCK


@given(st.sampled_from(list(Enforcement)), st.booleans())
def test_a_waiver_never_makes_a_rule_harder(level: Enforcement, is_waived: bool) -> None:
    waivers = (Waiver(Rule.NEW_CYCLE, TODAY),) if is_waived else ()
    policy = Policy(steps=(Step(Rule.NEW_CYCLE, level),), waivers=waivers)
    assert policy.enforcement(Rule.NEW_CYCLE, TODAY).rank <= level.rank


def test_the_next_tier_of_approver() -> None:
    assert [next_tier(role) for role in Role] == [
        Role.APPROVER, Role.APPROVER, Role.ADMIN, Role.ADMIN, Role.ADMIN,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("longest_terms", {"high": 365, "medium": 180}),
        ("longest_terms", {"high": 365, "medium": 180, "low": 0}),
        ("longest_terms", {"high": 365, "medium": 180, "low": True}),
        ("longest_terms", {"high": 90, "medium": 180, "low": 90}),
        ("longest_terms", []),
        ("approvers", {"high": "viewer", "medium": "approver", "low": "approver"}),
        ("approvers", {"high": [], "medium": "approver", "low": "approver"}),
        ("extension_roles", ["admin", "approver"]),
        ("extension_roles", "approver"),
        ("extension_roles", ["approver"] * 11),
        ("one_way_role", "contributor"),
        ("ceiling_share", 0),
        ("ceiling_share", "1.01"),
        ("ceiling_share", "NaN"),
        ("ceiling_share", {}),
        ("hours_per_person", "-1"),
        ("hours_per_person", None),
        ("capacities", {"shop": 0}),
        ("capacities", {"  ": 10}),
        ("capacities", ["shop"]),
        ("rules", {}),
        ("rules", {**DEFAULT_DOCUMENT["rules"], "made_up": {"enforcement": "warn"}}),
        ("rules", {**DEFAULT_DOCUMENT["rules"], "new_cycle": {"enforcement": "maybe"}}),
        ("rules", {**DEFAULT_DOCUMENT["rules"], "new_cycle": "warn"}),
        ("repositories", {"shop": {}}),
        ("repositories", {"7": {"new_cycle": None}}),
    ],
)
def test_what_is_no_policy_is_refused_by_its_part(part: str, value: Any) -> None:
    with pytest.raises(Refused) as refusal:
        checked(document(**{part: value}), TODAY)
    assert refusal.value.field == part


@pytest.mark.parametrize(
    "announced",
    [
        "block",
        {"enforcement": "block"},
        {"enforcement": "block", "effective_from": "2027-02-30"},
        {"enforcement": "block", "effective_from": 7},
        {"enforcement": "harder", "effective_from": "2027-03-01"},
    ],
)
def test_an_announcement_has_a_level_and_a_day(announced: Any) -> None:
    with pytest.raises(Refused):
        checked(with_rule(Rule.NEW_CYCLE, "warn", announced), TODAY)


def test_a_missing_or_unknown_part_is_refused() -> None:
    with pytest.raises(Refused, match="lacks “rules”"):
        checked({name: part for name, part in DEFAULT_DOCUMENT.items() if name != "rules"}, TODAY)
    with pytest.raises(Refused, match="no part “colour”"):
        checked(document(colour="red"), TODAY)


def test_changes_are_told_in_sentences() -> None:
    after = checked(
        {
            **with_rule(Rule.EXPIRED_DEBT, "warn", ANNOUNCED),
            "longest_terms": {"high": 400, "medium": 180, "low": 90},
            "ceiling_share": "0.2",
            "capacities": {"shop": 320},
            "repositories": {"7": {"new_cycle": {"enforcement": "block"}}},
        },
        TODAY,
    )
    assert changes(DEFAULT_DOCUMENT, after, {"7": "Shop"}) == [
        "Longest term with high confidence: 365 to 400 days.",
        "Debt ceiling: none to 20 % of capacity.",
        "Capacity of shop: from its people to 320 hours a month.",
        "Expired debt in the changed code: warn to warn, block from 1 Mar 2027.",
        "New dependency cycle in Shop: as everywhere to block.",
    ]
    assert changes(after, after) == []


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        ([], "No extension is granted: a promise that cannot be kept is escalated."),
        (
            ["approver", "admin"],
            (
                "Extension 1 takes the role approver, extension 2 takes the role admin; after that "
                "it can only be escalated."
            ),
        ),
    ],
)
def test_who_extends_in_words(roles: list[str], sentence: str) -> None:
    assert extension_words(roles) == sentence


@pytest.mark.parametrize(
    ("share", "given", "people", "interest", "ceiling", "is_over"),
    [
        (None, None, 2, 100, None, False),
        ("0.2", None, 2, 32, 32, False),
        ("0.2", None, 2, 33, 32, True),
        ("0.2", "320", 2, 33, 64, False),
        ("0.2", None, 0, 33, None, False),
    ],
)
def test_a_system_is_over_its_ceiling_above_its_share_of_the_capacity(
    share: str | None,
    given: str | None,
    people: int,
    interest: int,
    ceiling: int | None,
    is_over: bool,
) -> None:
    policy = Policy(
        ceiling_share=Decimal(share) if share else None,
        capacities={"shop": Decimal(given)} if given else {},
    )
    load = system_load(policy, system="shop", interest=Decimal(interest), debts=1, people=people)
    assert (load.ceiling, load.is_over) == (ceiling, is_over)


def test_confidence_without_an_approver_of_its_own_has_the_lowest() -> None:
    assert {DEFAULT_POLICY.approvers[level] for level in Confidence} == {Role.APPROVER}

"""The gate's judgement: rules, levels, ladder, waivers, dates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.structure_changes import GrownCycle, Link, StructureChange, UnstableLink
from hooks.domain import gate_structure
from hooks.domain.gate import Conclusion, GateResult, Level, Override, judged, ladder_level
from hooks.domain.gate_debts import (
    closings_of,
    premature_payments,
    suspicions_of,
    unknown_payments,
)
from hooks.domain.gate_inputs import CommitMistake, CommitTrailer, DebtChange, KnownDebt
from ledger.domain.annotations import Mark, marks_in
from ledger.domain.policy import Enforcement, Policy, Rule, Step, Waiver
from ledger.domain.trailers import bad_trailers_in, trailers_in

TODAY = date(2026, 11, 20)
IMPACT = 'impact="2 hours a week until May", plan="store them"'


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def marks(text: str, path: str = "shop/cart.py") -> list[Mark]:
    return marks_in(path, "python", text.encode())


def mark(
    slug: str = "carts", days: int = 30, *, keys: str = IMPACT, text: str = "in memory"
) -> str:
    extra = f", {keys}" if keys else ""
    return f"# DEBT({slug}, owner=payments{extra}) [{day(days)}]: {text}\n"


def known(slug: str = "carts", days: int = -5, **changes: Any) -> KnownDebt:
    return replace(
        KnownDebt(
            reference="D-000007",
            slug=slug,
            title="carts live in memory",
            owner="payments",
            path="shop/cart.py",
            line=3,
            due_on=TODAY + timedelta(days=days),
        ),
        **changes,
    )


def change(**parts: Any) -> DebtChange:
    messages: Sequence[str] = parts.pop("messages", ())
    return replace(
        DebtChange(
            paths=frozenset({"shop/cart.py"}),
            before=(),
            after=(),
            elsewhere=(),
            renamed={},
            known=(),
            trailers=[
                CommitTrailer(f"{number:040x}", trailer)
                for number, message in enumerate(messages)
                for trailer in trailers_in(message)
            ],
            mistakes=[
                CommitMistake(f"{number:040x}", mistake)
                for number, message in enumerate(messages)
                for mistake in bad_trailers_in(message)
            ],
            full_systems=frozenset(),
            default_system="shop",
            policy=Policy(),
            today=TODAY,
        ),
        **parts,
    )


def rules(found: DebtChange) -> list[str]:
    return sorted(one.rule.value for one in suspicions_of(found))


# -- what is found -----------------------------------------------------------------------------


CASES: dict[Rule, DebtChange] = {
    Rule.EXPIRED_DEBT: change(known=[known(days=-40)]),
    Rule.MISSING_EXPIRY: change(after=marks("# DEBT(carts, owner=payments): in memory\n")),
    Rule.MISSING_OWNER: change(after=marks(f"# DEBT(carts, sev=low) [{day(9)}]: in memory\n")),
    Rule.MISSING_IMPACT: change(after=marks(mark(keys='plan="store them"'))),
    Rule.MISSING_PLAN: change(after=marks(mark(keys='impact="2 hours a week"'))),
    Rule.MALFORMED_ANNOTATION: change(after=marks("# DEBT(carts, owner=payments [x]: no\n")),
    Rule.DUPLICATE_ANNOTATION: change(
        after=marks(mark()), elsewhere=marks(mark(), "shop/prices.py")
    ),
    Rule.TERM_TOO_LONG: change(after=marks(mark(days=181))),
    Rule.ONE_WAY_DOOR: change(
        after=marks(mark()),
        known=[known(days=30, is_one_way=True, has_impact=True, has_plan=True)],
    ),
    Rule.OVER_CEILING: change(after=marks(mark()), full_systems=frozenset({"shop"})),
}
LINK = Link("shop/cart.py", 4, "shop.cart", "shop.prices")
STRUCTURE = {
    Rule.NEW_CYCLE: StructureChange(
        cycles=(GrownCycle(("shop.cart", "shop.prices"), ("shop.cart",), True, (LINK,)),)
    ),
    Rule.STABLE_DEPENDENCY: StructureChange(unstable=(UnstableLink(LINK, 0.2, 0.8),)),
}


def suspicions(rule: Rule) -> list[Any]:
    if rule in STRUCTURE:
        return gate_structure.suspicions_of(STRUCTURE[rule])
    return suspicions_of(CASES[rule])


@pytest.mark.parametrize("rule", list(Rule))
def test_each_rule_finds_its_case(rule: Rule) -> None:
    found = suspicions(rule)
    assert [one.rule for one in found] == [rule]
    (only,) = found
    assert only.path == "shop/cart.py"
    assert only.line >= 1
    assert only.message.endswith(".")
    assert only.advice.endswith(".")


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("enforcement", list(Enforcement))
def test_each_rule_at_each_level(rule: Rule, enforcement: Enforcement) -> None:
    policy = Policy(steps=(Step(rule, enforcement),))
    found = judged(suspicions(rule), policy, TODAY)
    if enforcement is Enforcement.OFF:
        assert found == ()
        return
    top = {
        Enforcement.ADVISE: Level.NOTICE,
        Enforcement.WARN: Level.CHECK if rule is Rule.EXPIRED_DEBT else Level.COMMENT,
        Enforcement.BLOCK: Level.BLOCK,
    }
    assert [one.level for one in found] == [top[enforcement]]
    assert result(found).is_stopped == (enforcement is Enforcement.BLOCK)


@pytest.mark.parametrize("rule", list(Rule))
def test_a_rule_blocks_from_its_day_on(rule: Rule) -> None:
    steps = (
        Step(rule, Enforcement.ADVISE),
        Step(rule, Enforcement.BLOCK, TODAY + timedelta(days=10)),
    )
    policy = Policy(steps=steps)
    assert [one.level for one in judged(suspicions(rule), policy, TODAY)] == [Level.NOTICE]
    later = judged(suspicions(rule), policy, TODAY + timedelta(days=10))
    assert [one.level for one in later] == [Level.BLOCK]


@pytest.mark.parametrize("rule", list(Rule))
def test_a_waiver_lets_through_until_its_day(rule: Rule) -> None:
    waiver = Waiver(rule, TODAY, path="shop/*", reason="the trade show", approver="ann")
    policy = Policy(steps=(Step(rule, Enforcement.BLOCK),), waivers=(waiver,))
    (now,) = judged(suspicions(rule), policy, TODAY)
    assert (now.level, now.waiver) == (Level.NOTICE, waiver)
    (tomorrow,) = judged(suspicions(rule), policy, TODAY + timedelta(days=1))
    assert (tomorrow.level, tomorrow.waiver) == (Level.BLOCK, None)
    elsewhere = replace(policy, waivers=(replace(waiver, path="lib/*"),))
    assert judged(suspicions(rule), elsewhere, TODAY)[0].level is Level.BLOCK


def test_nothing_blocks_by_default() -> None:
    found = judged([one for rule in Rule for one in suspicions(rule)], Policy(), TODAY)
    assert {one.what.rule for one in found} == set(Rule)
    assert not result(found).is_blocking


# -- expired debt ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "level"),
    [
        (1, Level.NOTICE), (7, Level.NOTICE), (8, Level.COMMENT), (14, Level.COMMENT),
        (15, Level.CHECK), (30, Level.CHECK), (31, Level.BLOCK), (4000, Level.BLOCK),
    ],
)  # fmt: skip
def test_the_ladder(days: int, level: Level) -> None:
    assert ladder_level(days) is level
    block = Policy(steps=(Step(Rule.EXPIRED_DEBT, Enforcement.BLOCK),))
    (found,) = judged(suspicions_of(change(known=[known(days=-days)])), block, TODAY)
    assert found.level is level
    (soft,) = judged(suspicions_of(change(known=[known(days=-days)])), Policy(), TODAY)
    assert soft.level.rank == min(level.rank, Level.CHECK.rank)


def test_the_day_itself_is_not_expired() -> None:
    assert rules(change(known=[known(days=0)])) == []


paths = st.sampled_from(["shop/cart.py", "shop", "lib/x.py", "shop/cart.pyx", "a", "shop/cart"])


@given(
    st.frozensets(paths),
    st.lists(st.builds(known, days=st.integers(-500, 5), path=paths, slug=st.just("")), max_size=8),
)
def test_a_change_that_touches_no_debt_is_never_blocked_by_expired_debt(
    touched: frozenset[str], debts: list[KnownDebt]
) -> None:
    policy = Policy(steps=(Step(Rule.EXPIRED_DEBT, Enforcement.BLOCK),))
    found = judged(suspicions_of(change(paths=touched, known=debts)), policy, TODAY)
    for finding in found:
        own = finding.what.path
        assert any(path == own or path.startswith(f"{own}/") for path in touched)
    is_touched = any(
        debt.due_on < TODAY
        and any(path == debt.path or path.startswith(f"{debt.path}/") for path in touched)
        for debt in debts
    )
    assert bool(found) == is_touched


def test_debt_without_a_place_never_blocks() -> None:
    assert rules(change(known=[known(days=-400, path="", slug="")])) == []


def test_expired_debt_that_the_change_pays_is_not_held_against_it() -> None:
    removed = change(before=marks(mark(days=-40)), known=[known(days=-40)])
    paid = change(
        before=marks(mark(days=-40)), after=marks(mark(days=-40)),
        known=[known(days=-40, is_accepted=True)],
        messages=["Store carts\n\nDebt-Paid: carts: in the database"],
    )  # fmt: skip
    assert (rules(removed), [one.how for one in closings_of(removed)]) == ([], ["removed"])
    assert (rules(paid), [one.how for one in closings_of(paid)]) == ([], ["paid"])


def test_debt_that_another_branch_has_moved_is_known_by_its_mark() -> None:
    old = marks(mark(days=-40))
    assert rules(change(before=old, after=old, known=[known(days=-40, path="lib/x.py")])) == [
        "expired_debt"
    ]


def test_a_later_date_in_the_mark_does_not_extend_what_the_register_promised() -> None:
    edited = change(
        before=marks(mark(days=-40)), after=marks(mark(days=90)), known=[known(days=-40)]
    )
    assert rules(edited) == ["expired_debt"]


def test_without_a_register_the_mark_tells() -> None:
    old = marks(mark(days=-40))
    assert rules(change(before=old, after=old)) == ["expired_debt"]
    assert rules(change(after=old)) == ["missing_expiry"]


# -- new debt ----------------------------------------------------------------------------------


def test_complete_new_debt_is_fine() -> None:
    assert rules(change(after=marks(mark()))) == []


def test_what_was_there_is_not_held_against_the_change() -> None:
    poor = marks(mark(keys="", days=400) + "# DEBT: bare\n# DEBT(x y, owner=a): bad\n")
    assert rules(change(before=poor, after=poor)) == []
    moved = marks("\n\n" + mark(keys="", days=400) + "# DEBT: bare\n# DEBT(x y, owner=a): bad\n")
    assert rules(change(before=poor, after=moved)) == []
    renamed = marks(mark(keys="", days=400), "shop/basket.py")
    found = change(
        before=marks(mark(keys="", days=400)), after=renamed,
        paths=frozenset({"shop/cart.py", "shop/basket.py"}),
        renamed={"shop/basket.py": "shop/cart.py"},
    )  # fmt: skip
    assert rules(found) == []


def test_taking_the_impact_away_is_noticed() -> None:
    assert rules(change(before=marks(mark()), after=marks(mark(keys="")))) == [
        "missing_impact",
        "missing_plan",
    ]


def test_what_the_register_says_counts() -> None:
    debt = known(days=300, has_impact=True, has_plan=True)
    assert rules(change(after=marks(mark(keys="", days=300)), known=[debt])) == []


def test_a_second_debt_of_one_id_in_one_file() -> None:
    found = change(before=marks(mark()), after=marks(mark() + "x = 1\n" + mark(text="other")))
    assert "duplicate_annotation" in rules(found)
    twins = marks(mark() + "x = 1\n" + mark(text="other"))
    assert rules(change(before=twins, after=twins)) == []


def test_a_copy_in_another_file() -> None:
    found = change(
        paths=frozenset({"shop/cart.py", "shop/new.py"}),
        before=marks(mark()),
        after=[*marks(mark()), *marks(mark(), "shop/new.py")],
    )
    duplicates = [s for s in suspicions_of(found) if s.rule is Rule.DUPLICATE_ANNOTATION]
    assert [one.path for one in duplicates] == ["shop/new.py"]


def test_a_mark_that_moved_to_an_untouched_twin_is_not_closed() -> None:
    found = change(before=marks(mark()), elsewhere=marks(mark(), "lib/x.py"))
    assert closings_of(found) == ()


def test_a_mark_that_can_no_longer_be_read_is_not_closed() -> None:
    broken = marks("# DEBT(carts, owner=payments): in memory\n")
    found = change(before=marks(mark()), after=broken, known=[known(days=30)])
    assert closings_of(found) == ()
    assert rules(found) == ["missing_expiry"]


def test_debt_announced_by_a_commit() -> None:
    found = change(messages=[f"Ship\n\nDebt: rates, owner=payments [{day(20)}]: one rate"])
    assert rules(found) == ["missing_impact", "missing_plan"]
    assert all(one.path == "" and one.debt == "rates" for one in suspicions_of(found))
    registered = replace(found, known=[known("rates", 20)])
    assert rules(registered) == []


def test_a_trailer_that_cannot_be_read() -> None:
    found = change(messages=["x\n\nDebt-paid: carts", "y\n\nDebt-Extend: carts soon"])
    assert rules(found) == ["malformed_annotation", "malformed_annotation"]
    assert "does nothing" in suspicions_of(found)[0].advice


def test_a_payment_of_nothing_is_told() -> None:
    assert unknown_payments(change(messages=["x\n\nDebt-Paid: nobody"])) == ["nobody"]
    assert closings_of(change(messages=["x\n\nDebt-Paid: nobody"])) == ()


def test_a_payment_of_debt_that_nobody_accepted_closes_nothing() -> None:
    old = marks(mark(days=-40))
    said = ["x\n\nDebt-Paid: carts"]
    proposed = change(before=old, after=old, known=[known(days=-40)], messages=said)
    assert (rules(proposed), closings_of(proposed)) == (["expired_debt"], ())
    assert premature_payments(proposed) == ["carts"]
    removed = change(before=old, known=[known(days=-40)], messages=said)
    assert [one.how for one in closings_of(removed)] == ["removed"]
    assert premature_payments(removed) == []


# -- the answer --------------------------------------------------------------------------------


def result(findings: Any, **changes: Any) -> GateResult:
    return replace(
        GateResult(
            repository="shop", slug="shop", base="a" * 40, head="b" * 40, merge_base="a" * 40,
            checked_on=TODAY, policy_version=0, files=1, commits=1, findings=tuple(findings),
        ),
        **changes,
    )  # fmt: skip


def test_several_cuts_are_named() -> None:
    links = tuple(Link(f"shop/{name}.py", 1, f"shop.{name}", "shop.x") for name in "abcde")
    cycle = GrownCycle(("shop.a", "shop.x"), ("shop.x",), False, links)
    (found,) = gate_structure.suspicions_of(StructureChange(cycles=(cycle,)))
    assert "shop.c should stop importing shop.x" in found.advice
    assert "2 more" in found.advice
    assert "shop.d" not in found.advice


def test_the_conclusion() -> None:
    block = Policy(steps=(Step(Rule.EXPIRED_DEBT, Enforcement.BLOCK),))
    stopped = result(judged(suspicions(Rule.EXPIRED_DEBT), block, TODAY))
    assert (stopped.conclusion, stopped.is_stopped) == (Conclusion.BLOCK, True)
    through = replace(stopped, override=Override("ann", "the shop is down", "command", "", 1))
    assert (through.conclusion, through.is_stopped) == (Conclusion.OVERRIDDEN, False)
    neutral = result(judged(suspicions(Rule.EXPIRED_DEBT), Policy(), TODAY))
    assert neutral.conclusion is Conclusion.NEUTRAL
    assert result(()).conclusion is Conclusion.PASS


def test_a_fingerprint_stays_when_lines_move_and_tells_twins_apart() -> None:
    one = judged(suspicions_of(change(after=marks("# DEBT: bare\n"))), Policy(), TODAY)
    moved = judged(suspicions_of(change(after=marks("\n\n\n# DEBT: bare\n"))), Policy(), TODAY)
    twice = judged(
        suspicions_of(change(after=marks("# DEBT: bare\n\n# DEBT: bare\n"))), Policy(), TODAY
    )
    assert one[0].fingerprint == moved[0].fingerprint == twice[0].fingerprint
    assert len({found.fingerprint for found in twice}) == 2

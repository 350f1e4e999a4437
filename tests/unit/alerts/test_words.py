"""The words of a message: what expires, what waiting costs, what is asked, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.digest_words import compose
from alerts.domain.facts import Places
from alerts.domain.messages import MOST_ROWS, Answer, Message, Tone
from alerts.domain.row_words import (
    MOST_IMPACT,
    MOST_TITLE,
    figure,
    range_words,
    shortened,
    tone_of,
    when_words,
)
from alerts.domain.summary_words import SUMMARY_ROWS, summary
from ledger.domain.audiences import Audience, unfit_for
from ledger.domain.statements import review
from ledger.domain.terms import Basis, State
from tests.unit.alerts.messages_builder import (
    DEBTS,
    TODAY,
    as_text,
    facts,
    plan,
    price,
    telling,
    told,
)

CARTS = telling(1, days=-12, state=State.REPAYING)
INVOICES = telling(
    3,
    days=1,
    title="Old invoices run twice",
    state=State.PROPOSED,
    price=None,
    statement="",
    level=0,
)
PAYROLL = telling(4, days=25, title="One person knows the payroll export")
PRICES = telling(5, days=18, title="Prices are kept in two places")

DOCUMENTED = (Path(__file__).parents[3] / "docs/alerts-wording.md").read_text(encoding="utf-8")


def daily(audience: Audience = Audience.PRODUCT) -> Message:
    rows = (
        told(CARTS, is_escalated=True, working_days_overdue=8),
        told(INVOICES, is_mentioned=True),
        told(PAYROLL, stage="in_30"),
    )
    return compose(plan(*rows, audience=audience), facts([CARTS, INVOICES, PAYROLL]))


def test_a_daily_message_says_it_all() -> None:
    assert f"```\n{as_text(daily())}\n```" in DOCUMENTED
    assert daily().url == daily().more_url == f"{DEBTS}?team=payments"
    assert daily().rows[0].url == f"{DEBTS}D-000001/"


def test_a_first_look_is_one_sum_that_calls_nobody() -> None:
    items = [telling(n, days=n * 3 - 20 - (n == 7), title=f"Debt {n}") for n in range(4, 16)]
    first = replace(items[0], title="Carts live in process memory")
    rows = [told(one, is_escalated=one.due_on < TODAY) for one in items]
    known = facts([first, *items[1:]])
    message = summary(plan(*rows, is_summary=True), known, Places(("shop",), 120))
    assert (len(message.rows), message.more, message.call) == (SUMMARY_ROWS, 117, ())
    shown = as_text(replace(message, rows=message.rows[:1]))
    assert f"```\n{shown}\n```" in DOCUMENTED


def test_the_weekly_part_alone_looks_ahead() -> None:
    rows = told(PRICES, stage="in_30"), told(PAYROLL, stage="in_30")
    message = compose(plan(*rows), facts([PRICES, PAYROLL]))
    assert not message.facts
    assert f"```\n{as_text(message)}\n```" in DOCUMENTED


@pytest.mark.parametrize(
    ("days", "title", "lead"),
    [
        ([-1], "1 debt has expired", "The promise ended on 11 October 2026, 1 day ago."),
        (
            [-9, -2],
            "2 debts have expired",
            "The oldest promise ended on 3 October 2026, 9 days ago.",
        ),
        ([0], "1 debt needs you today", "The promise ends today."),
        ([0, 0], "2 debts need you, 2 expire today", "These promises end today."),
        (
            [0, 7],
            "2 debts need you, 1 expires today",
            "The first promise ends today, the last on 19 October 2026.",
        ),
        ([7], "1 debt needs you by 19 October", "The promise ends on 19 October 2026."),
        (
            [7, 7],
            "2 debts need you, the first by 19 October",
            "These promises end on 19 October 2026.",
        ),
        ([90], "1 debt needs you by 10 January 2027", "The promise ends on 10 January 2027."),
        (
            [-3, 0, 7],
            "3 debts need you, 1 has expired",
            "The oldest promise ended on 9 October 2026, 3 days ago; the next ends today.",
        ),
    ],
)
def test_titles_and_leading_sentences(days: list[int], title: str, lead: str) -> None:
    items = [telling(number, days=left) for number, left in enumerate(days, 1)]
    message = compose(plan(*map(told, items)), facts(items))
    assert (message.title, message.lead) == (f"Payments: {title}", lead)


def test_a_message_of_ones_own_speaks_to_the_person() -> None:
    own, other = telling(1, owner="ann"), telling(2, owner="bo", days=-9)
    message = compose(plan(told(own), told(other), team_id=None, person_id=5), facts([own, other]))
    assert message.title == "2 of your debts need you, 1 has expired"
    assert message.url == f"{DEBTS}?owner=ann"
    assert message.rows[0].ask.startswith("You: start the repayment")
    assert message.rows[1].ask.startswith("Bo Chen: repay it")
    late = told(other, is_escalated=True, working_days_overdue=5)
    message = compose(plan(late, team_id=None, person_id=5), facts([other]))
    assert message.title == "For you as lead: 1 debt has expired"
    assert message.facts[0].startswith("1 promise is 5 working days late. Please decide")
    assert (message.call, message.url) == ((), DEBTS)


def test_an_escalation_says_when_there_is_nobody_to_call() -> None:
    rows = [
        told(telling(n, days=-40), is_escalated=True, working_days_overdue=25 + n) for n in (1, 2)
    ]
    items = [telling(1, days=-40), telling(2, days=-40)]
    (line,) = compose(plan(*rows), facts(items, leads=())).facts
    late = "2 promises are late, the longest by 27 working days"
    assert line == f"{late}. Payments has no lead on record who could be called."
    (line,) = compose(plan(*rows, team_id=None), facts(items)).facts
    assert line == f"{late}, and no team owns them yet."
    message = compose(plan(*rows), facts(items, leads=("Ann Lee", "Bo Chen", "Cy Diaz")))
    assert message.facts[0].startswith("Ann Lee, Bo Chen and Cy Diaz, as leads of Payments: 2 prom")
    assert [one.handle for one in message.call] == ["ann", "bo", "cy"]


def test_promises_that_are_equally_late_are_said_to_be() -> None:
    items = [telling(1, days=-7), telling(2, days=-7)]
    rows = [told(one, is_escalated=True, working_days_overdue=5) for one in items]
    (line,) = compose(plan(*rows), facts(items)).facts
    assert line.startswith("Ann Lee, as lead of Payments: 2 promises are 5 working days late. ")


def test_leadership_reads_hours_money_and_effort() -> None:
    row = daily(Audience.LEADERSHIP).rows[0]
    assert row.cost == (
        "Waiting costs 12 to 32 hours a month, most likely 18, or 1,100 to 2,900 EUR "
        "(as our engineers estimate); repaying takes about 19 hours"
    )


def test_sales_reads_of_promises_and_decides_nothing() -> None:
    message = daily(Audience.SALES)
    assert message.title == "Payments: 2 shortcuts to keep in mind, 1 has expired"
    assert message.call == ()
    for row in message.rows:
        assert (row.cost, row.answers) == ("", ())
        assert row.ask == "Before you promise customers a date that rests on it, ask Payments"


def test_a_title_full_of_code_is_kept_from_sales() -> None:
    one = telling(1, title="The tax rate is hard coded in the invoice module")
    for changes, said in (
        ({}, "A shortcut in checkout"),
        ({"system": ""}, "A shortcut in the product"),
        ({"system": "tax API"}, "A shortcut in the product"),
    ):
        item = replace(one, **changes)
        message = compose(plan(told(item), audience=Audience.SALES), facts([item]))
        assert message.rows[0].title == said


@pytest.mark.parametrize(
    ("low", "middle", "high", "basis", "said"),
    [
        (12, 18, 32, Basis.MEASURED, "1.5 to 4 working days a month (measured in the history)"),
        (0, 3, 32, Basis.PRIOR, "up to 4 working days a month (from figures of the industry)"),
        (8, 8, 8, Basis.EXPERT, "about 1 working day a month (as our engineers estimate)"),
        (
            1,
            2,
            3.9,
            Basis.EXPERT,
            "less than half a working day a month (as our engineers estimate)",
        ),
        (
            1234,
            2345,
            3456,
            Basis.EXPERT,
            "150 to 430 working days a month (as our engineers estimate)",
        ),
    ],
)
def test_what_waiting_costs_is_a_range_with_its_ground(
    low: float, middle: float, high: float, basis: Basis, said: str
) -> None:
    one = telling(1, price=price(low, middle, high, basis))
    assert compose(plan(told(one)), facts([one])).rows[0].cost == f"Waiting costs {said}"


def test_nothing_is_said_of_a_cost_that_nobody_knows() -> None:
    for known in (None, price(0, 0, 0)):
        one = telling(1, price=known)
        for audience in Audience:
            message = compose(plan(told(one), audience=audience), facts([one]))
            assert message.rows[0].cost == ""


@pytest.mark.parametrize(
    ("changes", "ask", "answers"),
    [
        ({"days": 20}, "plan the repayment, or ask for more time with a reason", "ASER"),
        ({"days": 14}, "start the repayment, or ask for more time with a reason", "ASER"),
        ({"days": 0}, "repay it, or ask for more time with a reason", "ASER"),
        ({"days": -3, "seen_by": "bo"}, "repay it, or ask for more time with a reason", "SER"),
        (
            {"state": State.REPAYING},
            "finish the repayment, or ask for more time with a reason",
            "ASE",
        ),
        (
            {"days": -3, "extensions": 2},
            "repay it, or ask an approver to write it off; its date was moved twice already",
            "ASR",
        ),
        ({"snoozes": 2}, "start the repayment, or ask for more time with a reason", "AER"),
        (
            {"state": State.PROPOSED},
            "ask an approver to accept it with a plan, or to turn it down",
            "AS",
        ),
    ],
)  # fmt: skip
def test_what_is_asked_and_can_be_answered(
    changes: dict[str, object], ask: str, answers: str
) -> None:
    one = telling(1, **changes)
    row = compose(plan(told(one)), facts([one])).rows[0]
    names = dict(zip("ASER", Answer, strict=True))
    assert row.ask == f"Payments: {ask}"
    assert row.answers == tuple(names[letter] for letter in answers)


def test_a_row_says_what_was_answered_before() -> None:
    put_off = {"snoozed_by": "ann", "snoozed_until": TODAY, "snoozes": 1}
    items = [telling(1, seen_by="bo"), telling(2, **put_off), telling(3, seen_by="bo", **put_off)]
    notes = [row.note for row in compose(plan(*map(told, items)), facts(items)).rows]
    seen, asked = "Bo Chen has seen it", "Ann Lee asked for a reminder on 12 October 2026"
    assert notes == [seen, asked, f"{seen}; {asked}"]


@pytest.mark.parametrize(
    ("left", "said", "tone"),
    [
        (-1_200, "Expired on 30 June 2023, 1,200 days ago", Tone.OVERDUE),
        (-1, "Expired yesterday, 11 October 2026", Tone.OVERDUE),
        (0, "Expires today, 12 October 2026", Tone.DUE),
        (1, "Expires tomorrow, 13 October 2026", Tone.SOON),
        (7, "Expires on Monday, 19 October 2026, in 7 days", Tone.SOON),
        (8, "Expires on 20 October 2026, in 8 days", Tone.SOON),
        (15, "Expires on 27 October 2026, in 15 days", Tone.LATER),
    ],
)
def test_when(left: int, said: str, tone: Tone) -> None:
    assert when_words(TODAY + timedelta(days=left), left) == said
    assert tone_of(left) is tone


def test_figures_have_two_significant_digits() -> None:
    values = ["3305", "7.46", "10", "0.123", "100000", "1"]
    assert [figure(Decimal(one)) for one in values] == [
        "3,300",
        "7.5",
        "10",
        "0.12",
        "100,000",
        "1",
    ]
    assert range_words(Decimal("0.2"), Decimal(1), "hour") == "0.2 to 1 hour"


def test_at_most_ten_rows_and_a_link_to_the_rest() -> None:
    items = [telling(n, days=n) for n in range(1, 26)]
    message = compose(plan(*map(told, items)), facts(items[:MOST_ROWS]))
    assert (len(message.rows), message.more) == (MOST_ROWS, 15)
    assert message.title == "Payments: 25 debts need you, the first by 13 October"


def test_long_texts_are_cut_between_sentences_or_words() -> None:
    one = telling(1, title="word " * 39, statement="Customers wait 9 days a month. " * 60)
    row = compose(plan(told(one)), facts([one])).rows[0]
    assert len(row.title) <= MOST_TITLE
    assert row.title.endswith("word…")
    assert len(row.impact) <= MOST_IMPACT + 1
    assert row.impact.endswith("a month. …")
    assert shortened("x" * 500, 10) == "x" * 9 + "…"


# Every phrase that is ours passes the rules that we hold others to: no jargon, no blame, nobody
# told first what to do; and what states something names what it is about (E4).

STATES = st.sampled_from([State.PROPOSED, State.ACTIVE, State.REPAYING])


@st.composite
def messages(draw: st.DrawFn) -> tuple[Audience, Message]:
    audience = draw(st.sampled_from(list(Audience)))
    items = []
    for number in range(draw(st.integers(1, 5))):
        figures = sorted(draw(st.lists(st.integers(0, 5_000), min_size=3, max_size=3)))
        basis = draw(st.sampled_from(list(Basis)))
        known = price(figures[0], figures[1], figures[2], basis) if draw(st.booleans()) else None
        items.append(
            telling(
                number + 1,
                days=draw(st.integers(-900, 60)),
                state=draw(STATES),
                extensions=draw(st.integers(0, 3)),
                price=known,
                statement="",
                level=0,
                owner=draw(st.sampled_from(["payments", "ann", "nobody-known"])),
                seen_by=draw(st.sampled_from(["", "bo"])),
                title="Prices are kept in two places",
            )
        )
    rows = [
        told(
            one,
            stage="in_30" if one.due_on > TODAY + timedelta(days=14) else "due",
            is_escalated=draw(st.booleans()) and one.due_on < TODAY,
            working_days_overdue=draw(st.integers(0, 600)),
        )
        for one in items
    ]
    whose = draw(st.sampled_from([{}, {"team_id": None}, {"team_id": None, "person_id": 5}]))
    wanted = plan(*rows, audience=audience, **whose)
    known_facts = facts(
        items, leads=draw(st.sampled_from([(), ("Ann Lee",), ("Ann Lee", "Bo Chen")]))
    )
    if draw(st.booleans()):
        return audience, summary(
            wanted, known_facts, Places(("shop", "till")[: draw(st.integers(0, 2))], 9)
        )
    return audience, compose(wanted, known_facts)


def statements_of(message: Message) -> Iterator[str]:
    yield from (message.lead, *message.facts)
    yield from (row.cost for row in message.rows if row.cost)


def phrases_of(message: Message) -> Iterator[str]:
    yield from (message.title, message.footer, *statements_of(message))
    for row in message.rows:
        yield from (row.title, row.when, row.ask, row.impact, row.note)


@given(messages())
def test_our_own_words_keep_our_own_rules(found: tuple[Audience, Message]) -> None:
    audience, message = found
    for phrase in phrases_of(message):
        codes = {finding.code for finding in review(phrase).findings}
        assert not codes & {"E1", "E2", "E3"}, phrase
        assert not list(unfit_for(phrase, audience)), phrase
        assert "\u2014" not in phrase
    for phrase in statements_of(message):
        assert "E4" not in {finding.code for finding in review(phrase).findings}, phrase


def test_the_day_of_a_plan_is_the_day_of_its_words() -> None:
    later = replace(CARTS, due_on=date(2026, 12, 31))
    row = told(later, days_left=-1)
    message = compose(plan(row, day=date(2027, 1, 1)), facts([later]))
    assert message.lead == "The promise ended on 31 December 2026, 1 day ago."

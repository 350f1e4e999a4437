"""Plans become messages: from stored debts, for each audience, with one set of queries for all."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.domain.messages import Answer, Message, as_json, from_json
from alerts.domain.plans import DigestPlan, Told
from alerts.services.composing import message_with_notes, messages_of
from common import clock
from ledger import services as ledger_services
from ledger.domain.audiences import Audience
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.models import DebtItem
from ledger.selectors.statement_evidence import suggestions_for
from tests.builders.debts import IMPACT, in_days, make_active_debt, make_debt, make_person

pytestmark = pytest.mark.django_db


class Team:
    """A team of two, Ann its lead; Bo is in a second team besides, and Root accepts debts."""

    def __init__(self) -> None:
        self.ann, self.bo = make_person("ann"), make_person("bo")
        self.root = make_person("root", Role.ADMIN)
        members = [self.ann, self.bo]
        self.team = accounts_services.team_create(slug="payments", name="Payments", members=members)
        self.other = accounts_services.team_create(slug="search", name="Search", members=[self.bo])
        accounts_services.team_lead_set(team=self.team, user=self.ann, is_lead=True)

    def debt(self, **changes: Any) -> DebtItem:
        return make_active_debt(self.ann, self.root, **{"owner": "payments", **changes})

    def plan(self, *rows: Told, **changes: Any) -> DigestPlan:
        values: dict[str, Any] = {
            "channel_id": 1,
            "team_id": self.team.pk,
            "person_id": None,
            "day": clock.today(),
            "audience": Audience.PRODUCT,
            "told": rows,
            **changes,
        }
        return DigestPlan(**values)

    def message(self, *items: DebtItem, **changes: Any) -> Message:
        rows = [told(item, changes.get("day")) for item in items]
        return messages_of([self.plan(*rows, **changes)])[0]


@pytest.fixture
def team(db: None) -> Team:
    return Team()


def told(item: DebtItem, day: date | None = None, **changes: Any) -> Told:
    values: dict[str, Any] = {
        "item_id": item.pk,
        "due_on": item.due_on,
        "stage": "in_7",
        "rank": 30,
        "days_left": (item.due_on - (day or clock.today())).days,
        "working_days_overdue": 0,
        **changes,
    }
    return Told(**values)


def test_a_message_tells_of_stored_debts(team: Team) -> None:
    own = make_active_debt(team.ann, team.root, owner="ann", due_on=in_days(1))
    item = team.debt(estimate=EstimateDraft(Principal.of(8, 16, 40), Interest.of(12, 18, 32)))
    rows = told(own, is_mentioned=True), told(item, is_escalated=True, working_days_overdue=5)
    (message,) = messages_of([team.plan(*rows)])
    first, second = message.rows
    assert first.url == f"{settings.BASE_URL}{reverse('ledger:item', args=[own.reference])}"
    assert (first.mention, second.mention) == (message.call[0], None)
    assert (message.call[0].handle, message.call[0].name) == ("ann", "Ann")
    assert first.ask == "Ann: start the repayment, or ask for more time with a reason"
    assert second.cost == "Waiting costs 1.5 to 4 working days a month (as our engineers estimate)"
    assert second.impact == IMPACT
    assert from_json(as_json(message)) == message


def test_leadership_reads_the_money_at_the_likely_rate(team: Team) -> None:
    item = team.debt(estimate=EstimateDraft(Principal.of(8, 16, 40), Interest.of(12, 18, 32)))
    (row,) = team.message(item, audience=Audience.LEADERSHIP).rows
    likely = settings.HOURLY_RATE[1]
    assert likely == 100
    assert f"most likely 18, or 1,200 to 3,200 {settings.CURRENCY} (as our" in row.cost
    assert row.cost.endswith("; repaying takes about 19 hours")


def test_the_link_shows_what_the_team_looks_after(team: Team, client: Client) -> None:
    mine, bos = team.debt(title="of the team"), team.debt(owner="bo", title="of Bo")
    team.debt(owner="search", title="of the others")
    message = team.message(mine, bos)
    client.force_login(team.bo)
    page = client.get(message.more_url.removeprefix(settings.BASE_URL))
    assert {line.row.item.pk for line in page.context["lines"]} == {mine.pk, bos.pk}
    assert "Team payments" in page.content.decode()
    assert client.get("/debts/?team=nobody").status_code == 400
    # Bo's first team is the other one from now on.
    accounts_services.team_create(slug="invoices", name="Invoices", members=[team.bo])
    page = client.get("/debts/?team=payments")
    assert {line.row.item.pk for line in page.context["lines"]} == {mine.pk}


def test_what_is_refused_by_the_rules_is_not_said(team: Team) -> None:
    item = make_debt(team.ann, impact="Refactor the billing module of the customers.")
    (row,) = team.message(item).rows
    assert row.impact == ""
    assert Answer.EXTEND not in row.answers


def test_money_of_our_own_is_kept_from_product(team: Team) -> None:
    item = team.debt(impact="Each late invoice costs 300 EUR a month. Source: finance, May 2027.")
    said = {audience: team.message(item, audience=audience).rows[0].impact for audience in Audience}
    assert "300 EUR" in said[Audience.LEADERSHIP]
    assert said[Audience.PRODUCT] == said[Audience.SALES] == ""


def test_a_day_that_was_moved_is_not_said_any_more(team: Team) -> None:
    due = in_days(10)
    words = f"{IMPACT} It expires on {due.isoformat()}."
    item = team.debt(due_on=due, impact=words)
    assert team.message(item).rows[0].impact == words
    item = ledger_services.debt_extend(
        actor=team.root,
        item_id=item.pk,
        due_on=in_days(30),
        reason="the shop moves first",
        interest=Interest.of(2, 4, 9),
    )
    (row,) = team.message(item).rows
    assert row.impact.startswith("The promise to put this part of the product right was moved once")
    assert "by 20 days" in row.impact


def test_sentences_with_evidence_are_told_in_the_words_of_the_reader(team: Team) -> None:
    item = make_debt(team.ann, owner="payments", due_on=in_days(10), impact="", system="billing")
    offered = [
        one for one in suggestions_for(item, Audience.PRODUCT) if one.family in ("expiry", "cost")
    ]
    assert offered
    text = " ".join([IMPACT, *(one.text for one in offered)])
    item = ledger_services.debt_describe(
        actor=team.ann,
        item_id=item.pk,
        impact=text,
        bindings=[one.token for one in offered],
    )
    assert item.impact == text
    # The day and the cost have their own places in a row, with the figures of today.
    assert team.message(item).rows[0].impact == IMPACT


def test_a_summary_counts_what_is_on_record(team: Team) -> None:
    near = [team.debt(due_on=in_days(days)) for days in (1, 5, 12)]
    for _ in range(2):
        team.debt(due_on=in_days(50))
    team.debt(due_on=in_days(50), owner="search")
    day = in_days(6)
    message = team.message(*near, day=day, is_summary=True)
    assert message.title == "First look at Payments: 5 debts are on record, 2 have expired"
    assert message.facts[-1] == "2 promises have a later date."
    assert len(message.rows) == 3
    assert message.more == 2


def test_answers_so_far_are_told(team: Team) -> None:
    item = team.debt()
    ledger_services.debt_acknowledge(actor=team.bo, item_id=item.pk)
    (row,) = team.message(item).rows
    assert row.note == "Bo has seen it"
    assert Answer.ACKNOWLEDGE not in row.answers


def test_notes_are_put_beside_the_rows_they_are_of(team: Team) -> None:
    items = [team.debt(), team.debt()]
    message = message_with_notes(team.message(*items), {items[1].pk: "Ann has seen it"})
    assert [row.note for row in message.rows] == ["", "Ann has seen it"]


def test_the_number_of_queries_is_that_of_one_message(team: Team) -> None:
    items = [team.debt() for _ in range(6)]

    def queries(plans: Sequence[DigestPlan]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            messages_of(plans)
        return len(captured)

    for is_summary in (False, True):
        one = [team.plan(told(items[0]), is_summary=is_summary)]
        many = [
            team.plan(*map(told, items), is_summary=is_summary, person_id=person, audience=audience)
            for audience in Audience
            for person in (None, team.ann.pk)
        ]
        assert queries(many) <= queries(one) + 1


def test_nobody_of_that_name_and_no_team(team: Team) -> None:
    item = make_debt(team.ann, owner="somebody-who-left", due_on=in_days(5))
    message = team.message(item, team_id=None)
    assert message.title.startswith("Without a team: 1 debt needs you by")
    assert message.rows[0].ask.startswith("somebody-who-left: ")
    assert message.url == f"{settings.BASE_URL}{reverse('ledger:register')}"

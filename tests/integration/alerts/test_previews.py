"""A preview says what is then sent: any history is played with a rule on, then previewed."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.domain.roles import Role
from alerts.models import Delivery, Digest, Notice, Route
from alerts.selectors.previews import route_preview
from alerts.services.digests import digests_make
from alerts.services.schedules import schedule_update
from common import clock
from common.errors import DisplaceError
from ledger import services as ledger_services
from ledger.domain.estimates import Interest
from ledger.domain.terms import OPEN_STATES
from ledger.models import DebtItem
from tests.builders.alerting import Hands, make_channel, make_operator, make_route, make_team
from tests.builders.debts import make_debt, make_person

pytestmark = pytest.mark.django_db
OWNERS = ("payments", "ann", "bob", "search", "dia", "olga")
SEVERITIES = ("low", "medium", "high", "critical")


class Play:
    """People who do something to the register every day, as the dice fall."""

    def __init__(self, hands: Hands, seed: int, actor: Any, approver: Any) -> None:
        self.hands, self.actor, self.approver = hands, actor, approver
        self.dice = random.Random(seed)

    def record(self) -> None:
        make_debt(
            self.actor,
            owner=self.dice.choice(OWNERS),
            severity=self.dice.choice(SEVERITIES),
            system=self.dice.choice(("", "checkout", "billing")),
            due_on=self.day(self.dice.choice((0, 1, 3, 8, 15, 20, 35))),
        )

    def import_many(self) -> None:
        owner = self.dice.choice(OWNERS)
        for _ in range(self.dice.randrange(8, 16)):
            make_debt(
                self.actor, owner=owner, severity="high", due_on=self.day(self.dice.randrange(20))
            )

    def answer(self, item: DebtItem) -> None:
        """One of the things that people do; what a guard refuses is not done."""
        services = ledger_services
        what: list[Callable[[], Any]] = [
            lambda: services.debt_activate(actor=self.approver, item_id=item.pk),
            lambda: services.debt_start_repayment(actor=self.actor, item_id=item.pk),
            lambda: services.debt_roll_back(actor=self.approver, item_id=item.pk, reason="Gone."),
            lambda: services.debt_acknowledge(actor=self.actor, item_id=item.pk),
            lambda: services.debt_snooze(
                actor=self.actor, item_id=item.pk, until=self.day(self.dice.randrange(1, 8))
            ),
            lambda: services.debt_describe(
                actor=self.actor, item_id=item.pk, owner=self.dice.choice(OWNERS)
            ),
            lambda: services.debt_describe(
                actor=self.actor, item_id=item.pk, severity=self.dice.choice(SEVERITIES)
            ),
            lambda: services.debt_extend(
                actor=self.approver,
                item_id=item.pk,
                due_on=self.day(self.dice.randrange(5, 40)),
                reason="It takes longer.",
                interest=Interest.of(2, 4, 9),
            ),
        ]
        with suppress(DisplaceError):
            self.dice.choice(what)()

    def day(self, ahead: int) -> date:
        return clock.today() + timedelta(days=ahead)

    def hour(self) -> None:
        for _ in range(self.dice.randrange(3)):
            self.record()
        if self.dice.random() < 0.04:
            self.import_many()
        items = list(DebtItem.objects.filter(state__in=OPEN_STATES).order_by("pk"))
        for item in self.dice.sample(items, min(len(items), 2)):
            self.answer(item)


@pytest.mark.parametrize(("seed", "whose"), [(1, "payments"), (2, "payments"), (3, "nobody")])
def test_the_preview_is_what_is_then_sent(
    monkeypatch: pytest.MonkeyPatch, seed: int, whose: str
) -> None:
    hands = Hands(monkeypatch, clock.now())
    hands.set("2026-09-20 12:00")
    operator, approver = make_operator(), make_person("cy", Role.ADMIN)
    team = make_team("payments", "ann", "bob", lead="bob")
    other = make_team("search", "dia")
    schedule_update(
        actor=operator, team_id=None, time_zone="Europe/Berlin", country="DE", subdivision="BE"
    )
    channel, twin = make_channel("payments"), make_channel("twin")
    terms = {"team_id": team.pk if whose == "payments" else None, "least_severity": "medium"}
    make_route(operator, make_channel("search"), team_id=other.pk, least_severity="high")
    make_route(operator, channel, **terms)
    play = Play(hands, seed, operator, approver)
    for _ in range(20):
        play.record()
    hands.set("2026-10-01 00:00")
    for _ in range(90):
        for hour in (6, 15):
            hands.at(hour)
            play.hour()
            # At the time of speaking, in summer and in winter: half past nine in Berlin.
            if hour == 6:
                for minutes in (7 * 60 + 30, 8 * 60 + 30):
                    hands.at(*divmod(minutes, 60))
                    digests_make()
        hands.forward()
    hands.set("2026-12-29 22:00")
    preview = route_preview(route=make_route(operator, twin, is_on=False, **terms))
    sent = Digest.objects.filter(channel=channel).order_by("day")
    assert preview.messages == sent.count() > 20
    assert [(one.day, one.debts, one.is_summary) for one in preview.days] == list(
        sent.values_list("day", "items", "is_summary")
    )
    assert preview.since == date(2026, 10, 1)
    escalated = Notice.objects.filter(channel=channel, stage__startswith="lead_")
    summed_up = escalated.filter(digest__is_summary=True)
    assert preview.escalations == escalated.count() - summed_up.count()
    assert preview.mentions >= shown_mentions(channel)
    assert not Digest.objects.filter(channel=twin).exists()


def shown_mentions(channel: Any) -> int:
    """Names called in the rows that were worded, ten of each message at the most."""
    return sum(
        row["mention"] is not None
        for one in Delivery.objects.filter(channel=channel)
        for row in one.message["rows"]
    )


def test_a_rule_without_debts_sends_nothing(db: None) -> None:
    operator = make_operator()
    route = make_route(operator, make_channel("room"), is_on=False)
    preview = route_preview(route=route)
    assert (preview.messages, preview.rows, preview.last) == (0, 0, None)
    assert (preview.until - preview.since).days == 89
    assert Route.objects.get().switched_on_at is None


def test_a_preview_reads_a_fixed_number_of_times(
    db: None, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands(monkeypatch, clock.now())
    operator = make_operator()
    hands.set("2026-09-07 08:00")
    for n in range(40):
        make_debt(operator, owner="olga", due_on=clock.today() + timedelta(days=n))
    route = make_route(operator, make_channel("room"), is_on=False)
    hands.set("2026-11-07 08:00")
    with django_assert_max_num_queries(10):
        assert route_preview(route=route).messages > 20

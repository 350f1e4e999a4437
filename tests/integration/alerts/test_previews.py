"""A preview says what is then sent: any history is played with a rule on, then previewed."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.domain.roles import Role
from alerts.domain.cadence import LEAD_RANK
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


def test_missed_days_differ_from_the_preview_until_they_are_caught_up_with(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preview knows no outage: it shows the days that were missed, and agrees again after them.

    With a weekend, a day off, the clocks moved, an answer, a snooze and an import on the way.
    """
    hands = Hands(monkeypatch, clock.now())
    hands.set("2026-09-01 12:00")
    operator = make_operator()
    team = make_team("payments", "ann", "bob", lead="bob")
    schedule_update(
        actor=operator,
        team_id=None,
        time_zone="Europe/Berlin",
        country="DE",
        subdivision="BE",
        days_off=[date(2026, 10, 14)],
    )
    channel, twin = make_channel("payments"), make_channel("twin")
    make_route(operator, channel, team_id=team.pk)
    dates = [date(2026, 10, day) for day in (2, 8, 15, 21, 26)] + [date(2026, 11, 5)]
    items = [make_debt(operator, owner="ann", due_on=due_on) for due_on in dates]
    away = [date(2026, 10, 20) + timedelta(days=n) for n in range(4)]
    back = date(2026, 10, 26)
    hands.set("2026-10-01 00:00")
    while (today := hands.moment.date()) <= date(2026, 11, 9):
        # Half past nine in Berlin, where the clocks go back on the 25th.
        hands.at(7 if today < date(2026, 10, 25) else 8, 30)
        if today not in away:
            digests_make()
        hands.at(12)
        if today == date(2026, 10, 6):
            ledger_services.debt_acknowledge(actor=operator, item_id=items[0].pk)
        if today == date(2026, 10, 9):
            until = date(2026, 10, 13)
            ledger_services.debt_snooze(actor=operator, item_id=items[1].pk, until=until)
        if today == date(2026, 10, 12):
            for n in range(12):
                make_debt(operator, owner="bob", due_on=today + timedelta(days=n))
        hands.at(0)
        hands.forward()
    hands.set("2026-11-09 12:00")
    route = make_route(operator, twin, is_on=False, team_id=team.pk)
    preview = route_preview(route=route, days=40)
    shown = [(one.day, one.debts, one.is_summary) for one in preview.days]
    digests = Digest.objects.filter(channel=channel).order_by("day")
    sent = list(digests.values_list("day", "items", "is_summary"))
    as_ever = [one for one in shown if one[0] < away[0] or one[0] > back]
    assert [one for one in sent if one[0] != back] == as_ever
    assert len(as_ever) > 12
    assert [day for day, _, is_summary in sent if is_summary] == [date(2026, 10, 13)]
    assert [day for day, _, _ in shown if day in away] == away
    # What comes after them is one message, with the highest stage of each debt and no other.
    caught_up = Notice.objects.filter(digest=digests.get(day=back), rank__lt=LEAD_RANK)
    assert caught_up.count() == caught_up.values("item").distinct().count() > 0
    assert set(Delivery.objects.values_list("channel_id", flat=True)) == {channel.pk}
    assert Delivery.objects.count() == len(sent)


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

"""Digests that somebody asks for instead of waiting for their time."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.domain.roles import Role
from alerts.models import Delivery, Digest, Notice
from alerts.models.digests import Turn
from alerts.selectors.answers import digests_showing
from alerts.selectors.due import speaks_next
from alerts.services.asking import digest_ask, digest_foretold
from alerts.services.channels import channel_disable
from alerts.services.digests import digests_make
from alerts.services.routes import route_switch
from common import clock
from common.errors import Denied, Refused
from tests.builders.alerting import Hands, make_channel, make_operator, make_route, make_team
from tests.builders.debts import make_debt, make_person

pytestmark = pytest.mark.django_db
SATURDAY = date(2026, 11, 21)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands(monkeypatch, clock.now())
    hands.set("2026-11-21 16:00")
    return hands


@pytest.fixture
def operator(db: None, hands: Hands) -> Any:
    return make_operator()


@pytest.fixture
def payments(operator: Any) -> Any:
    return make_team("payments", "ann", "bob", lead="bob")


@pytest.fixture
def rule(operator: Any, payments: Any) -> Any:
    return make_route(operator, make_channel("room", team=payments), team_id=payments.pk)


def debts(operator: Any, *days: date) -> list[Any]:
    return [make_debt(operator, owner="payments", due_on=day) for day in days]


def test_a_first_message_on_a_day_off_shows_what_is_on_record(operator: Any, rule: Any) -> None:
    far, farther = debts(operator, date(2027, 3, 15), date(2027, 5, 14))
    foretold = digest_foretold(actor=operator, route_id=rule.pk)
    assert not Digest.objects.exists()
    delivery = digest_ask(actor=operator, route_id=rule.pk)
    assert delivery.message["title"] == foretold.message.title
    assert foretold.message.title == "Payments: 2 debts are on record, the first for 15 March 2027"
    assert foretold.calls == 0
    assert [row.item_id for row in foretold.message.rows] == [far.pk, farther.pk]
    assert all(row.answers for row in foretold.message.rows)
    assert (Digest.objects.get().day, Turn.objects.get().day) == (SATURDAY, SATURDAY)
    # So that an answer shows in the message.
    assert digests_showing(far.pk, far.due_on, since=delivery.created_at) == [delivery.pk]


def test_a_promise_that_was_named_early_is_named_again_at_its_stages(
    hands: Hands, operator: Any, rule: Any
) -> None:
    debts(operator, date(2027, 1, 4))
    digest_ask(actor=operator, route_id=rule.pk)
    for _ in range(60):
        hands.forward()
        hands.at(9, 30)
        digests_make()
    stages = list(Notice.objects.order_by("pk").values_list("stage", flat=True))
    assert stages[:6] == ["on_record", "in_30", "in_14", "in_7", "in_1", "due"]


def test_what_is_near_is_said_first_and_the_worker_does_not_say_it_again(
    hands: Hands, operator: Any, rule: Any
) -> None:
    hands.set("2026-11-20 12:00")
    debts(operator, SATURDAY - timedelta(days=1), SATURDAY + timedelta(days=2), date(2027, 3, 15))
    hands.set("2026-11-21 16:00")
    message = digest_foretold(actor=operator, route_id=rule.pk).message
    assert message.title == "Payments: 2 debts need you, 1 has expired"
    assert message.facts == ("Further ahead, 1 more promise ends on 15 March 2027.",)
    digest_ask(actor=operator, route_id=rule.pk)
    hands.set("2026-11-23 09:30")
    digests_make()
    last = Delivery.objects.order_by("-pk")[0]
    assert last.message["title"] == "Payments: 2 debts need you, 1 has expired"
    assert [one["when"][:12] for one in last.message["rows"]] == ["Expired on 2", "Expires toda"]


def test_a_digest_is_said_once_a_day_whoever_asks(
    hands: Hands, operator: Any, rule: Any, payments: Any
) -> None:
    hands.set("2026-11-23 08:00")
    debts(operator, date(2026, 11, 25))
    lead = payments.members.get(username="bob")
    digest_ask(actor=lead, route_id=rule.pk)
    debts(operator, date(2026, 11, 26))
    with pytest.raises(Refused, match="has had its digest of today, 23 November 2026"):
        digest_ask(actor=operator, route_id=rule.pk)
    hands.at(9, 30)
    assert digests_make() == 0
    hands.forward()
    assert digests_make() == 1


def test_a_morning_with_nothing_to_say_does_not_stand_in_the_way(
    hands: Hands, operator: Any, rule: Any
) -> None:
    hands.set("2026-11-23 09:30")
    assert digests_make() == 0
    debts(operator, date(2027, 3, 15))
    digest_ask(actor=operator, route_id=rule.pk)
    hands.forward()
    with pytest.raises(Refused, match="nothing to say"):
        digest_ask(actor=operator, route_id=rule.pk)
    assert Turn.objects.get().day == date(2026, 11, 23)


def test_many_debts_are_summed_up(operator: Any, rule: Any) -> None:
    debts(operator, *(date(2027, 3, 1) + timedelta(days=n) for n in range(25)))
    message = digest_ask(actor=operator, route_id=rule.pk).message
    assert message["title"].endswith("25 debts are on record, none has expired")
    assert len(message["rows"]) == 3


def test_nothing_is_said_for_a_rule_or_a_channel_that_is_off(operator: Any, rule: Any) -> None:
    debts(operator, date(2027, 3, 15))
    channel_disable(actor=operator, channel_id=rule.channel_id, reason="")
    with pytest.raises(Refused, match="channel is off"):
        digest_ask(actor=operator, route_id=rule.pk)
    route_switch(actor=operator, route_id=rule.pk, is_on=False)
    with pytest.raises(Refused, match="rule is off"):
        digest_foretold(actor=operator, route_id=rule.pk)
    assert not Turn.objects.filter(day__isnull=False).exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER])
def test_only_who_looks_after_the_rule_may_ask(operator: Any, rule: Any, role: Role) -> None:
    debts(operator, date(2027, 3, 15))
    stranger = make_person("mallory", role)
    for ask in (digest_ask, digest_foretold):
        with pytest.raises(Denied):
            ask(actor=stranger, route_id=rule.pk)
    assert not Digest.objects.exists()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-21 16:00", "2026-11-23 09:30"),
        ("2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-23 19:00", "2026-11-24 09:30"),
    ],
)
def test_when_a_rule_speaks_next(hands: Hands, rule: Any, moment: str, expected: str) -> None:
    now = hands.set(moment)
    found = speaks_next(channel_id=rule.channel_id, team_id=rule.team_id, now=now)
    assert f"{found:%Y-%m-%d %H:%M}" == expected
    if found == now:
        digests_make()
        later = speaks_next(channel_id=rule.channel_id, team_id=rule.team_id, now=now)
        assert f"{later:%Y-%m-%d %H:%M}" == "2026-11-24 09:30"

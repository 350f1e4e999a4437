"""Several answers in the same moment: each counts once, and none is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts.domain.roles import Role
from alerts.domain.messages import Answer, from_json
from alerts.models import Channel, ChatIdentity, Delivery, GivenAnswer
from alerts.services.answers import answer_give
from alerts.services.channels import channel_create
from alerts.services.identities import code_make, identity_link
from common.errors import Refused
from ledger.models import DebtEvent
from tests.builders.answering import admin, offers, slack_channel, slack_press, slack_request, tell
from tests.builders.debts import make_active_debt, make_person

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
AT_ONCE = 6
PATIENCE = 20


def together(work: Callable[[int], Any], count: int = AT_ONCE) -> list[Any]:
    barrier = Barrier(count)

    def one(number: int) -> Any:
        try:
            barrier.wait(PATIENCE)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def ann() -> Any:
    cache.clear()
    return make_person("ann")


@pytest.fixture
def boss() -> Any:
    return make_person("boss", Role.APPROVER)


@pytest.mark.parametrize("round_", range(3))
def test_a_link_sent_off_at_once_acts_once(ann: Any, boss: Any, round_: int) -> None:
    debt = make_active_debt(ann, boss)
    values = {
        "token": "xoxb-1234567890-abcdef", "channel": "D0123456789",
        "api": "https://slack.invalid/api",
    }  # fmt: skip
    own = channel_create(actor=admin(), kind="slack", name="own", values=values, person_id=ann.pk)
    path = urlsplit(offers(own, debt)[Answer.START_REPAYMENT].url).path
    statuses = together(lambda _: Client().post(path).status_code)
    assert set(statuses) <= {200, 302, 422}
    assert GivenAnswer.objects.filter(is_done=True).count() == 1
    assert DebtEvent.objects.filter(type="repayment_started").count() == 1


def test_a_request_of_slack_sent_at_once_is_taken_once(ann: Any) -> None:
    channel = slack_channel()
    request = slack_request(slack_press("x", actions=[]))
    address = f"/chat/slack/{channel.key}/actions"
    statuses = together(lambda _: Client().post(address, **request).status_code)
    assert sorted(statuses) == [200] + [401] * (AT_ONCE - 1)


def test_a_code_typed_at_once_links_one_account(ann: Any) -> None:
    code = code_make(user=ann)

    def link(number: int) -> bool:
        try:
            identity_link(code=code, kind="slack", workspace="", chat_id=f"U{number}", chat_name="")
        except Refused:
            return False
        return True

    assert sum(together(link)) == 1
    assert ChatIdentity.objects.count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_the_last_change_of_a_message_holds_every_answer(ann: Any, boss: Any, round_: int) -> None:
    debts = [make_active_debt(ann, boss, title=f"Number {number}") for number in range(4)]
    channels = [slack_channel(name=f"room {number}") for number in range(2)]
    sent = [tell(channel, *debts) for channel in channels]

    def see(number: int) -> bool:
        return answer_give(
            user=ann, item_id=debts[number].pk, due_on=debts[number].due_on,
            answer=Answer.ACKNOWLEDGE, via="slack",
        ).is_done  # fmt: skip

    assert all(together(see, len(debts)))
    for delivery in sent:
        (last,) = Delivery.objects.filter(target=delivery, state="waiting")
        assert [row.note for row in from_json(last.message).rows] == ["Ann has seen it."] * 4
    assert Channel.objects.count() == 2


def test_many_people_answer_the_same_debt(ann: Any, boss: Any) -> None:
    debt = make_active_debt(ann, boss)
    people = [make_person(f"person{number}") for number in range(AT_ONCE)]
    given = together(
        lambda number: answer_give(
            user=people[number], item_id=debt.pk, due_on=debt.due_on,
            answer=Answer.ACKNOWLEDGE, via="slack",
        )
    )  # fmt: skip
    assert [one.said for one in given if not one.is_done] == []

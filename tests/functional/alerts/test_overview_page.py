"""The first page of alerts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from alerts.models import Delivery, Digest
from common import clock
from tests.builders.alert_channels import channel as make_channel
from tests.builders.alert_channels import queued
from tests.builders.alerting import Hands, make_route, make_team
from tests.builders.debts import make_person

pytestmark = pytest.mark.django_db
OVERVIEW = "/alerts/"
SignIn = Callable[..., Client]
KIND = "mattermost_webhook"


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture(autouse=True)
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    clock = Hands(monkeypatch, None)
    clock.set("2026-11-18 12:00")
    return clock


def test_the_first_steps_lead_on(signed_in: SignIn) -> None:
    operator = make_person("olga", Role.OPERATOR)
    client, reader = signed_in(operator), signed_in(Role.VIEWER)
    assert 'href="/alerts/channels/new/">Add a channel' in text_of(client.get(OVERVIEW))
    assert "/alerts/channels/new/" not in text_of(reader.get(OVERVIEW))
    room = make_channel("Room", kind=KIND)
    assert 'href="/alerts/rules/new/">Make a rule' in text_of(client.get(OVERVIEW))
    make_route(operator, room, is_on=False)
    assert "Go to the rules" in text_of(client.get(OVERVIEW))


def test_who_is_told_what_today_and_next(signed_in: SignIn) -> None:
    operator = make_person("olga", Role.OPERATOR)
    payments = make_team("payments")
    make_team("logistics")
    rooms = [make_channel(f"Room {number}", kind=KIND) for number in range(2)]
    make_route(operator, rooms[0], team_id=payments.pk)
    make_route(operator, rooms[0], team_id=payments.pk, system="shop")
    make_route(operator, rooms[1], team_id=payments.pk)
    digest = Digest.objects.create(
        channel=rooms[0], team=payments, day=clock.today(), created_at=clock.now(), items=7
    )
    queued(rooms[0], digest_id=digest.pk)
    page = text_of(signed_in(Role.VIEWER).get(OVERVIEW))
    assert "7 debts" in page
    assert "tomorrow at 09:30" in page
    assert page.count(">Room 0</a>") == 1
    assert "1 team has no rule of their own" in page
    assert "said nowhere" in page
    make_route(operator, rooms[1], name="The rest")
    page = text_of(signed_in(Role.CONTRIBUTOR).get(OVERVIEW))
    assert "said nowhere" not in page
    assert "Everybody else" in page
    assert "Logistics" not in page


def test_what_needs_somebody_comes_first(signed_in: SignIn) -> None:
    operator = make_person("olga", Role.OPERATOR)
    room = make_channel("Room", kind=KIND)
    make_route(operator, room)
    client = signed_in(operator)
    assert "Everything has gone out." in text_of(client.get(OVERVIEW))
    queued(room, 4)
    assert "4 messages are on the way" in text_of(client.get(OVERVIEW))
    Delivery.objects.update(state="dead", error="<b>Gone</b>")
    broken = make_channel(
        "Broken", kind=KIND, disabled_at=clock.now(), disabled_reason="The bot was removed."
    )
    queued(broken, 2)
    page = text_of(client.get(OVERVIEW))
    assert "4 messages were given up" in page
    assert "&lt;b&gt;Gone&lt;/b&gt;" in page
    assert "1 channel is in trouble" in page
    assert "The bot was removed." in page
    assert "2 messages wait" in page


def test_many_teams_cost_no_more_queries(
    signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    operator = make_person("olga", Role.OPERATOR)
    for number in range(40):
        team = make_team(f"team-{number:02}")
        room = make_channel(f"Room {number:02}", kind=KIND, failures=number % 3)
        make_route(operator, room, team_id=team.pk)
        digest = Digest.objects.create(
            channel=room, team=team, day=clock.today(), created_at=clock.now(), items=3
        )
        queued(room, digest_id=digest.pk)
    Delivery.objects.filter(pk__lt=Delivery.objects.first().pk - 20).update(state="dead")
    client = signed_in(operator)
    with django_assert_max_num_queries(22):
        page = text_of(client.get(OVERVIEW))
    assert "of 40 teams" in page
    assert "Team-39" in text_of(client.get(f"{OVERVIEW}?page=2"))


@pytest.mark.parametrize(
    "path", ["", "channels/", "rules/", "working-days/", "deliveries/", "me/", "channels/new/"]
)
def test_a_stranger_is_asked_to_sign_in(path: str, db: None) -> None:
    answer = Client().get(OVERVIEW + path)
    assert answer.status_code == 302
    assert "sign-in" in answer["Location"]

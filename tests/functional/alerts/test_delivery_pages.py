"""The log of deliveries and the page of one."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from alerts.domain.states import DeliveryKind
from alerts.models import Attempt, Delivery
from alerts.services.outbox import Draft, deliveries_queue
from common import clock
from tests.builders.alert_channels import channel as make_channel
from tests.builders.alert_channels import queued
from tests.builders.alert_messages import message
from tests.builders.debts import make_person

pytestmark = pytest.mark.django_db
LOG = "/alerts/deliveries/"
SignIn = Callable[..., Client]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def delivery(db: None) -> Delivery:
    room = make_channel("Payments", kind="mattermost_webhook")
    hostile = message(rows=1, title="<script>alert(1)</script> 3 debts", more=2)
    deliveries_queue([Draft(room.pk, hostile, DeliveryKind.DIGEST, "one")])
    return Delivery.objects.get()


def test_a_message_is_shown_as_it_was_written(signed_in: SignIn, delivery: Delivery) -> None:
    page = signed_in(Role.VIEWER).get(f"{LOG}{delivery.pk}/")
    text = text_of(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 3 debts" in text
    assert "<script>alert(1)" not in text
    assert "and 2 more" in text
    assert "Not tried yet." in text
    assert "Drop the message" not in text


def test_every_try_is_told_with_the_services_words(signed_in: SignIn, delivery: Delivery) -> None:
    for number, outcome in enumerate(("failed", "limited", "unknown", "lost"), start=1):
        Attempt.objects.create(
            delivery=delivery, number=number, started_at=clock.now(), outcome=outcome,
            status=429, said=f"<i>busy {number}</i>",
        )  # fmt: skip
    Delivery.objects.update(state="unknown", attempts=4, error="No answer in time.")
    text = text_of(signed_in(Role.VIEWER).get(f"{LOG}{delivery.pk}/"))
    for words in ("Not confirmed", "Asked to wait", "Broken off", "No answer in time."):
        assert words in text
    assert "&lt;i&gt;busy 4&lt;/i&gt;" in text


def test_a_message_is_dropped_with_a_reason_and_tried_again(
    signed_in: SignIn, delivery: Delivery
) -> None:
    client, page = signed_in(Role.OPERATOR), f"{LOG}{delivery.pk}/"
    assert client.post(f"{page}drop/", {"reason": " "}).status_code == 422
    assert client.post(f"{page}drop/", {"reason": "Told by word of mouth"}).status_code == 302
    text = text_of(client.get(page))
    assert "Told by word of mouth" in text
    assert "Dropped" in text
    client.post(f"{page}retry/")
    delivery.refresh_from_db()
    assert delivery.state == "waiting"


def test_nobody_else_decides_about_a_message(signed_in: SignIn, delivery: Delivery) -> None:
    client = signed_in(Role.APPROVER)
    for part in ("drop/", "retry/"):
        answer = client.post(f"{LOG}{delivery.pk}/{part}", {"reason": "No"})
        assert answer.status_code == 403
    delivery.refresh_from_db()
    assert delivery.state == "waiting"


def test_what_was_sent_offers_nothing(signed_in: SignIn, delivery: Delivery) -> None:
    Delivery.objects.update(state="sent", sent_at=clock.now())
    client = signed_in(Role.OPERATOR)
    text = text_of(client.get(f"{LOG}{delivery.pk}/"))
    assert "Drop the message" not in text
    assert "Try again" not in text
    assert "sent" in text_of(client.post(f"{LOG}{delivery.pk}/retry/", follow=True))


def test_the_log_is_searched_and_filtered(
    signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    rooms = [make_channel(f"Room {number}", kind="mattermost_webhook") for number in range(3)]
    for room in rooms:
        queued(room, 25)
    Delivery.objects.filter(channel=rooms[1]).update(state="dead", error="Gone.")
    client = signed_in(make_person("olga", Role.OPERATOR))
    with django_assert_max_num_queries(10):
        page = text_of(client.get(LOG))
    assert "50 messages on this page" in page
    assert "25 messages were given up" in page
    assert "Room 1" not in rows_of(client.get(f"{LOG}?state=open"))
    assert "25 messages on this page" in text_of(client.get(f"{LOG}?state=dead"))
    assert "Room 2" not in rows_of(client.get(f"{LOG}?channel={rooms[0].pk}"))
    assert "3 messages on this page" in text_of(client.get(f"{LOG}?q=message+11"))
    for odd in (
        "state=x",
        "kind=x",
        "channel=%C2%B2",
        "channel=1'",
        "older=-4",
        "newer=x",
        "q=%00",
    ):
        assert client.get(f"{LOG}?{odd}").status_code == 200
    assert "Nothing matches" in text_of(client.get(f"{LOG}?q=nowhere"))


def test_the_log_is_leafed_through_from_message_to_message(signed_in: SignIn) -> None:
    room = make_channel("Room", kind="mattermost_webhook")
    numbers = [one.pk for one in reversed(queued(room, 120))]
    client = signed_in(make_person("olga", Role.OPERATOR))

    def leaf(query: str) -> tuple[list[int], str]:
        answer = client.get(f"{LOG}{query}")
        shown = re.findall(r'row-link" href="/alerts/deliveries/(\d+)/', answer.content.decode())
        return list(map(int, shown)), answer.content.decode()

    first, page = leaf("")
    assert first == numbers[:50]
    assert 'rel="prev"' not in page
    # What comes meanwhile moves no row from one page to the next.
    queued(room, 3)
    second, page = leaf(f"?older={first[-1]}")
    assert second == numbers[50:100]
    assert f"?newer={second[0]}" in page
    last, page = leaf(f"?older={second[-1]}")
    assert last == numbers[100:]
    assert 'rel="next"' not in page
    back, page = leaf(f"?newer={last[0]}")
    assert back == second
    assert 'rel="next"' in page
    assert 'rel="prev"' in page
    assert "Nothing matches" in leaf(f"?older={numbers[-1]}")[1]


def test_an_empty_log_says_so(signed_in: SignIn) -> None:
    assert "Nothing was sent yet" in text_of(signed_in(Role.VIEWER).get(LOG))


def rows_of(answer: Any) -> str:
    """The table alone, without the choices of the filter."""
    return text_of(answer).split("<tbody", maxsplit=1)[1]

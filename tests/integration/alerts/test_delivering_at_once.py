"""Several workers at once: each message is sent once, and one of them sends into a channel."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from alerts.channels.kind import Rate
from alerts.domain.states import DeliveryState
from alerts.models import Attempt, Channel, Delivery
from alerts.services import attempts, delivering
from alerts.services.announcing import troubles_announce
from alerts.services.outbox import Draft, deliveries_queue
from tests.builders.alert_channels import FAST, channel, queued
from tests.fakes.odd_service import OddService
from tests.integration.alerts.delivery_fixtures import loop, odd
from tests.integration.alerts.test_delivering import draft

__all__ = ["loop", "odd"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.usefixtures("loop"),
]
AT_ONCE = 6


def together(work: Any) -> list[Any]:
    begin = threading.Barrier(AT_ONCE)

    def one(_number: int) -> Any:
        begin.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_one_of_them_gets_the_claim(odd: OddService) -> None:
    room = channel("room", odd.url("ok"))
    queued(room, AT_ONCE)
    found = together(lambda: attempts.claim(channel_id=room.pk, rate=FAST))
    assert sum(isinstance(one, attempts.Claim) for one in found) == 1
    assert Attempt.objects.count() == 1


def test_each_message_is_sent_once(odd: OddService) -> None:
    rooms = [channel(f"room {number}", odd.url("ok")) for number in range(3)]
    rows = [row for room in rooms for row in queued(room, 10)]

    def work() -> None:
        while Delivery.objects.exclude(state=DeliveryState.SENT).exists():
            for room in rooms:
                delivering.channel_deliver(channel_id=room.pk, limit=2)

    together(work)
    assert odd.keys == {str(row.key): 1 for row in rows}
    assert Attempt.objects.count() == len(rows)


def test_together_they_keep_the_limit(odd: OddService) -> None:
    room = channel("room", odd.url("ok"), tokens=4)
    queued(room, 20)
    slow = Rate(per_second=0.001, burst=4)

    def work() -> int:
        count = 0
        for _ in range(20):
            held = attempts.claim(channel_id=room.pk, rate=slow)
            if isinstance(held, attempts.Claim):
                attempts.succeeded(held, attempts.Receipt("1"))
                count += 1
        return count

    assert sum(together(work)) <= 4
    assert Channel.objects.get().tokens < 1


def test_the_same_fact_at_once_makes_one_message(odd: OddService) -> None:
    room = channel("room", odd.url("ok"))
    drafts: list[Draft] = [draft(room), draft(room, "other")]
    assert sum(together(lambda: deliveries_queue(drafts))) == 2
    assert Delivery.objects.count() == 2


def test_a_trouble_is_told_of_once(odd: OddService) -> None:
    channel("other")
    room = channel("room", odd.url("404"))
    queued(room)
    delivering.channel_deliver(channel_id=room.pk)
    assert sum(together(troubles_announce)) == 1
    assert Delivery.objects.filter(kind="notice").count() == 1

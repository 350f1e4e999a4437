"""The outbox and its delivery: what is sent when, in which order, by whom."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.domain.roles import Role
from alerts.channels.kind import Rate
from alerts.domain.messages import Message
from alerts.domain.states import DeliveryKind, DeliveryState, Outcome
from alerts.models import Attempt, Channel, Delivery
from alerts.selectors import deliveries as selected
from alerts.services import attempts, deliveries, delivering
from alerts.services.attempts import Wait
from alerts.services.delivering import Turn
from alerts.services.giving_up import deliveries_give_up, deliveries_prune
from alerts.services.leases import leases_end
from alerts.services.outbox import Draft, deliveries_queue, delivery_queue
from common import clock
from common.errors import Denied, NotFound, Refused
from tests.builders.alert_channels import FAST, Loop, channel, queued
from tests.builders.debts import make_person
from tests.fakes.odd_service import OddService
from tests.integration.alerts.delivery_fixtures import Clock, loop, moved, odd

__all__ = ["loop", "moved", "odd"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loop")]

MESSAGE = Message("Payments: 1 debt needs you", "It has expired.")


def draft(into: Channel, dedupe: str = "fact", **changes: object) -> Draft:
    return Draft(into.pk, MESSAGE, DeliveryKind.DIGEST, dedupe, **changes)


def test_a_fact_asks_once(odd: OddService) -> None:
    room = channel("room", odd.url("ok"))
    assert deliveries_queue([draft(room), draft(room), draft(room, "other")]) == 2
    assert delivery_queue(draft(room)) is False
    assert Delivery.objects.count() == 2


def test_what_is_rolled_back_leaves_no_message() -> None:
    room = channel("room")

    def fail() -> None:
        with transaction.atomic():
            delivery_queue(draft(room))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Delivery.objects.exists()


def test_text_that_no_database_stores_is_made_storable() -> None:
    room = channel("room")
    message = Message("a\0b", "c\ud800d", facts=("\0",))
    delivery_queue(Draft(room.pk, message, DeliveryKind.DIGEST, "fact"))
    stored = Delivery.objects.get()
    assert stored.message["title"] == "a\ufffdb"
    assert stored.message["lead"] == "c?d"
    assert stored.search_text.startswith("a\ufffdb")


def test_an_edit_needs_what_it_changes() -> None:
    room = channel("room")
    with pytest.raises(ValueError, match="belong"):
        delivery_queue(Draft(room.pk, MESSAGE, DeliveryKind.EDIT, "fact"))
    with pytest.raises(ValueError, match="201"):
        delivery_queue(draft(room, "x" * 201))


def test_messages_go_out_in_their_order_with_a_trace(odd: OddService) -> None:
    room = channel("room", odd.url("ok"))
    rows = queued(room, 5)
    assert delivering.channel_deliver(channel_id=room.pk) == 5
    assert [message["title"] for message in odd.messages] == [f"Message {n}" for n in range(5)]
    assert [message["key"] for message in odd.messages] == [str(row.key) for row in rows]
    first = Delivery.objects.get(pk=rows[0].pk)
    assert (first.state, first.attempts, first.remote["remote_id"]) == ("sent", 1, "1")
    assert first.sent_at is not None
    assert first.lease_until is None
    tried = Attempt.objects.get(delivery=first)
    assert (tried.number, tried.outcome, tried.status) == (1, "sent", 200)
    assert tried.ended_at is not None
    room.refresh_from_db()
    assert room.last_sent_at is not None


def test_a_change_waits_for_its_message_and_for_the_change_before(
    odd: OddService, moved: Clock
) -> None:
    room = channel("room", odd.url("500"))
    (first,) = queued(room)
    one = queued(room, kind=DeliveryKind.EDIT, target_id=first.pk)[0]
    two = queued(room, kind=DeliveryKind.EDIT, target_id=first.pk)[0]
    below = queued(room, kind=DeliveryKind.REPLY, target_id=first.pk)[0]
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    assert odd.seen["500"] == 1
    assert delivering.channels_with_work(clock.now()) == []
    moved.past_every_pause()
    channel_now_at(room, odd.url("ok"))
    assert delivering.channel_deliver(channel_id=room.pk) == 4
    assert [(m["how"], m["before"]) for m in odd.messages] == [
        ("send", ""), ("edit", "1"), ("edit", "1"), ("reply", "1"),
    ]  # fmt: skip
    keys = [str(one.key) for one in (first, one, two, below)]
    assert [m["key"] for m in odd.messages] == keys


def test_two_changes_of_one_message_never_pass_each_other(odd: OddService, moved: Clock) -> None:
    room = channel("room", odd.url("ok"))
    (first,) = queued(room)
    delivering.channel_deliver(channel_id=room.pk)
    queued(room, kind=DeliveryKind.EDIT, target_id=first.pk)
    queued(room, kind=DeliveryKind.EDIT, target_id=first.pk)
    channel_now_at(room, odd.url("500"))
    delivering.channel_deliver(channel_id=room.pk)
    assert odd.seen["500"] == 1


def channel_now_at(room: Channel, url: str) -> None:
    fresh = channel(f"{room.name} elsewhere", url)
    Channel.objects.filter(pk=room.pk).update(secret=fresh.secret)
    fresh.delete()


def test_one_sender_at_a_time(odd: OddService) -> None:
    room = channel("room", odd.url("ok"))
    queued(room, 2)
    held = attempts.claim(channel_id=room.pk, rate=FAST)
    assert isinstance(held, attempts.Claim)
    assert attempts.claim(channel_id=room.pk, rate=FAST) is None
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    assert delivering.channels_with_work(clock.now()) == []


def test_a_lease_that_ran_out_leaves_an_unknown_message(odd: OddService, moved: Clock) -> None:
    room = channel("room", odd.url("ok"))
    (row,) = queued(room)
    late = attempts.claim(channel_id=room.pk, rate=FAST)
    assert isinstance(late, attempts.Claim)
    assert leases_end(now=clock.now()) == 0
    moved.move(seconds=121)
    assert delivering.channels_with_work(clock.now()) == []  # the sweep takes the lease back first
    assert deliveries_give_up() == 0
    assert delivering.channels_with_work(clock.now()) == [room.pk]
    row.refresh_from_db()
    assert row.state == DeliveryState.UNKNOWN
    assert row.tries.get().outcome == Outcome.LOST
    # The worker was only slow: what it writes now goes nowhere, except into its own trace.
    assert attempts.succeeded(late, attempts.Receipt("late")) is False
    row.refresh_from_db()
    assert (row.state, row.remote) == (DeliveryState.UNKNOWN, {})
    assert row.tries.get().outcome == Outcome.SENT
    assert delivering.channel_deliver(channel_id=room.pk) == 1
    assert odd.messages[0]["attempt"] == 2
    assert odd.messages[0]["key"] == str(row.key)


def test_a_claim_takes_back_what_ran_out_in_its_channel(odd: OddService, moved: Clock) -> None:
    room = channel("room", odd.url("ok"))
    queued(room, 2)
    attempts.claim(channel_id=room.pk, rate=FAST)
    moved.move(seconds=121)
    assert delivering.channel_deliver(channel_id=room.pk) == 2


def test_a_message_that_kills_its_workers_is_tried_less_often(moved: Clock) -> None:
    room = channel("room")
    (row,) = queued(room)
    for _ in range(3):
        assert isinstance(attempts.claim(channel_id=room.pk, rate=FAST), attempts.Claim)
        moved.move(seconds=121)
        leases_end(now=clock.now())
        row.refresh_from_db()
        assert row.next_attempt_at == clock.now() or row.next_attempt_at < clock.now()
    assert isinstance(attempts.claim(channel_id=room.pk, rate=FAST), attempts.Claim)
    moved.move(seconds=121)
    before = clock.now()
    leases_end(now=before)
    row.refresh_from_db()
    assert row.next_attempt_at >= before + timedelta(seconds=1)


def test_a_limit_is_kept(odd: OddService, moved: Clock) -> None:
    room = channel("room", odd.url("ok"), tokens=2, tokens_at=clock.now())
    queued(room, 4)
    rate = Rate(per_second=0.1, burst=2)
    for _ in range(2):
        held = attempts.claim(channel_id=room.pk, rate=rate)
        assert isinstance(held, attempts.Claim)
        attempts.succeeded(held, attempts.Receipt("1"))
    refused = attempts.claim(channel_id=room.pk, rate=rate)
    assert isinstance(refused, Wait)
    assert timedelta(seconds=9) < refused.until - clock.now() <= timedelta(seconds=10)
    moved.move(seconds=10.1)
    assert isinstance(attempts.claim(channel_id=room.pk, rate=rate), attempts.Claim)


def test_the_bucket_fills_from_the_end_of_an_attempt(moved: Clock) -> None:
    room = channel("room", tokens=1, tokens_at=clock.now())
    queued(room, 2)
    rate = Rate(per_second=0.1, burst=1)
    held = attempts.claim(channel_id=room.pk, rate=rate)
    assert isinstance(held, attempts.Claim)
    moved.move(seconds=9)  # so long the message was on its way
    attempts.succeeded(held, attempts.Receipt("1"))
    moved.move(seconds=9)
    refused = attempts.claim(channel_id=room.pk, rate=rate)
    assert isinstance(refused, Wait)
    moved.move(seconds=1.1)
    assert isinstance(attempts.claim(channel_id=room.pk, rate=rate), attempts.Claim)


def test_a_clock_that_was_set_back_holds_no_channel_up(moved: Clock) -> None:
    room = channel("room", tokens=0, tokens_at=clock.now() + timedelta(hours=1))
    queued(room)
    rate = Rate(per_second=1, burst=1)
    assert isinstance(attempts.claim(channel_id=room.pk, rate=rate), Wait)
    moved.move(seconds=1.1)
    assert isinstance(attempts.claim(channel_id=room.pk, rate=rate), attempts.Claim)


def test_channels_at_their_limit_keep_no_other_one_out(
    odd: OddService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selected, "MOST_AT_ONCE", 1)
    rooms = [channel(f"room {number}", odd.url("ok")) for number in range(3)]
    for room in rooms:
        queued(room, 5)
    served = []
    for _ in rooms:
        served += delivering.channels_with_work(clock.now())
        delivering.channel_deliver(channel_id=served[-1], limit=1)
    assert sorted(served) == [room.pk for room in rooms]


def test_a_turn_says_when_the_next_one_is(
    odd: OddService, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(loop), "rate", Rate(per_second=0.05, burst=2))
    room = channel("room", odd.url("ok"), tokens=2)
    assert delivering.channel_turn(channel_id=room.pk) == Turn(0, None)
    queued(room, 3)
    turn = delivering.channel_turn(channel_id=room.pk)
    assert turn.sent == 2
    assert turn.again_in is not None
    assert 10 < turn.again_in < 21
    # Whoever comes in between only asks, and does not come back by itself.
    assert delivering.channel_turn(channel_id=room.pk) == Turn(0, None)


def test_a_long_turn_ends_for_the_others_sake(
    odd: OddService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MOST_MESSAGES", 2)
    room = channel("room", odd.url("ok"))
    queued(room, 3)
    assert delivering.channel_turn(channel_id=room.pk) == Turn(2, 0.0)
    assert delivering.channel_turn(channel_id=room.pk) == Turn(1, None)


def test_a_channel_that_is_off_keeps_its_messages(odd: OddService) -> None:
    room = channel("room", odd.url("ok"), disabled_at=clock.now())
    queued(room)
    assert delivering.channels_with_work(clock.now()) == []
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    Channel.objects.update(disabled_at=None)
    assert delivering.channel_deliver(channel_id=room.pk) == 1


def test_a_kind_that_nobody_knows_switches_the_channel_off() -> None:
    room = channel("room", kind="telepathy")
    queued(room)
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    room.refresh_from_db()
    assert "telepathy" in room.disabled_reason


def test_a_mistake_in_a_kind_stops_nothing_and_betrays_nothing(
    odd: OddService, loop: Loop, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = channel("room", odd.url("ok"))
    (row,) = queued(room)

    def broken(*_arguments: object) -> None:
        raise RuntimeError("https://chat.example/secret-token")

    monkeypatch.setattr(loop, "_post", broken)
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    row.refresh_from_db()
    assert row.state == DeliveryState.UNKNOWN
    assert "RuntimeError" in caplog.text
    assert "secret-token" not in caplog.text + row.error


def test_a_secret_that_no_key_opens_is_no_attempt_at_the_service(odd: OddService, settings) -> None:
    room = channel("room", odd.url("ok"))
    (row,) = queued(room)
    settings.ENCRYPTION_KEYS = ("YW5vdGhlci1rZXktb2YtMzItYnl0ZXMtZm9yLXRlc3Q=",)
    delivering.channel_deliver(channel_id=room.pk)
    row.refresh_from_db()
    assert row.state == DeliveryState.WAITING
    assert "DISPLACE_ENCRYPTION_KEYS" in row.error
    assert not odd.seen


def test_a_test_message_shows_the_services_own_answer(odd: OddService) -> None:
    ann = make_person("ann", Role.OPERATOR)
    room = channel("room", odd.url("ok"), disabled_at=clock.now())
    result = delivering.test_send(actor=ann, channel_id=room.pk)
    assert (result.is_sent, result.said, result.status) == (True, "ok", 200)
    assert Delivery.objects.get(pk=result.delivery_id).state == DeliveryState.SENT
    bad = channel("bad", odd.url("404"))
    result = delivering.test_send(actor=ann, channel_id=bad.pk)
    assert (result.is_sent, result.status) == (False, 404)
    assert "no, 404" in result.said
    stored = Delivery.objects.get(pk=result.delivery_id)
    assert stored.state == DeliveryState.DROPPED
    bad.refresh_from_db()
    assert bad.is_on  # a test finds out; it switches nothing off
    assert odd.url("404") not in stored.error


def test_a_test_message_needs_a_manager_and_a_free_limit(odd: OddService, loop: Loop) -> None:
    room = channel("room", odd.url("ok"), tokens=0)
    with pytest.raises(Denied):
        delivering.test_send(actor=make_person("vic", Role.APPROVER), channel_id=room.pk)
    ann = make_person("ann", Role.OPERATOR)
    with pytest.raises(NotFound):
        delivering.test_send(actor=ann, channel_id=room.pk + 1)
    type(loop).rate = Rate(per_second=0.01, burst=1)
    try:
        with pytest.raises(Refused, match="no more messages for"):
            delivering.test_send(actor=ann, channel_id=room.pk)
    finally:
        type(loop).rate = FAST
    assert not Delivery.objects.exists()


def test_a_test_that_waits_for_its_token_is_left_alone(odd: OddService) -> None:
    room = channel("room", odd.url("ok"))
    row = delivering._test_delivery(room, MESSAGE)
    assert delivering.channels_with_work(clock.now()) == []
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    deliveries_give_up()
    assert isinstance(attempts.claim_test(channel=room, delivery=row, rate=FAST), attempts.Claim)


def test_a_test_that_was_cut_off_is_not_repeated(odd: OddService, moved: Clock) -> None:
    room = channel("room", odd.url("ok"))
    row = delivering._test_delivery(room, MESSAGE)
    attempts.claim_test(channel=room, delivery=row, rate=FAST)
    moved.move(seconds=121)
    deliveries_give_up()
    row.refresh_from_db()
    assert row.state == DeliveryState.DROPPED
    assert not odd.seen


def test_a_person_tries_again_or_drops(odd: OddService) -> None:
    ann, vic = make_person("ann", Role.OPERATOR), make_person("vic", Role.VIEWER)
    room = channel("room", odd.url("402"))
    one, two, three = queued(room, 3)
    delivering.channel_deliver(channel_id=room.pk)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dead"}
    with pytest.raises(Denied):
        deliveries.delivery_retry(actor=vic, delivery_id=one.pk)
    with pytest.raises(Refused, match="Say why"):
        deliveries.delivery_drop(actor=ann, delivery_id=one.pk, reason="  ")
    dropped = deliveries.delivery_drop(actor=ann, delivery_id=one.pk, reason="said by phone")
    assert (dropped.state, dropped.error) == ("dropped", "Dropped by ann: said by phone")
    channel_now_at(room, odd.url("ok"))
    assert deliveries.delivery_retry(actor=ann, delivery_id=two.pk).state == "waiting"
    assert deliveries.channel_retry(actor=ann, channel_id=room.pk) == 1
    assert delivering.channel_deliver(channel_id=room.pk) == 2
    assert Delivery.objects.get(pk=three.pk).attempts == 2
    with pytest.raises(Refused, match="sent"):
        deliveries.delivery_drop(actor=ann, delivery_id=two.pk, reason="too late")


def test_a_change_is_not_tried_again_after_a_later_one(odd: OddService, moved: Clock) -> None:
    ann = make_person("ann", Role.OPERATOR)
    room = channel("room", odd.url("ok"))
    (first,) = queued(room)
    delivering.channel_deliver(channel_id=room.pk)
    channel_now_at(room, odd.url("402"))
    (older,) = queued(room, kind=DeliveryKind.EDIT, target_id=first.pk)
    delivering.channel_deliver(channel_id=room.pk)
    channel_now_at(room, odd.url("ok"))
    (newer,) = queued(room, kind=DeliveryKind.EDIT, target_id=first.pk)
    delivering.channel_deliver(channel_id=room.pk)
    assert list(odd.keys) == [str(first.key), str(newer.key)]
    with pytest.raises(Refused, match="out of date"):
        deliveries.delivery_retry(actor=ann, delivery_id=older.pk)
    assert deliveries.channel_retry(actor=ann, channel_id=room.pk) == 0


def test_what_belongs_to_a_dropped_message_goes_with_it(odd: OddService) -> None:
    ann = make_person("ann", Role.OPERATOR)
    room = channel("room", odd.url("500"))
    (first,) = queued(room)
    (change,) = queued(room, kind=DeliveryKind.EDIT, target_id=first.pk)
    deliveries.delivery_drop(actor=ann, delivery_id=first.pk, reason="wrong")
    change.refresh_from_db()
    assert change.state == DeliveryState.DROPPED


def test_old_messages_are_forgotten_but_not_what_a_young_one_changes(
    odd: OddService, moved: Clock
) -> None:
    room = channel("room", odd.url("ok"))
    old, kept = queued(room, 2)
    delivering.channel_deliver(channel_id=room.pk)
    waiting = queued(channel("off", disabled_at=clock.now()))[0]
    moved.move(days=91)
    young = queued(room, kind=DeliveryKind.EDIT, target_id=kept.pk)[0]
    assert deliveries_prune() == 1
    left = set(Delivery.objects.values_list("pk", flat=True))
    assert left == {kept.pk, waiting.pk, young.pk}
    assert old.pk not in left

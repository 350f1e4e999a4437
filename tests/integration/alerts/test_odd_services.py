"""What a service may answer, or not: nothing is lost, nothing is called failed that is unknown."""

import socket
import tracemalloc
from datetime import timedelta

import pytest

from alerts.domain.states import DeliveryState, Outcome
from alerts.models import Attempt, Channel, Delivery
from alerts.services import delivering
from common import clock, http
from tests.builders.alert_channels import Loop, channel, queued
from tests.fakes.loopback import Reply, service
from tests.fakes.odd_service import GIGABYTE, OddService
from tests.integration.alerts.delivery_fixtures import Clock, loop, moved, odd
from tests.integration.alerts.test_delivering import channel_now_at

__all__ = ["loop", "moved", "odd"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loop")]


def tried(odd: OddService, way: str) -> tuple[Delivery, Attempt, Channel]:
    """One message to a service that behaves like this, after one attempt."""
    room = channel("room", odd.url(way))
    (row,) = queued(room)
    assert delivering.channel_deliver(channel_id=room.pk, limit=1) == 0
    row.refresh_from_db()
    room.refresh_from_db()
    return row, row.tries.get(), room


def rest_of(room: Channel) -> timedelta:
    """How long nothing is tried in the channel."""
    room.refresh_from_db()
    assert room.open_until is not None
    return room.open_until - clock.now()


def arrives_later(row: Delivery, room: Channel, odd: OddService, moved: Clock) -> None:
    """The service gets well, and the same message arrives with the same key."""
    moved.past_every_pause()
    channel_now_at(room, odd.url("ok"))
    assert delivering.channel_deliver(channel_id=room.pk) == 1
    row.refresh_from_db()
    assert row.state == DeliveryState.SENT
    assert odd.keys == {str(row.key): 1}
    room.refresh_from_db()
    assert (room.failures, room.open_until) == (0, None)


@pytest.mark.parametrize(
    ("way", "state", "outcome", "words"),
    [
        ("500", DeliveryState.WAITING, Outcome.FAILED, "answered 500"),
        ("silent", DeliveryState.UNKNOWN, Outcome.UNKNOWN, "did not answer within"),
        ("gone", DeliveryState.UNKNOWN, Outcome.UNKNOWN, "HTTP"),
        ("garbage", DeliveryState.UNKNOWN, Outcome.UNKNOWN, "HTTP"),
        ("odd", DeliveryState.UNKNOWN, Outcome.UNKNOWN, "none of this service"),
    ],
)
def test_what_may_pass_is_tried_again(
    odd: OddService, loop: Loop, moved: Clock, monkeypatch: pytest.MonkeyPatch,
    way: str, state: DeliveryState, outcome: Outcome, words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(type(loop), "limits", http.Limits(seconds=1.0, body=1000))
    row, attempt, room = tried(odd, way)
    assert (row.state, attempt.outcome) == (state, outcome)
    assert words in row.error
    assert row.next_attempt_at > clock.now() - timedelta(seconds=2)
    assert (room.is_on, room.failures) == (True, 1)
    arrives_later(row, room, odd, moved)


def test_nobody_listens(odd: OddService, moved: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    room = channel("room", f"http://127.0.0.1:{port}/")
    (row,) = queued(room)
    delivering.channel_deliver(channel_id=room.pk)
    row.refresh_from_db()
    # Nothing was sent, so nothing can have arrived.
    assert (row.state, row.tries.get().outcome) == (DeliveryState.WAITING, Outcome.FAILED)
    arrives_later(row, room, odd, moved)


def test_what_was_unknown_once_stays_so_until_it_is_sent(odd: OddService, moved: Clock) -> None:
    row, _, room = tried(odd, "gone")
    moved.past_every_pause()
    channel_now_at(room, odd.url("500"))
    delivering.channel_deliver(channel_id=room.pk)
    row.refresh_from_db()
    assert row.state == DeliveryState.UNKNOWN
    moved.past_every_pause()
    channel_now_at(room, odd.url("402"))
    delivering.channel_deliver(channel_id=room.pk)
    row.refresh_from_db()
    assert row.state == DeliveryState.DEAD
    assert row.error.startswith("It may have arrived all the same.")


def test_a_wish_to_wait_holds_for_the_whole_channel(odd: OddService, moved: Clock) -> None:
    odd.wait = "90"
    room = channel("room", odd.url("429"))
    first, second = queued(room, 2)
    delivering.channel_deliver(channel_id=room.pk)
    assert odd.seen["429"] == 1  # the second message was not even tried
    assert first.tries.get().outcome == Outcome.LIMITED
    room.refresh_from_db()
    assert room.failures == 0  # it is there, and polite
    assert timedelta(seconds=85) < rest_of(room) <= timedelta(seconds=90)
    moved.move(seconds=80)
    channel_now_at(room, odd.url("ok"))
    assert delivering.channels_with_work(clock.now()) == []
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    moved.move(seconds=12)
    assert delivering.channels_with_work(clock.now()) == [room.pk]
    assert delivering.channel_deliver(channel_id=room.pk) == 2
    assert list(odd.keys) == [str(first.key), str(second.key)]


def test_a_wish_for_a_year_is_cut_to_an_hour(odd: OddService) -> None:
    odd.wait = "31536000"
    _, _, room = tried(odd, "429")
    assert rest_of(room) <= timedelta(hours=1)


def test_a_failing_channel_is_left_in_peace_for_longer_and_longer(
    odd: OddService, moved: Clock
) -> None:
    room = channel("room", odd.url("500"))
    queued(room, 12)
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    assert odd.seen["500"] == 5
    rests = []
    for _ in range(4):
        rests.append(rest_of(room).total_seconds())
        moved.move(seconds=rests[-1] + 0.1)
        delivering.channel_deliver(channel_id=room.pk)
    # After each rest one message is tried, and no more.
    assert odd.seen["500"] == 9
    assert rests[0] < rests[1] < rests[2] < rests[3]
    moved.past_every_pause()
    channel_now_at(room, odd.url("ok"))
    delivering.channel_deliver(channel_id=room.pk)
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()
    assert len(odd.keys) == 12


def test_a_strange_yes_is_not_asked_for_for_days(odd: OddService, moved: Clock) -> None:
    row, _, room = tried(odd, "odd")
    for _ in range(20):
        moved.past_every_pause()
        delivering.channel_deliver(channel_id=room.pk)
    assert odd.seen["odd"] == 5
    row.refresh_from_db()
    assert row.state == DeliveryState.DEAD
    assert row.error.startswith("It may have arrived all the same.")


def test_a_message_that_is_refused_dies_alone(odd: OddService) -> None:
    row, attempt, room = tried(odd, "402")
    assert (row.state, attempt.outcome, attempt.status) == ("dead", "refused", 402)
    assert "no, 402" in row.error
    assert (room.is_on, room.failures) == (True, 0)


def test_a_channel_that_is_gone_is_switched_off_and_keeps_its_messages(
    odd: OddService, moved: Clock
) -> None:
    row, attempt, room = tried(odd, "404")
    assert (row.state, attempt.outcome) == (DeliveryState.WAITING, Outcome.REFUSED)
    assert not room.is_on
    assert "answered 404" in room.disabled_reason
    Channel.objects.update(disabled_at=None)
    arrives_later(row, room, odd, moved)


def test_a_redirect_inside_is_not_followed(odd: OddService) -> None:
    with service(lambda _request: Reply(200, {"id": "inside"})) as inside:
        odd.inside = inside.url
        row, attempt, room = tried(odd, "redirect")
        assert inside.requests == []
    assert attempt.outcome == Outcome.REFUSED
    assert row.state == DeliveryState.WAITING
    assert not room.is_on
    assert "redirects" in room.disabled_reason
    assert inside.url not in room.disabled_reason


@pytest.mark.parametrize("way", ["huge", "claimed"])
def test_a_gigabyte_is_not_read(odd: OddService, way: str) -> None:
    tracemalloc.start()
    try:
        row, attempt, _ = tried(odd, way)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20
    assert odd.streamed < GIGABYTE // 10
    assert "larger than" in row.error
    # The service had the message before it began to talk, and will talk as much next time.
    assert (row.state, attempt.outcome) == (DeliveryState.DEAD, Outcome.UNKNOWN)
    assert row.error.startswith("It may have arrived all the same.")


def test_a_name_that_leads_inside_the_second_time_gains_nothing(
    odd: OddService, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INTERNAL_HOSTS = ()
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def rebinding(host: str, port: int, *arguments: object, **names: object) -> object:
        if host != "rebind.example":
            return look_up(host, port, *arguments, **names)
        asked.append(host)
        return look_up(next(answers), port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    connected: list[tuple[str, int]] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, place: tuple[str, int]) -> None:
        connected.append(place)
        if place[0] == "93.184.216.34":  # nothing outside is spoken to by a test
            raise ConnectionRefusedError(111, "Connection refused")
        connect(self, place)

    monkeypatch.setattr(socket.socket, "connect", watched)
    room = channel("room", f"https://rebind.example:{odd.port}/ok")
    (row,) = queued(room)
    delivering.channel_deliver(channel_id=room.pk)
    row.refresh_from_db()
    assert (row.state, row.tries.get().outcome) == (DeliveryState.WAITING, Outcome.FAILED)
    Delivery.objects.update(next_attempt_at=clock.now())
    delivering.channel_deliver(channel_id=room.pk)
    assert asked == ["rebind.example"] * 2  # looked up once for each attempt, never twice
    assert ("127.0.0.1", odd.port) not in connected
    assert not odd.seen
    room.refresh_from_db()
    assert not room.is_on
    assert "private or special network" in room.disabled_reason

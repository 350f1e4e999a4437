"""Rocket.Chat over real HTTP: a stand-in that answers as its REST API does."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from alerts.channels.kind import SendError
from alerts.channels.rocket_chat import MOST_TEXT, RocketChat
from alerts.channels.text import units
from alerts.domain.messages import Mention, Message
from common.connection_settings import BadSettings
from tests.builders.alert_messages import (
    AGAIN,
    BASE,
    ENVELOPE,
    KEY,
    hostile_messages,
    message,
    row,
)
from tests.fakes.loopback import Reply, Request, Service, service
from tests.integration.alerts.test_zulip import assert_harmless

ROCKET = RocketChat()
ACCOUNT = {"user_id": "aobEdbYhXfu5hkeqG", "token": "9HqLlyZOugoStsXCUfD_0YdwnNnunAJF"}
ROOM = {**ACCOUNT, "room": "#payments"}
ID = KEY.replace("-", "")


class Server:
    """One room. As in the server's source, an id that is known ends in an error."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}

    def take(self, request: Request) -> Reply:
        headers = request.headers
        if headers["x-auth-token"] != ACCOUNT["token"]:
            return Reply(401, {"status": "error", "message": "You must be logged in to do this."})
        method = request.path.removeprefix("/api/v1/")
        if method == "rooms.info":
            if request.query["roomName"] != "payments":
                return refused("The room does not exist", "error-room-not-found")
            return Reply(200, {"success": True, "room": {"_id": "GENERAL", "name": "payments"}})
        if method == "chat.getMessage":
            found = self.messages.get(request.query["msgId"])
            return Reply(200, {"success": True, "message": found}) if found else refused("")
        return self.write(method, request.json())

    def write(self, method: str, value: dict[str, Any]) -> Reply:
        if method == "chat.update":
            found = self.messages.get(value["msgId"])
            if found is None or found["rid"] != value["roomId"]:
                return refused(f'No message found with the id of "{value["msgId"]}".')
            found["msg"] = value["text"]
            return Reply(200, {"success": True, "message": found})
        assert method == "chat.sendMessage"
        one = value["message"]
        assert set(one) <= {"_id", "rid", "msg", "tmid"}
        if units(one["msg"]) > MOST_TEXT:
            return refused("Message size exceeds", "error-message-size-exceeded")
        if one["_id"] in self.messages:
            return refused("Cannot read properties of undefined (reading '_id')")
        self.messages[one["_id"]] = one
        return Reply(200, {"success": True, "message": one})


def refused(words: str, kind: str = "") -> Reply:
    return Reply(400, {"success": False, "error": words, **({"errorType": kind} if kind else {})})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def rocket(settings, server: Server) -> Iterator[Service]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(server.take) as running:
        yield running


def to(rocket: Service, **changes: str) -> dict[str, str]:
    return {"url": f"{rocket.url}/", **ROOM, **changes}


def test_a_message_arrives_with_an_id_of_ours(rocket: Service, server: Server) -> None:
    receipt = ROCKET.send(to(rocket), message(), ENVELOPE)
    assert receipt.remote_id == ID
    assert receipt.details == {"room": "GENERAL"}
    text = server.messages[ID]["msg"]
    assert "*Payments: 3 debts need you, 1 has expired*" in text
    assert f"[D-1 Carts live in the memory of one process]({BASE}/debts/1/)" in text
    assert f"[Ask for more time]({BASE}/answers/token-extend/)" in text
    assert f"[and 4 more]({BASE}/debts/?team=payments)" in text


def test_a_repetition_finds_itself(rocket: Service, server: Server) -> None:
    ROCKET.send(to(rocket), message(), ENVELOPE)
    again = ROCKET.send(to(rocket), message(), AGAIN)
    assert again.remote_id == ID
    assert "arrived before" in again.said
    assert len(server.messages) == 1


def test_a_repetition_of_what_was_lost_is_sent(rocket: Service, server: Server) -> None:
    ROCKET.send(to(rocket), message(), AGAIN)
    assert list(server.messages) == [ID]


def test_changes_and_threads(rocket: Service, server: Server) -> None:
    first = ROCKET.send(to(rocket), message(), ENVELOPE)
    ROCKET.edit(to(rocket), message(title="Ann has seen it"), AGAIN, first)
    assert "Ann has seen it" in server.messages[ID]["msg"]
    ROCKET.reply(to(rocket), message(), replace(ENVELOPE, key="a-b"), first)
    assert server.messages["ab"]["tmid"] == ID


def test_who_is_linked_is_rung(rocket: Service, server: Server) -> None:
    call = (Mention("ann", "Ann Lee", "ann.lee"), Mention("bo", "Bo Berg", "all"))
    ROCKET.send(to(rocket), message(call=call), ENVELOPE)
    assert "@ann.lee Bo Berg Of 3 promises" in server.messages[ID]["msg"]


TOO_MANY = (
    "Error, too many requests. Please slow down. You must wait 42 seconds before trying this "
    "endpoint again. [error-too-many-requests]"
)


@pytest.mark.parametrize(
    ("reply", "is_permanent", "disables", "wait"),
    [
        (Reply(401, {"status": "error", "message": "You must be logged in"}), True, True, None),
        (refused("[error-room-not-found]", "error-room-not-found"), True, True, None),
        (refused("You can't send messages because the room is archived [room_is_archived]"),
         True, True, None),
        (refused("no", "error-message-size-exceeded"), True, False, None),
        (Reply(429, {"success": False, "error": TOO_MANY}), False, False, 42),
        (Reply(200, {"success": False, "error": "no"}), True, False, None),
        (Reply(503, text="<html>"), False, False, None),
    ],
)  # fmt: skip
def test_refusals(
    rocket: Service, reply: Reply, is_permanent: bool, disables: bool, wait: float | None
) -> None:
    rocket.answer = lambda request: reply
    with pytest.raises(SendError) as caught:
        ROCKET.send(to(rocket), message(), ENVELOPE)
    error = caught.value
    assert (error.is_permanent, error.disables_channel) == (is_permanent, disables)
    assert error.retry_after == wait


def test_while_nobody_knows_whether_it_is_there_nothing_is_sent(
    rocket: Service, server: Server
) -> None:
    take = server.take
    rocket.answer = lambda request: (
        Reply(429, {"success": False, "error": TOO_MANY})
        if request.path.endswith("chat.getMessage")
        else take(request)
    )
    with pytest.raises(SendError) as caught:
        ROCKET.send(to(rocket), message(), AGAIN)
    assert caught.value.retry_after == 42
    assert server.messages == {}


def test_a_wrong_token_is_never_shown(rocket: Service) -> None:
    token = "x" * 30
    rocket.answer = lambda request: Reply(400, {"success": False, "error": f"bad {token}"})
    with pytest.raises(SendError) as caught:
        ROCKET.send(to(rocket, token=token), message(), ENVELOPE)
    assert caught.value.said == "bad ***"


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(hostile=hostile_messages())
def test_hostile_texts_stay_texts(rocket: Service, server: Server, hostile: Message) -> None:
    server.messages.clear()
    ROCKET.send(to(rocket), hostile, ENVELOPE)
    text = server.messages[ID]["msg"]
    assert units(text) <= MOST_TEXT
    assert_harmless(text, bold="*")
    assert f"more]({BASE}/debts/?team=payments)" in text


def test_what_is_too_large_keeps_the_link_to_the_rest(rocket: Service, server: Server) -> None:
    rows = tuple(row(number, impact="i" * 3_000, title="t" * 3_000) for number in range(1, 11))
    ROCKET.send(to(rocket), Message("t" * 10_000, "l" * 10_000, rows, url=BASE + "/x"), ENVELOPE)
    assert f"]({BASE}/x)" in server.messages[ID]["msg"]


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "chat.example.org"},
        {"user_id": "a b"},
        {"token": "short"},
        {"token": "x" * 30 + "\r\nX: y"},
        {"room": "#pay ments"},
    ],
)
def test_bad_settings(changes: dict[str, str]) -> None:
    with pytest.raises(BadSettings) as caught:
        ROCKET.check({"url": "https://chat.example.org", **ROOM, **changes})
    assert caught.value.field in changes


def test_good_settings() -> None:
    settings = {"url": "https://chat.example.org", **ROOM}
    ROCKET.check(settings)
    assert ROCKET.shown(settings) == "Rocket.Chat chat.example.org, #payments"

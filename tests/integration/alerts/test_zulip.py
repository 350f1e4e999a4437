"""Zulip over real HTTP: a stand-in that answers as Zulip's API documents."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from alerts.channels.kind import SendError
from alerts.channels.zulip import MOST_TEXT, Zulip
from alerts.domain.messages import Mention, Message
from common.connection_settings import BadSettings
from tests.builders.alert_messages import AGAIN, BASE, ENVELOPE, hostile_messages, message, row
from tests.fakes.loopback import Reply, Request, Service, service

ZULIP = Zulip()
BOT = {"email": "debt-bot@chat.example.org", "api_key": "a1B2c3D4e5F6g7H8"}
ROOM = {**BOT, "channel": "payments", "topic": "Technical debt"}


class Realm:
    """One channel, one bot; `can_edit` is whether the time for changes is not over."""

    def __init__(self) -> None:
        self.messages: dict[int, dict[str, str]] = {}
        self.can_edit = True

    def take(self, request: Request) -> Reply:
        expected = base64.b64encode(f"{BOT['email']}:{BOT['api_key']}".encode()).decode()
        if request.headers["authorization"] != f"Basic {expected}":
            return refused(401, "INVALID_API_KEY", f"Invalid API key {BOT['api_key']}")
        form = request.form
        if not form.get("content") or len(form["content"]) > MOST_TEXT:
            return refused(400, "BAD_REQUEST", "Message must not be empty, or too long")
        if request.method == "PATCH":
            return self.change(int(request.path.rsplit("/", 1)[1]), form["content"])
        assert (request.method, request.path) == ("POST", "/api/v1/messages")
        if form["to"] != "payments":
            return refused(400, "STREAM_DOES_NOT_EXIST", f"Channel '{form['to']}' does not exist")
        assert form["type"] == "stream"
        assert len(form["topic"]) <= 60
        number = 40 + len(self.messages)
        self.messages[number] = form
        return Reply(200, {"result": "success", "msg": "", "id": number})

    def change(self, number: int, content: str) -> Reply:
        if not self.can_edit:
            return refused(400, "BAD_REQUEST", "The time limit for editing this message has passed")
        self.messages[number]["content"] = content
        return Reply(200, {"result": "success", "msg": ""})


def refused(status: int, code: str, words: str, **more: Any) -> Reply:
    return Reply(status, {"result": "error", "code": code, "msg": words, **more})


@pytest.fixture
def realm() -> Realm:
    return Realm()


@pytest.fixture
def zulip(settings, realm: Realm) -> Iterator[Service]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(realm.take) as running:
        yield running


def to(zulip: Service, **changes: str) -> dict[str, str]:
    return {"site": zulip.url, **ROOM, **changes}


def test_a_message_arrives_in_the_topic(zulip: Service, realm: Realm) -> None:
    receipt = ZULIP.send(to(zulip), message(), ENVELOPE)
    assert receipt.remote_id == "40"
    form = realm.messages[40]
    assert (form["to"], form["topic"]) == ("payments", "Technical debt")
    text = form["content"]
    assert "**Payments: 3 debts need you, 1 has expired**" in text
    assert f"[D-1 Carts live in the memory of one process]({BASE}/debts/1/)" in text
    assert "Expired on 30 September 2026, 12 days ago" in text
    assert "→ Ann Lee: Payments: repay it" in text
    assert f"[Ask for more time]({BASE}/answers/token-extend/)" in text
    assert f"[and 4 more]({BASE}/debts/?team=payments)" in text
    assert "Ref 0d9c3a52" in text


def test_a_repetition_can_be_recognised(zulip: Service, realm: Realm) -> None:
    ZULIP.send(to(zulip), message(), AGAIN)
    assert "Ref 0d9c3a52, sent again: it may be here twice" in realm.messages[40]["content"]


def test_who_is_linked_is_rung(zulip: Service, realm: Realm) -> None:
    call = (Mention("ann", "Ann Lee", "7"), Mention("bo", "Bo*", "all"))
    ZULIP.send(to(zulip), message(call=call), ENVELOPE)
    assert "@**|7** Bo\u2217 Of 3 promises" in realm.messages[40]["content"]


def test_a_message_is_changed_in_its_place(zulip: Service, realm: Realm) -> None:
    first = ZULIP.send(to(zulip), message(), ENVELOPE)
    changed = ZULIP.edit(to(zulip), message(title="Ann has seen it"), AGAIN, first)
    assert changed.remote_id == "40"
    assert "Ann has seen it" in realm.messages[40]["content"]
    assert len(realm.messages) == 1


def test_after_the_time_for_changes_it_is_said_below(zulip: Service, realm: Realm) -> None:
    first = ZULIP.send(to(zulip), message(), ENVELOPE)
    realm.can_edit = False
    changed = ZULIP.edit(to(zulip), message(title="Ann has seen it"), AGAIN, first)
    assert changed.remote_id == "41"
    assert realm.messages[41]["topic"] == "Technical debt"


@pytest.mark.parametrize(
    ("reply", "is_permanent", "disables", "wait"),
    [
        (refused(400, "STREAM_DOES_NOT_EXIST", "gone"), True, True, None),
        (refused(401, "INVALID_API_KEY", "Invalid API key"), True, True, None),
        (refused(403, "USER_DEACTIVATED", "deactivated"), True, True, None),
        (refused(400, "BAD_REQUEST", "no"), True, False, None),
        (refused(429, "RATE_LIMIT_HIT", "slow", **{"retry-after": 28.7}), False, False, 28.7),
        (Reply(502, text="<html>bad gateway"), False, False, None),
    ],
)
def test_refusals(
    zulip: Service, reply: Reply, is_permanent: bool, disables: bool, wait: float | None
) -> None:
    zulip.answer = lambda request: reply
    with pytest.raises(SendError) as caught:
        ZULIP.send(to(zulip), message(), ENVELOPE)
    error = caught.value
    assert (error.is_permanent, error.disables_channel) == (is_permanent, disables)
    assert error.retry_after == wait
    assert error.is_outcome_unknown is (reply.status == 502)


def test_the_key_is_never_shown(zulip: Service, realm: Realm) -> None:
    with pytest.raises(SendError) as caught:
        ZULIP.send(to(zulip, email="another@chat.example.org"), message(), ENVELOPE)
    assert "Invalid API key ***" in caught.value.said
    assert BOT["api_key"] not in caught.value.message + repr(caught.value)


def test_garbage_for_an_answer_is_no_success(zulip: Service) -> None:
    zulip.answer = lambda request: Reply(200, text="hello")
    with pytest.raises(SendError) as caught:
        ZULIP.send(to(zulip), message(), ENVELOPE)
    assert caught.value.is_outcome_unknown


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(hostile=hostile_messages())
def test_hostile_texts_stay_texts(zulip: Service, realm: Realm, hostile: Message) -> None:
    realm.messages.clear()
    ZULIP.send(to(zulip), hostile, ENVELOPE)
    text = realm.messages[40]["content"]
    assert len(text.encode()) <= MOST_TEXT
    assert_harmless(text)
    assert f"more]({BASE}/debts/?team=payments)" in text


def assert_harmless(text: str, bold: str = "**") -> None:
    """Nothing rings, marks or leads anywhere but to our own pages."""
    rest = re.sub(rf"\]\({re.escape(BASE)}/[^()\s]*\)", "", text)
    title = re.match("\U0001f4cb " + re.escape(bold) + r"[^*\n]*" + re.escape(bold) + "\n?", rest)
    rest = rest[title.end() :] if title else rest
    assert not set("*`~|\\<>]") & set(rest)
    assert rest.count("[") == text.count(f"]({BASE}/")
    assert not re.search("[@#:&](?=[^\\s\u200b])", rest)
    assert not re.search(r"\$\$|(?m:^\s*(#|>|[-+] |\d+[.)] ))", rest)
    assert not set("\u202e\u2066\u2028\x00\x1b") & set(text)


def test_what_is_too_large_keeps_the_link_to_the_rest(zulip: Service, realm: Realm) -> None:
    rows = tuple(row(number, impact="漢" * 3_000, title="t" * 3_000) for number in range(1, 11))
    ZULIP.send(to(zulip), Message("漢" * 10_000, "漢" * 10_000, rows, url=BASE + "/x"), ENVELOPE)
    text = realm.messages[40]["content"]
    assert len(text.encode()) <= MOST_TEXT
    assert f"]({BASE}/x)" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"site": "example.zulipchat.com"},
        {"email": "bot"},
        {"email": "a:b@example.org"},
        {"api_key": "with space 12345"},
        {"channel": "#payments"},
        {"topic": "t" * 61},
    ],
)
def test_bad_settings(changes: dict[str, str]) -> None:
    with pytest.raises(BadSettings) as caught:
        ZULIP.check({"site": "https://example.zulipchat.com", **ROOM, **changes})
    assert caught.value.field in changes


def test_good_settings() -> None:
    settings = {"site": "https://example.zulipchat.com", **ROOM}
    ZULIP.check(settings)
    assert ZULIP.shown(settings) == "Zulip example.zulipchat.com, payments > Technical debt"
    assert ZULIP.workspace(settings) == "example.zulipchat.com"

"""Google Chat over real HTTP: Google's own schema, its limits, and what its answers mean."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from jsonschema import Draft202012Validator

from alerts.channels.google_chat import MOST_BODY, MOST_WIDGETS, GoogleChat
from alerts.channels.kind import SendError
from alerts.domain.messages import Mention, Message
from common.connection_settings import BadSettings
from tests.architecture.sources import ROOT
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

CHAT = GoogleChat()
URL = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=the-api-key&token=the-token"
SCHEMA = json.loads((ROOT / "tests/schemas/google-chat-message.json").read_text(encoding="utf-8"))


class Space:
    """A space that takes what Google documents, and one message for each request id."""

    def __init__(self) -> None:
        self.messages: dict[str, Any] = {}

    def take(self, request: Request) -> Reply:
        query = request.query
        if query.get("key") != "the-api-key":
            return problem(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid one.")
        if len(request.body) > MOST_BODY:
            return problem(400, "INVALID_ARGUMENT", "Message too long.")
        value = request.json()
        Draft202012Validator(SCHEMA).validate(value)
        assert query["messageReplyOption"] == "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"
        number = len(self.messages) + 1
        one = {"name": f"spaces/AAAA/messages/{number}", "thread": value["thread"], "sent": value}
        return Reply(200, self.messages.setdefault(query["requestId"], one))


def problem(status: int, code: str, words: str, **headers: str) -> Reply:
    error = {"code": status, "status": code, "message": words}
    return Reply(status, {"error": error}, headers=headers)


@pytest.fixture
def space() -> Space:
    return Space()


@pytest.fixture
def google(settings, space: Space) -> Iterator[Service]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(space.take) as running:
        yield running


def to(google: Service, key: str = "the-api-key") -> dict[str, str]:
    return {"url": f"{google.url}/v1/spaces/AAAA/messages?key={key}&token=the-token"}


def texts(value: Any) -> list[str]:
    """The text of every paragraph of the card."""
    sections = value["cardsV2"][0]["card"]["sections"]
    widgets = [widget for section in sections for widget in section["widgets"]]
    return [one["textParagraph"]["text"] for one in widgets if "textParagraph" in one]


def test_a_message_arrives_as_a_card(google: Service, space: Space) -> None:
    receipt = CHAT.send(to(google), message(), ENVELOPE)
    assert receipt.remote_id == "spaces/AAAA/messages/1"
    sent = google.requests[0].json()
    assert sent["thread"] == {"threadKey": KEY}
    assert sent["cardsV2"][0]["card"]["header"]["title"].startswith("Payments: 3 debts")
    told = "".join(texts(sent))
    assert f'<b><a href="{BASE}/debts/1/">' in told
    assert "Expired on 30 September 2026, 12 days ago" in told
    assert "Ann Lee: Payments\u200b: repay" not in told  # a colon before a space links nothing
    assert "Ann Lee: Payments: repay it" in told
    assert f'<a href="{BASE}/debts/?team=payments">and 4 more</a>' in told
    assert "Ref 0d9c3a52" in told
    buttons = [
        button["onClick"]["openLink"]["url"]
        for section in sent["cardsV2"][0]["card"]["sections"]
        for widget in section["widgets"]
        for button in widget.get("buttonList", {}).get("buttons", ())
    ]
    assert buttons.count(f"{BASE}/answers/token-extend/") == 2


def test_who_is_linked_is_rung_and_others_are_named(google: Service) -> None:
    linked = Mention("ann", "Ann Lee", "users/123")
    call = (linked, Mention("bo", "Bo Berg"), Mention("x", "Everybody", "users/all"))
    CHAT.send(to(google), message(call=call), ENVELOPE)
    text = google.requests[0].json()["text"]
    assert text.startswith("<users/123> Bo Berg Everybody Payments")
    assert text.count("<") == 1


def test_a_repetition_makes_one_message(google: Service, space: Space) -> None:
    first = CHAT.send(to(google), message(), ENVELOPE)
    second = CHAT.send(to(google), message(), AGAIN)
    assert first.remote_id == second.remote_id
    assert len(space.messages) == 1


def test_an_answer_goes_into_the_thread(google: Service) -> None:
    first = CHAT.send(to(google), message(), ENVELOPE)
    CHAT.reply(to(google), message(), replace(ENVELOPE, key="another"), first)
    assert google.requests[1].json()["thread"] == {"threadKey": KEY}
    assert google.requests[1].query["requestId"] == "another"


def test_limits_and_refusals(google: Service, space: Space) -> None:
    with pytest.raises(SendError, match="API key not valid") as caught:
        CHAT.send(to(google, key="wrong-api-key"), message(), ENVELOPE)
    assert caught.value.disables_channel
    answers = [
        (problem(404, "NOT_FOUND", "Space the-api-key the-token is gone"), True, True, None),
        (problem(403, "PERMISSION_DENIED", "no"), True, True, None),
        (problem(400, "INVALID_ARGUMENT", "Bad card"), True, False, None),
        (problem(429, "RESOURCE_EXHAUSTED", "Slow", **{"Retry-After": "3"}), False, False, 3),
        (problem(503, "UNAVAILABLE", "Later"), False, False, None),
        (Reply(500, text="<html>garbage"), False, False, None),
    ]
    for reply, is_permanent, disables, wait in answers:
        google.answer = lambda request, reply=reply: reply
        with pytest.raises(SendError) as caught:
            CHAT.send(to(google), message(), ENVELOPE)
        error = caught.value
        assert (error.is_permanent, error.disables_channel) == (is_permanent, disables)
        assert error.retry_after == wait
        assert "the-token" not in error.message + error.said
        assert "the-api-key" not in error.message + error.said


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(hostile=hostile_messages())
def test_hostile_texts_stay_texts(google: Service, space: Space, hostile: Message) -> None:
    google.requests.clear()
    space.messages.clear()
    CHAT.send(to(google), hostile, ENVELOPE)
    sent = google.requests[0].json()
    plain_texts = sent["text"] + sent["fallbackText"]
    assert not set("<>*`~\n") & set(plain_texts)
    told = "".join(texts(sent))
    tags = set(re.findall(r"<[^>]*>", told))
    assert {tag for tag in tags if not tag.startswith("<a ")} <= {"<b>", "</b>", "</a>", "<br>"}
    assert {tag for tag in tags if tag.startswith("<a ")} <= {
        f'<a href="{BASE}/debts/?team=payments">',
        *(f'<a href="{BASE}/debts/{number}/">' for number in range(1, 11)),
    }
    assert f'<a href="{BASE}/debts/?team=payments">' in tags
    everything = json.dumps(sent, ensure_ascii=False)
    assert not re.search(r"@(all|here|channel|everyone)|https?://evil", told + plain_texts)
    assert not set("\u202e\u2066\u2028\x00\x1b") & set(everything)


def test_what_is_too_large_keeps_the_link_to_the_rest(google: Service) -> None:
    rows = tuple(row(number, impact="漢" * 3_000, title="t" * 3_000) for number in range(1, 11))
    large = Message("漢" * 10_000, "漢" * 10_000, rows, facts=("漢" * 10_000,) * 60, url=BASE)
    CHAT.send(to(google), large, ENVELOPE)
    (request,) = google.requests
    assert len(request.body) <= MOST_BODY
    assert "more</a>" in "".join(texts(request.json()))
    widgets = sum(len(one["widgets"]) for one in request.json()["cardsV2"][0]["card"]["sections"])
    assert widgets <= MOST_WIDGETS


@pytest.mark.parametrize(
    "url",
    [
        "",
        "chat.googleapis.com",
        "https://evil.example/v1/spaces/AAAA/messages?key=a&token=b",
        "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=a",
        "https://chat.googleapis.com/v1/spaces/AAAA/members?key=a&token=b",
    ],
)
def test_bad_settings(url: str) -> None:
    with pytest.raises(BadSettings) as caught:
        CHAT.check({"url": url})
    assert caught.value.field == "url"


def test_good_settings() -> None:
    CHAT.check({"url": URL})
    assert "token" not in CHAT.shown({"url": URL})

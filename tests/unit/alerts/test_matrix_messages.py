"""Messages for Matrix against the size of an event, strangers' text harmless."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.channels import matrix
from alerts.channels.kind import SendError
from alerts.channels.matrix import MOST_BYTES, Matrix
from alerts.domain.chat_commands import PREFIX
from alerts.domain.matrix_events import command_in
from alerts.domain.messages import Mention, Message
from common import clock, http
from common.connection_settings import BadSettings
from tests.builders.alert_messages import AGAIN, BASE, ENVELOPE, hostile_messages, message, row

HOSTILE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TAGS = {"p", "strong", "em", "ul", "li", "br", "a"}
GOOD = {"homeserver": "https://m.example.org", "room": "#a:example.org", "token": "t"}


class Reader(HTMLParser):
    """What a client makes of the HTML."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@HOSTILE
@given(hostile_messages())
def test_strangers_text_stays_text(given_message: Message) -> None:
    content = matrix._content(given_message, ENVELOPE)
    assert len(json.dumps(content, ensure_ascii=False).encode()) <= MOST_BYTES
    read = Reader(content["formatted_body"])
    assert read.open == []
    assert {tag for tag, _ in read.tags} <= TAGS
    for _, attributes in read.tags:
        assert set(attributes) <= {"href"}
        assert str(attributes.get("href", BASE)).startswith(BASE)
    words = "".join(read.words)
    assert "://" not in words
    assert "@room" not in words
    assert "@room" not in content["body"]
    assert content["m.mentions"] == {}
    assert given_message.more_url in content["body"]


def test_only_accounts_that_are_known_are_called() -> None:
    called = (
        Mention("ann", "Ann", "@ann:example.org"), Mention("bo", "Bo"), Mention("x", "X", "@room"),
        Mention("y", "Y", "U123"),
    )  # fmt: skip
    rows = message(rows=0, call=called)
    content = matrix._content(rows, ENVELOPE)
    assert content["m.mentions"] == {"user_ids": ["@ann:example.org"]}
    assert '<a href="https://matrix.to/#/@ann:example.org">Ann</a>' in content["formatted_body"]


def test_a_repetition_says_the_same() -> None:
    assert matrix._content(message(), AGAIN) == matrix._content(message(), ENVELOPE)


def test_answers_are_links() -> None:
    shown = matrix._content(message(rows=1), ENVELOPE)["formatted_body"]
    assert f'<a href="{BASE}/answers/token-acknowledge/">Seen</a>' in shown
    assert row().reference in shown


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"homeserver": "m.example.org"}, "homeserver"),
        ({"homeserver": "https://m.example.org/_matrix"}, "homeserver"),
        ({"homeserver": "https://me:secret@m.example.org"}, "homeserver"),
        ({"room": "debts"}, "room"),
        ({"room": "#debts"}, "room"),
        ({"room": "@ann:example.org"}, "room"),
        ({"token": ""}, "password"),
        ({"token": "", "password": "p"}, "user"),
    ],
)
def test_settings_that_cannot_work_are_told(changes: dict[str, str], field: str) -> None:
    with pytest.raises(BadSettings) as caught:
        Matrix().check({**GOOD, **changes})
    assert caught.value.field == field


@pytest.mark.parametrize(
    "room", ["#a:example.org", "!a:example.org:8448", "!31hneApxJ_1o-63DmFrpeq"]
)
def test_rooms_of_every_form_are_taken(room: str) -> None:
    Matrix().check({**GOOD, "room": room, "homeserver": "http://127.0.0.1:8008/"})


def refused(status: int, body: bytes, **headers: str) -> SendError | None:
    return matrix._refused(http.Answer(status, headers, body), ["secret-token"])


@pytest.mark.parametrize(
    ("status", "code", "is_permanent", "disables"),
    [
        (403, "M_FORBIDDEN", True, True),
        (401, "M_UNKNOWN_TOKEN", True, True),
        (413, "M_TOO_LARGE", True, False),
        (400, "M_BAD_JSON", True, False),
        (429, "M_LIMIT_EXCEEDED", False, False),
    ],
)
def test_refusals_mean_what_matrix_says(
    status: int, code: str, is_permanent: bool, disables: bool
) -> None:
    body = json.dumps({"errcode": code, "error": "no, secret-token"}).encode()
    error = refused(status, body)
    assert error is not None
    assert (error.is_permanent, error.disables_channel) == (is_permanent, disables)
    assert "secret-token" not in error.message + error.said


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errcode": 3}', b'{"error": "x"}'])
def test_what_is_no_matrix_error_is_judged_by_its_status(body: bytes) -> None:
    assert refused(502, body) is None


@pytest.mark.parametrize("wait", [-1, "soon", None, float("inf")])
def test_a_wait_that_makes_no_sense_is_none(wait: object) -> None:
    error = refused(
        429, json.dumps({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": wait}).encode()
    )
    assert error is not None
    assert error.retry_after is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
)
NAMES = st.sampled_from(
    ["type", "content", "event_id", "room_id", "sender", "origin_server_ts", "msgtype", "body"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(NAMES, JSON),
    st.dictionaries(st.sampled_from(["msgtype", "body", "m.relates_to"]), JSON),
    st.text(max_size=30),
)
def test_events_of_any_shape_are_read_or_passed_over(
    parts: dict[str, Any], content: dict[str, Any], text: str
) -> None:
    said = {"msgtype": "m.text", "body": f"{PREFIX} {text}"}
    for event in (
        parts,
        {**parts, "type": "m.room.message", "content": content},
        {"type": "m.room.message", "content": said, **parts},
    ):
        found = command_in(event, now=clock.now())
        assert found is None or found.text.split()[0].lower() == PREFIX

"""The signed webhook: another implementation of Standard Webhooks verifies what we send."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from alerts.channels.kind import SendError
from alerts.channels.webhook import MOST_BODY, Webhook
from alerts.domain.messages import Message, Receipt
from common import clock
from common.connection_settings import BadSettings
from tests.architecture.sources import ROOT
from tests.builders.alert_messages import AGAIN, ENVELOPE, KEY, hostile_messages, message, row
from tests.fakes.loopback import Reply, Request, Service, service

WEBHOOK = Webhook()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()
OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
SCHEMA = json.loads((ROOT / "docs/alert.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def receiver(settings) -> Iterator[Service]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(lambda request: Reply(202, text="thank you")) as running:
        yield running


def to(receiver: Service, **changes: str) -> dict[str, str]:
    return {"url": f"{receiver.url}/alerts/very-secret-token", "secret": NEW, **changes}


def verified(request: Request, secret: str = NEW) -> Any:
    value = Verifier(secret).verify(request.body, dict(request.headers))
    Draft202012Validator(SCHEMA).validate(value)
    return value


def test_a_receiver_verifies_what_is_sent(receiver: Service) -> None:
    receipt = WEBHOOK.send(to(receiver), message(), ENVELOPE)
    assert receipt == Receipt(KEY, "thank you", 202)
    (request,) = receiver.requests
    value = verified(request)
    assert request.headers["webhook-id"] == KEY == value["data"]["id"]
    assert value["type"] == "alert.created"
    assert value["data"]["about"] is None
    assert [debt["reference"] for debt in value["data"]["debts"]] == ["D-1", "D-2"]
    assert value["data"]["debts"][0]["due_on"] == "2026-09-30"
    assert value["data"]["debts"][0]["answers"][1]["answer"] == "extend"
    assert value["data"]["call"] == [{"handle": "bo", "name": "Bo Berg"}]
    assert value["data"]["more"] == 4


def test_a_wrong_secret_a_changed_body_and_an_old_message_are_noticed(
    receiver: Service, monkeypatch
) -> None:
    WEBHOOK.send(to(receiver), message(), ENVELOPE)
    request = receiver.requests[0]
    with pytest.raises(WebhookVerificationError):
        verified(request, OLD)
    with pytest.raises(WebhookVerificationError):
        Verifier(NEW).verify(request.body.replace(b"D-1", b"D-9"), dict(request.headers))
    before = clock.now() - timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: before)
    WEBHOOK.send(to(receiver), message(), ENVELOPE)
    with pytest.raises(WebhookVerificationError, match="too old"):
        verified(receiver.requests[1])


def test_while_the_secret_changes_both_verify(receiver: Service) -> None:
    WEBHOOK.send(to(receiver, previous_secret=OLD), message(), ENVELOPE)
    assert verified(receiver.requests[0], NEW) == verified(receiver.requests[0], OLD)


def test_the_same_secret_twice_signs_once(receiver: Service) -> None:
    WEBHOOK.send(to(receiver, previous_secret=NEW), message(), ENVELOPE)
    assert " " not in receiver.requests[0].headers["webhook-signature"]


def test_a_repetition_has_the_same_id(receiver: Service) -> None:
    WEBHOOK.send(to(receiver), message(), ENVELOPE)
    WEBHOOK.send(to(receiver), message(), AGAIN)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert verified(first)["data"] == verified(second)["data"]


def test_changes_and_answers_name_the_first_message(receiver: Service) -> None:
    first = WEBHOOK.send(to(receiver), message(), AGAIN)
    changed = WEBHOOK.edit(to(receiver), message(), ENVELOPE, Receipt("first"))
    WEBHOOK.reply(to(receiver), message(), ENVELOPE, changed)
    assert first.remote_id == KEY
    assert [verified(one)["type"] for one in receiver.requests[1:]] == [
        "alert.changed",
        "alert.answered",
    ]
    assert {verified(one)["data"]["about"] for one in receiver.requests[1:]} == {"first"}


@pytest.mark.parametrize(
    ("status", "is_permanent", "disables"),
    [(410, True, True), (401, True, True), (400, True, False), (503, False, False)],
)
def test_refusals(receiver: Service, status: int, is_permanent: bool, disables: bool) -> None:
    receiver.answer = lambda request: Reply(
        status, text=f"no: {NEW} very-secret-token", headers={"Retry-After": "7"}
    )
    with pytest.raises(SendError) as caught:
        WEBHOOK.send(to(receiver), message(), ENVELOPE)
    error = caught.value
    assert (error.is_permanent, error.disables_channel) == (is_permanent, disables)
    assert error.retry_after == 7
    assert "no: *** ***" in error.said
    assert "whsec_" not in repr(error) + error.message
    assert "very-secret" not in repr(error) + error.message


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(hostile=hostile_messages())
def test_hostile_texts_fit_and_stay_texts(receiver: Service, hostile: Message) -> None:
    receiver.requests.clear()
    WEBHOOK.send(to(receiver), hostile, ENVELOPE)
    (request,) = receiver.requests
    assert len(request.body) <= MOST_BODY
    value = verified(request)["data"]
    assert len(value["debts"]) + value["more"] == len(hostile.rows) + hostile.more
    assert value["more_url"] == hostile.more_url
    assert not set("\u202e\u2066\u200b\u2028\x00\x1b\n") & set(str(value))


def test_what_is_too_large_keeps_the_link_to_the_rest(receiver: Service) -> None:
    large = Message(
        title="t",
        lead="l",
        rows=tuple(row(number, impact="x" * 9_000, title="t" * 3_000) for number in range(1, 11)),
        url="https://debt.example.org/debts/",
    )
    WEBHOOK.send(to(receiver), large, ENVELOPE)
    value = verified(receiver.requests[0])["data"]
    assert len(receiver.requests[0].body) <= MOST_BODY
    assert len(value["debts"]) + value["more"] == 10
    assert value["url"] == "https://debt.example.org/debts/"


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": ""},
        {"secret": "whsec_short"},
        {"secret": "whsec_" + base64.b64encode(b"x" * 23).decode()},
        {"secret": "whsec_" + base64.b64encode(b"x" * 65).decode()},
        {"secret": base64.b64encode(b"x" * 32).decode()},
        {"secret": "whsec_é"},
        {"previous_secret": "whsec_short"},
        {"url": "example.org"},
        {"url": "https://user:password@example.org/"},
    ],
)
def test_bad_settings(changes: dict[str, str]) -> None:
    with pytest.raises(BadSettings) as caught:
        WEBHOOK.check({"url": "https://example.org/a", "secret": NEW, **changes})
    assert caught.value.field in changes
    assert not changes.get("secret", "x") or changes.get("secret", "-") not in caught.value.message


def test_good_settings() -> None:
    settings = {"url": "https://example.org/very-secret-token", "secret": NEW}
    WEBHOOK.check(settings)
    assert WEBHOOK.shown(settings) == "a signed webhook"

"""Events posted to an endpoint, through the whole site."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.exceptions import OperationalError

from common import clock
from hooks import services
from hooks.domain.kinds import Kind
from hooks.models import Delivery, Endpoint, Watch
from hooks.tasks import tip_look
from tests.builders.webhooks import ZEROS, encoded, merged, pushed, signed
from tests.functional.hooks.conftest import Sender

MAIN = "refs/heads/main"
Make = Callable[..., Sender]
every_kind = pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)


def wanted() -> bool:
    return Watch.objects.filter(wanted_at__isnull=False).exists()


@every_kind
def test_a_push_is_taken_in_once(sender: Make, kind: Kind) -> None:
    host = sender(kind)
    answer = host.send(pushed(kind, MAIN), delivery="d-1")
    assert answer.status_code == 202
    assert answer.json()["status"] == "accepted"
    assert wanted()
    Watch.objects.update(wanted_at=None)
    again = host.send(pushed(kind, MAIN), delivery="d-1")
    assert (again.status_code, again.json()["status"]) == (200, "known")
    assert not wanted()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.delivery_id) == ("waiting", "d-1")
    assert Endpoint.objects.get().last_seen_at is not None


def test_one_name_at_two_endpoints_is_two_deliveries(sender: Make) -> None:
    for host in (sender(Kind.GITHUB), sender(Kind.GITHUB)):
        assert host.send(pushed(Kind.GITHUB, MAIN), delivery="same").status_code == 202


@every_kind
@pytest.mark.parametrize(("ref", "new"), [("refs/tags/v1", "2" * 40), ("refs/heads/topic", ZEROS)])
def test_what_cannot_matter_is_seen_and_ignored(
    sender: Make, kind: Kind, ref: str, new: str
) -> None:
    assert sender(kind).send(pushed(kind, ref, new=new)).status_code == 202
    delivery = Delivery.objects.get()
    assert delivery.state == "ignored"
    assert delivery.reason
    assert not wanted()


def test_a_merged_pull_request_asks_for_a_look(sender: Make) -> None:
    event, document = merged(Kind.GITHUB, "main")
    assert sender(Kind.GITHUB).send(document, event).status_code == 202
    assert wanted()


def test_a_greeting_says_connected(sender: Make) -> None:
    assert sender(Kind.GITHUB).send({"zen": "x", "hook_id": 1}, "ping").status_code == 202
    assert Delivery.objects.get().state == "ping"
    assert not wanted()


def assert_problem(answer: Any, status: int) -> Any:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["detail"]
    return document


@every_kind
@pytest.mark.parametrize("text", ["", "wrong", "sha256=é", "t=1,v1=0", "v1,é", "\x80\xff"])
def test_an_unsigned_event_is_refused(sender: Make, kind: Kind, text: str) -> None:
    host = sender(kind)
    body = encoded(pushed(kind, MAIN))
    headers = {
        name: text if "Signature" in name or "Token" in name else value
        for name, value in signed(kind, host.secret, body).items()
    }
    assert_problem(host.post(body, headers), 401)
    assert not Delivery.objects.exists()
    assert not wanted()
    endpoint = Endpoint.objects.get()
    assert endpoint.refused_at is not None
    assert endpoint.refused_reason


def test_signatures_of_another_kind_do_not_count(sender: Make) -> None:
    github = sender(Kind.GITHUB)
    body = encoded(pushed(Kind.GITHUB, MAIN))
    assert_problem(github.post(body, signed(Kind.GITEA, github.secret, body)), 401)


def test_a_stale_signature_is_refused(sender: Make) -> None:
    host = sender(Kind.DISPLACE)
    at = (clock.now() - timedelta(minutes=10)).timestamp()
    document = assert_problem(host.send(pushed(Kind.DISPLACE, MAIN), at=at), 401)
    assert "clocks" in document["detail"]


def test_a_signing_token_of_gitlab_is_checked(sender: Make) -> None:
    host = sender(Kind.GITLAB)
    document = pushed(Kind.GITLAB, MAIN)
    assert host.send(document, signing_token=True).status_code == 202
    at = (clock.now() - timedelta(minutes=10)).timestamp()
    assert_problem(host.send(document, signing_token=True, at=at), 401)


def test_both_secrets_count_while_they_are_changed(sender: Make) -> None:
    host = sender(Kind.GITHUB)
    issued = services.endpoint_rotate(endpoint_id=host.endpoint.pk, overlap=timedelta(days=1))
    document = pushed(Kind.GITHUB, MAIN)
    assert host.send(document).status_code == 202
    assert host.send(document, secret=issued.secret).status_code == 202
    Endpoint.objects.update(previous_until=clock.now() - timedelta(seconds=1))
    assert_problem(host.send(document), 401)
    assert services.previous_secrets_forget() == 1
    assert Endpoint.objects.get().previous_secret == ""
    assert host.send(document, secret=issued.secret).status_code == 202


def test_a_secret_that_leaked_ends_at_once(sender: Make) -> None:
    host = sender(Kind.GITHUB)
    services.endpoint_rotate(endpoint_id=host.endpoint.pk, overlap=timedelta())
    assert_problem(host.send(pushed(Kind.GITHUB, MAIN)), 401)


def test_a_secret_without_its_key_is_refused_in_words(sender: Make) -> None:
    host = sender(Kind.GITHUB)
    Endpoint.objects.update(secret="no longer readable")
    document = assert_problem(host.send(pushed(Kind.GITHUB, MAIN)), 401)
    assert "rotate" in document["detail"]


def test_endpoints_that_are_off_or_gone_answer_404(sender: Make) -> None:
    host = sender(Kind.GITHUB)
    services.endpoint_disable(endpoint_id=host.endpoint.pk)
    document = assert_problem(host.send(pushed(Kind.GITHUB, MAIN)), 404)
    assert "switched off" in document["detail"]
    services.endpoint_enable(endpoint_id=host.endpoint.pk)
    assert host.send(pushed(Kind.GITHUB, MAIN)).status_code == 202
    host.address = host.address.replace("github", "gitea")
    assert_problem(host.send(pushed(Kind.GITHUB, MAIN)), 404)
    services.endpoint_delete(endpoint_id=host.endpoint.pk)
    host.address = host.address.replace("gitea", "github")
    assert_problem(host.send(pushed(Kind.GITHUB, MAIN)), 404)


def test_a_body_that_is_too_large_is_refused_unread(sender: Make, settings: Any) -> None:
    host = sender(Kind.GITHUB)
    settings.HOOKS_LARGEST_BODY = 100_000
    assert_problem(host.send(b"x" * 100_001), 413)
    # A length that lies does not help.
    body = b"x" * 200_000
    headers = signed(Kind.GITHUB, host.secret, body)
    assert_problem(host.post(body, headers, CONTENT_LENGTH="99999999999999"), 413)
    assert host.send(b"x" * 100_000).status_code == 202


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_is_still_writing_hears_that_it_is_too_much(
    sender: Make, settings: Any, live_server: Any
) -> None:
    settings.HOOKS_LARGEST_BODY = 2_000_000
    address = urlsplit(live_server.url + sender(Kind.GITHUB).address)
    with closing(HTTPConnection(address.netloc, timeout=20)) as connection:
        connection.request("POST", address.path, body=b"x" * 3_500_000)
        assert connection.getresponse().status == 413


def test_three_megabytes_pass_though_forms_may_not_be_that_large(sender: Make) -> None:
    document = pushed(Kind.GITHUB, "refs/tags/v1") | {"padding": "x" * 3_000_000}
    assert sender(Kind.GITHUB).send(document).status_code == 202


def test_a_body_in_chunks_is_asked_for_with_its_length(sender: Make) -> None:
    host = sender(Kind.GITHUB)
    headers = signed(Kind.GITHUB, host.secret, b"{}") | {"Transfer-Encoding": "chunked"}
    assert_problem(host.post(b"{}", headers), 411)


def test_only_post_is_taken(sender: Make) -> None:
    answer = Client().get(sender(Kind.GITHUB).address)
    assert_problem(answer, 405)
    assert answer["Allow"] == "POST"


def test_no_session_and_a_handful_of_queries(
    sender: Make, django_assert_max_num_queries: Any
) -> None:
    host = sender(Kind.GITHUB)
    host.send(pushed(Kind.GITHUB, MAIN))
    with django_assert_max_num_queries(7):
        answer = host.send(pushed(Kind.GITHUB, MAIN))
    assert not answer.cookies


def test_secrets_are_sealed_and_nowhere_in_the_log(
    sender: Make, caplog: pytest.LogCaptureFixture
) -> None:
    host = sender(Kind.GITHUB)
    with caplog.at_level("DEBUG"):
        host.send(pushed(Kind.GITHUB, MAIN))
        host.send(pushed(Kind.GITHUB, MAIN), secret="another secret altogether")
    endpoint = Endpoint.objects.get()
    assert host.secret not in caplog.text
    assert host.secret not in endpoint.secret
    assert host.secret not in repr(services.IssuedSecret(endpoint, host.secret))


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(list(Kind)),
    body=st.binary(max_size=200) | st.text().map(encoded),
    event=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80),
    delivery=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=200),
    is_signed=st.booleans(),
)
def test_no_header_and_no_body_makes_an_error(
    sender: Make, kind: Kind, body: bytes, event: str, delivery: str, is_signed: bool
) -> None:
    host = _kept(sender, kind)
    secret = host.secret if is_signed else "not the secret at all"
    headers = signed(kind, secret, body, event=event, delivery=delivery)
    answer = host.post(body, headers)
    assert answer.status_code in ({200, 202} if is_signed else {401})


def _kept(sender: Make, kind: Kind) -> Sender:
    """Hypothesis runs many examples in one test: one endpoint per kind is enough."""
    known = Endpoint.objects.filter(kind=kind).first()
    if known is not None:
        return Sender(kind, services.endpoint_rotate(endpoint_id=known.pk, overlap=timedelta()))
    return sender(kind)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_only_delays(
    sender: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(**_options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tip_look, "apply_async", unreachable)
    host = sender(Kind.GITHUB)
    assert host.send(pushed(Kind.GITHUB, MAIN)).status_code == 202
    assert "waits for the sweep" in caplog.text
    assert services.looks_due() == [host.endpoint.repository_id]


def test_old_deliveries_are_forgotten(sender: Make, settings: Any) -> None:
    host = sender(Kind.GITHUB)
    for name in ("old", "new"):
        host.send(pushed(Kind.GITHUB, MAIN), delivery=name)
    Delivery.objects.filter(delivery_id="old").update(
        received_at=clock.now() - settings.HOOKS_KEEP_DELIVERIES - timedelta(hours=1)
    )
    assert services.deliveries_forget() == 1
    assert Delivery.objects.get().delivery_id == "new"

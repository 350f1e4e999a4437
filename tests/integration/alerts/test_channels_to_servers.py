"""From a person who sets a channel up to a message at a real server, by the services alone."""

import base64
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook as Verifier

from accounts import services as accounts_services
from accounts.domain.roles import Role
from accounts.models import User
from alerts.models import Delivery
from alerts.services.channels import channel_create, channel_update
from alerts.services.delivering import test_send as send_test
from common.errors import Denied, Refused
from tests.fakes.loopback import Reply, Service, service
from tests.fakes.mailserver import Mailserver, mailserver

pytestmark = pytest.mark.django_db

FIRST = "whsec_" + base64.b64encode(b"1" * 32).decode()
SECOND = "whsec_" + base64.b64encode(b"2" * 32).decode()


@pytest.fixture
def operator() -> User:
    return accounts_services.user_create(username="olga", role=Role.OPERATOR)


@pytest.fixture
def server(settings) -> Iterator[Mailserver]:
    with mailserver() as running:
        settings.HAS_EMAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.DEFAULT_FROM_EMAIL = "debt@example.org"
        yield running


@pytest.fixture
def receiver(settings) -> Iterator[Service]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(lambda request: Reply(202, text="thank you")) as running:
        yield running


def test_an_email_channel(operator: User, server: Mailserver) -> None:
    values = {"to": "team@example.net"}
    channel = channel_create(actor=operator, kind="email", name="Letters", values=values)
    result = send_test(actor=operator, channel_id=channel.pk)
    assert (result.is_sent, result.said) == (True, "Taken by the mail server.")
    delivery = Delivery.objects.get(channel=channel)
    assert server.letters[0]["Message-ID"] == f"<{delivery.key}@example.org>"
    assert delivery.remote["remote_id"] == f"<{delivery.key}@example.org>"
    server.recipient_answer = "550 5.1.1 No such mailbox"
    refused = send_test(actor=operator, channel_id=channel.pk)
    assert (refused.is_sent, refused.said, refused.status) == (
        False,
        "5.1.1 No such mailbox",
        550,
    )


def test_a_webhook_channel_and_its_secrets(operator: User, receiver: Service) -> None:
    values = {"url": f"{receiver.url}/alerts/a-long-token", "secret": FIRST}
    channel = channel_create(actor=operator, kind="webhook", name="Hook", values=values)
    assert send_test(actor=operator, channel_id=channel.pk).said == "thank you"
    Verifier(FIRST).verify(receiver.requests[0].body, dict(receiver.requests[0].headers))
    assert channel.options == {}
    # The address stays where it is left empty, and the secrets change.
    change = {"url": "", "secret": SECOND, "previous_secret": FIRST}
    channel_update(actor=operator, channel_id=channel.pk, values=change)
    assert send_test(actor=operator, channel_id=channel.pk).is_sent
    for secret in (FIRST, SECOND):
        Verifier(secret).verify(receiver.requests[1].body, dict(receiver.requests[1].headers))
    with pytest.raises(Refused, match="given again"):
        channel_update(
            actor=operator, channel_id=channel.pk, values={"url": "https://other.example/"}
        )


def test_apprise_is_an_admins(operator: User) -> None:
    values = {"url": "json://127.0.0.1:1/a-long-token"}
    with pytest.raises(Denied, match="Admin"):
        channel_create(actor=operator, kind="apprise", name="Tail", values=values)
    admin = accounts_services.user_create(username="ada", role=Role.ADMIN)
    channel = channel_create(actor=admin, kind="apprise", name="Tail", values=values)
    assert channel.options == {}
    assert "a-long-token" not in channel.secret
    with pytest.raises(Denied):
        channel_update(actor=operator, channel_id=channel.pk, values={"url": "json://10.0.0.1"})

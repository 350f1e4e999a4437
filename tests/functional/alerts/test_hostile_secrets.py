"""A service that repeats what it was sent: its secrets stand nowhere but sealed."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client

from accounts.domain.roles import Role
from alerts.models import Channel, Delivery
from alerts.services import delivering
from alerts.services.channels import channel_create
from alerts.services.opening import settings_of
from common.encryption import CannotOpen, unseal
from tests.builders.answering import admin, tell
from tests.builders.debts import make_active_debt, make_person
from tests.fakes.loopback import Reply, Request, Service, service

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TOKEN = "Zx81qT0k3n7Zx81qT0k3n7aa"
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def repeating(request: Request) -> Reply:
    """400 with the whole request in it, as some proxies do."""
    said = f"{request.method} {request.target} {json.dumps(dict(request.headers))}"
    # A Matrix room without encryption; only then is something sent.
    is_question = request.target.endswith("/state/m.room.encryption")
    return Reply(404 if is_question else 400, text=said)


@pytest.fixture
def chatty(settings: Any) -> Iterator[Service]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(repeating) as running:
        yield running


def values_at(url: str) -> dict[str, dict[str, str]]:
    """Settings of the kinds whose service can be anywhere, each with a secret to look for."""
    return {
        "slack": {
            "token": f"xoxb-{TOKEN}", "channel": "C0123456789", "signing_secret": SIGNING,
            "api": url,
        },
        "slack_webhook": {"url": f"{url}/services/T0123456789/B0123456789/{TOKEN}"},
        "teams": {"url": f"{url}/workflows/ab12cd34ef56/triggers?sig={TOKEN}&sv=1.0"},
        "mattermost": {"server": url, "token": f"{TOKEN}aa", "channel_id": "c" * 26},
        "mattermost_webhook": {"url": f"{url}/hooks/{TOKEN}"},
        "discord": {"url": f"{url}/api/webhooks/123456789012345678/{TOKEN}"},
        "zulip": {
            "site": url, "email": "bot@example.org", "api_key": TOKEN, "channel": "a",
            "topic": "b",
        },
        "rocket_chat": {"url": url, "user_id": "aobEdbYhXfu5", "token": TOKEN, "room": "a"},
        "matrix": {"homeserver": url, "room": "!a:example.org", "token": TOKEN},
        "webhook": {"url": f"{url}/in/{TOKEN}", "secret": WHSEC},
    }  # fmt: skip


def everything_shown(channel: Channel) -> str:
    """What people, programs and operators are shown, and all that the database holds."""
    found = StringIO()
    call_command("dumpdata", "alerts", "accounts", "sessions", stdout=found)
    call_command("channel", "show", channel.name, "--json", stdout=found)
    call_command("channel", "list", stdout=found)
    call_command("doctor", stdout=found, stderr=found)
    client = Client()
    client.force_login(make_person(f"op{channel.pk}", Role.OPERATOR))
    paths = ["", "channels/", "deliveries/", f"channels/{channel.pk}/"]
    paths += [f"channels/{channel.pk}/edit/"]
    paths += [f"deliveries/{one.pk}/" for one in Delivery.objects.all()]
    for path in paths:
        answer = client.get(f"/alerts/{path}")
        assert answer.status_code == 200, path
        found.write(answer.content.decode())
    return found.getvalue() + repr(channel) + repr(channel.__dict__)


@pytest.mark.parametrize("kind", values_at(""))
def test_secrets_stand_nowhere_but_sealed(
    kind: str, chatty: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = channel_create(
        actor=admin(), kind=kind, name=f"room {kind}", values=values_at(chatty.url)[kind]
    )
    debt = make_active_debt(make_person("ann"), make_person("boss", Role.APPROVER))
    Delivery.objects.filter(pk=tell(channel, debt).pk).update(state="waiting", sent_at=None)
    delivering.channel_deliver(channel_id=channel.pk)
    Channel.objects.update(tokens=5)
    result = delivering.test_send(actor=admin(), channel_id=channel.pk)
    assert chatty.requests
    assert TOKEN in repr(chatty.requests) or kind == "zulip"
    assert not result.is_sent
    logs = "\n".join(f"{one.getMessage()} {one.args} {one.exc_text}" for one in caplog.records)
    # Nor does what can be pressed or followed, which is made at the last moment.
    sent = b"".join(one.body for one in chatty.requests).decode()
    for text in (everything_shown(channel), logs, repr(result)):
        for secret in (TOKEN, SIGNING, WHSEC):
            assert secret not in text
        assert "/answers/" not in text
    assert "/answers/" in sent or kind in ("slack", "mattermost", "zulip", "rocket_chat")


def test_a_new_key_seals_the_secrets_of_channels_anew(settings: Any) -> None:
    channels = [
        channel_create(actor=admin(), kind=kind, name=kind, values=values)
        for kind, values in values_at("https://chat.example.org").items()
    ]
    opened = {one.pk: settings_of(one) for one in channels}
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = (Fernet.generate_key().decode(), *old)
    said = StringIO()
    call_command("reencrypt", stdout=said)
    assert f"{len(channels)} secrets are sealed with the newest key." in said.getvalue()
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    for channel in channels:
        before = channel.secret
        channel.refresh_from_db()
        assert channel.secret != before
        assert settings_of(channel) == opened[channel.pk]
        with pytest.raises(CannotOpen):
            unseal(before)

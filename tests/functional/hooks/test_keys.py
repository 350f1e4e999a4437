"""Replacing the key that seals the secrets, while the webhooks go on."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError

from hooks import services
from hooks.domain.kinds import Kind
from hooks.models import Endpoint
from tests.builders.webhooks import pushed
from tests.functional.hooks.conftest import Sender

MAIN = "refs/heads/main"


def test_a_key_is_replaced_without_losing_an_event(
    sender: Callable[[Kind], Sender], settings: Any
) -> None:
    host = sender(Kind.GITHUB)
    issued = services.endpoint_rotate(endpoint_id=host.endpoint.pk, overlap=timedelta(days=1))
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = (new, *settings.ENCRYPTION_KEYS)
    assert host.send(pushed(Kind.GITHUB, MAIN)).status_code == 202
    before = Endpoint.objects.get()
    said = StringIO()
    call_command("reencrypt", stdout=said)
    assert "2 secrets are sealed with the newest key." in said.getvalue()
    after = Endpoint.objects.get()
    assert before.secret != after.secret
    settings.ENCRYPTION_KEYS = (new,)
    for secret in (host.secret, issued.secret):
        assert host.send(pushed(Kind.GITHUB, MAIN), secret=secret).status_code == 202


def test_a_key_that_is_missing_is_told_in_one_line(
    sender: Callable[[Kind], Sender], settings: Any
) -> None:
    sender(Kind.GITHUB)
    settings.ENCRYPTION_KEYS = (Fernet.generate_key().decode(),)
    with pytest.raises(CommandError, match="Put that key back") as told:
        call_command("reencrypt")
    assert told.value.returncode == 2

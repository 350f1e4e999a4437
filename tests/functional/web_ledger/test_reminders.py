"""Answering a reminder and asking for a later day, on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from common import clock
from ledger.models import ExtensionRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def asking(active: Any, people: dict[Role, Any]) -> tuple[Client, Any]:
    """A contributor and an accepted debt."""
    client = Client()
    client.force_login(people[Role.CONTRIBUTOR])
    return client, active


def test_who_may_not_extend_can_ask(asking: tuple[Client, Any]) -> None:
    client, item = asking
    address = reverse("ledger:ask_extension", args=[item.reference])
    assert address in client.get(reverse("ledger:item", args=[item.reference])).content.decode()
    assert client.get(address).status_code == 200
    refused = client.post(address, {"due_on": "2000-01-01", "reason": "late"})
    assert refused.status_code == 422
    assert "needs a date after" in refused.content.decode()
    assert not ExtensionRequest.objects.exists()
    later = (item.due_on + timedelta(days=20)).isoformat()
    assert client.post(address, {"due_on": later, "reason": "<b>late</b>"}).status_code == 302
    page = client.get(reverse("ledger:item", args=[item.reference])).content.decode()
    assert "asks for" in page
    assert "&lt;b&gt;late&lt;/b&gt;" in page


def test_a_reminder_is_offered_only_when_the_day_is_near(asking: tuple[Client, Any]) -> None:
    client, item = asking
    address = reverse("ledger:act", args=[item.reference, "acknowledge"])
    page = reverse("ledger:item", args=[item.reference])
    assert address not in client.get(page).content.decode()
    type(item).objects.filter(pk=item.pk).update(due_on=clock.today() + timedelta(days=9))
    assert address in client.get(page).content.decode()
    item.refresh_from_db()
    assert client.post(address, {"version": item.version}).status_code == 302
    assert "has seen that it comes due" in client.get(page).content.decode()

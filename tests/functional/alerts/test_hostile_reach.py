"""Whose word leads where: pages and addresses of others, and networks that an operator allows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import CalendarFeed, Channel, ChatIdentity, Delivery
from alerts.services import delivering
from alerts.services.calendars import calendar_feed_create
from alerts.services.channels import channel_create
from common import clock
from tests.builders.answering import admin, mattermost_channel, tell
from tests.builders.debts import make_active_debt, make_person
from tests.fakes.loopback import Reply, Service, service

pytestmark = pytest.mark.django_db
HOOK = "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz"
# Programs call these; each proves by what it sends that it may.
SIGNED = {
    "alerts.web.matrix", "alerts.web.mattermost", "alerts.web.slack", "alerts.web.stop",
    "hooks.web.receiver",
    "orchestration.web.callbacks", "orchestration.web.state_backend",
}  # fmt: skip


@pytest.fixture
def inside() -> Iterator[Service]:
    with service(lambda request: Reply(200, text="ok, from inside")) as running:
        yield running


def own_webhook(person: Any, service: Service) -> Channel:
    values = {"url": f"{service.url}/services/T000/B000/{'x' * 24}"}
    return channel_create(
        actor=person, kind="slack_webhook", name="mine", values=values, person_id=person.pk
    )


@pytest.mark.parametrize(
    ("allowed", "is_reached"),
    [("127.0.0.1", True), ("127.0.0.0/8", False), ("127.0.0.1/32", True), ("10.0.0.0/8", False)],
)
def test_a_network_that_is_allowed_is_not_open_to_everybody(
    allowed: str, is_reached: bool, inside: Service, settings: Any
) -> None:
    settings.INTERNAL_HOSTS = (allowed,)
    viewer = make_person("viewer", Role.VIEWER)
    own = own_webhook(viewer, inside)
    result = delivering.test_send(actor=viewer, channel_id=own.pk)
    assert result.is_sent is is_reached
    assert ("from inside" in result.said) is is_reached
    assert bool(inside.requests) is is_reached


def test_an_operators_channel_reaches_the_network(inside: Service, settings: Any) -> None:
    settings.INTERNAL_HOSTS = ("127.0.0.0/8",)
    values = {"url": f"{inside.url}/services/T000/B000/{'x' * 24}"}
    shared = channel_create(actor=admin(), kind="slack_webhook", name="all", values=values)
    assert delivering.test_send(actor=admin(), channel_id=shared.pk).is_sent


def test_what_is_somebody_elses_is_not_there(inside: Service) -> None:
    """Every page with a number, asked for by somebody whose it is not."""
    ann, eve = make_person("ann"), make_person("eve")
    team = accounts_services.team_create(slug="payments", name="Payments")
    own = channel_create(
        actor=ann, kind="discord", name="Ann alone", values={"url": HOOK}, person_id=ann.pk
    )
    debt = make_active_debt(ann, make_person("boss", Role.APPROVER))
    letter = tell(own, debt, state="dead")
    shared = mattermost_channel(name="shared")
    feed, _ = calendar_feed_create(actor=ann, team=team)
    account = ChatIdentity.objects.create(
        user=ann, kind="slack", chat_id="U1", linked_at=clock.now()
    )
    client = Client()
    client.force_login(eve)
    for path in ("", "edit/"):
        assert client.get(f"/alerts/channels/{own.pk}/{path}").status_code == 404
    assert client.get(f"/alerts/deliveries/{letter.pk}/").status_code == 404
    for path in (
        f"channels/{own.pk}/edit/", f"channels/{own.pk}/test/", f"channels/{own.pk}/switch/",
        f"channels/{own.pk}/retry/", f"channels/{own.pk}/delete/",
        f"deliveries/{letter.pk}/retry/", f"deliveries/{letter.pk}/drop/",
        f"me/accounts/{account.pk}/unlink/",
    ):  # fmt: skip
        assert client.post(f"/alerts/{path}", {"reason": "x"}).status_code == 404, path
    for path in (
        f"channels/{shared.pk}/edit/", f"channels/{shared.pk}/test/",
        f"channels/{shared.pk}/switch/", f"channels/{shared.pk}/delete/", "channels/new/webhook/",
        "rules/new/", "working-days/everybody/", "working-days/teams/payments/",
    ):  # fmt: skip
        assert client.post(f"/alerts/{path}", {"reason": "x"}).status_code == 403, path
    client.post(f"/alerts/me/calendars/{feed.pk}/revoke/")
    assert CalendarFeed.objects.get().revoked_at is None
    assert Channel.objects.filter(disabled_at=None).count() == 2
    assert ChatIdentity.objects.filter(user=ann).exists()
    assert Delivery.objects.get(pk=letter.pk).state == "dead"
    for page in ("", "channels/", "deliveries/", "rules/", "me/"):
        assert "Ann alone" not in client.get(f"/alerts/{page}").content.decode()


def test_only_what_is_signed_goes_without_a_form_of_ours() -> None:
    """Each view that takes a POST without a CSRF token is one that is known here."""
    exempt = set()

    def look(patterns: Any) -> None:
        for one in patterns:
            if hasattr(one, "url_patterns"):
                look(one.url_patterns)
            # The API checks the token itself wherever a session signs in.
            elif getattr(one.callback, "csrf_exempt", False) and not hasattr(one.callback, "cls"):
                exempt.add(one.callback.__module__)

    look(get_resolver().url_patterns)
    assert exempt <= SIGNED, exempt

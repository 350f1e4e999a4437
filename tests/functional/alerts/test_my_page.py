"""What concerns one person: preferences, chat accounts, calendars."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import CalendarFeed, Channel, ChatIdentity, Preference
from alerts.services.identities import identity_link
from tests.builders.alerting import make_team
from tests.fakes.loopback import Reply
from tests.functional.alerts.conftest import Chat

pytestmark = pytest.mark.django_db
ME = "/alerts/me/"
SignIn = Callable[..., Client]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def ann(db: None) -> Any:
    return accounts_services.user_create(
        username="ann", role=Role.VIEWER, email="ann@example.org", display_name="Ann Lee"
    )


def found(pattern: str, page: str) -> str:
    match = re.search(pattern, page)
    assert match, pattern
    return match[1]


def choice(**changes: Any) -> dict[str, Any]:
    return {"channel_kind": "email", "address": "", "own_debts": "on", "mentions": "on", **changes}


def test_a_person_is_told_by_e_mail_at_their_own_address(
    signed_in: SignIn, ann: Any, settings: Any
) -> None:
    client = signed_in(ann)
    settings.HAS_EMAIL = False
    assert "By e-mail" not in text_of(client.get(ME))
    settings.HAS_EMAIL = True
    assert "ann@example.org" in text_of(client.get(ME))
    assert client.post(f"{ME}preferences/", choice()).status_code == 302
    kept = Preference.objects.get()
    assert (kept.own_debts, kept.escalations, kept.mentions) == (True, False, True)
    assert kept.channel.person_id == ann.pk
    assert "Not tried yet" in text_of(client.get(ME))
    client.post(f"{ME}preferences/", {"channel_kind": "nowhere", "mentions": "on"})
    assert Preference.objects.get().channel is None


def test_what_cannot_be_told_anywhere_is_refused_beside_the_choice(
    signed_in: SignIn, ann: Any, chat: Chat
) -> None:
    client = signed_in(ann)
    refused = client.post(f"{ME}preferences/", choice(channel_kind="nowhere"))
    assert refused.status_code == 422
    assert "id_channel_kind-errors" in refused.content.decode()
    webhook = choice(channel_kind="mattermost_webhook", address=chat.webhook)
    assert client.post(f"{ME}preferences/", webhook).status_code == 302
    own = Channel.objects.get()
    assert own.person_id == ann.pk
    page = text_of(client.get(ME))
    assert chat.webhook not in page
    assert "as stored" in page
    chat.reply = Reply(text="ok")
    tested = text_of(client.post(f"/alerts/channels/{own.pk}/test/"))
    assert "The service took the message." in tested
    bad = client.post(f"{ME}preferences/", choice(channel_kind="mattermost_webhook", address="x"))
    assert "id_address-errors" in bad.content.decode()
    for kind in ("slack", "apprise", "nothing"):
        answer = client.post(f"{ME}preferences/", choice(channel_kind=kind, address="x"))
        assert answer.status_code == 422


def test_a_code_links_an_account_that_is_then_unlinked(signed_in: SignIn, ann: Any) -> None:
    client = signed_in(ann)
    page = client.post(f"{ME}code/")
    assert "no-store" in page["Cache-Control"]
    code = found(r'id="link-code">(\w+)<', page.content.decode())
    identity_link(
        code=code, kind="matrix", workspace="https://example.org", chat_id="@a:x", chat_name="<b>A"
    )
    page = text_of(client.get(ME))
    assert "&lt;b&gt;A" in page
    assert code not in page
    identity = ChatIdentity.objects.get()
    assert signed_in(Role.ADMIN).post(f"{ME}accounts/{identity.pk}/unlink/").status_code == 404
    client.post(f"{ME}accounts/{identity.pk}/unlink/")
    assert not ChatIdentity.objects.exists()
    for _ in range(9):
        last = client.post(f"{ME}code/", follow=True)
    assert "many codes" in text_of(last)


def test_a_calendar_is_subscribed_to_and_ended(signed_in: SignIn, ann: Any) -> None:
    team = make_team("payments")
    accounts_services.team_add_member(team=team, user=ann)
    client = signed_in(ann)
    assert "No address yet" in text_of(client.get(ME))
    page = client.post(f"{ME}calendars/payments/").content.decode()
    address = found(r'value="[^"]*?(/calendar/[^"]+\.ics)"', page)
    assert Client().get(address)["Content-Type"].startswith("text/calendar")
    assert address not in text_of(client.get(ME))
    feed = CalendarFeed.objects.get()
    other = signed_in(Role.CONTRIBUTOR)
    other.post(f"{ME}calendars/{feed.pk}/revoke/")
    assert Client().get(address).status_code == 200
    client.post(f"{ME}calendars/{feed.pk}/revoke/")
    assert Client().get(address).status_code == 404
    assert client.post(f"{ME}calendars/nobody/").status_code == 404


def test_the_page_costs_a_constant_number_of_queries(
    signed_in: SignIn, ann: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        team = make_team(f"team-{number}")
        accounts_services.team_add_member(team=team, user=ann)
    client = signed_in(ann)
    for number in range(12):
        client.post(f"{ME}calendars/team-{number}/")
    with django_assert_max_num_queries(14):
        assert client.get(ME).status_code == 200

"""The pages of channels."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from alerts.channels.registry import KINDS
from alerts.models import Channel, Delivery
from alerts.services.opening import settings_of
from tests.builders.alert_channels import channel as make_channel
from tests.builders.alert_channels import queued
from tests.builders.alerting import make_route, make_team
from tests.builders.debts import make_person
from tests.fakes.loopback import Reply
from tests.functional.alerts.conftest import TOKEN, Chat

pytestmark = pytest.mark.django_db
CHANNELS = "/alerts/channels/"
NEW = f"{CHANNELS}new/mattermost_webhook/"
SignIn = Callable[..., Client]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def made(client: Client, chat: Chat, name: str = "Payments") -> Channel:
    client.post(NEW, {"name": name, "setting_url": chat.webhook, "team": ""})
    return Channel.objects.get(name=name)


def test_every_service_is_offered_with_its_steps(signed_in: SignIn) -> None:
    client = signed_in(Role.ADMIN)
    offered = client.get(f"{CHANNELS}new/").content.decode()
    for kind in KINDS.values():
        assert f'href="{CHANNELS}new/{kind.name}/"' in offered
        page = client.get(f"{CHANNELS}new/{kind.name}/")
        assert page.status_code == 200
        for field in kind.fields:
            assert f'name="setting_{field.name}"' in page.content.decode()


def test_only_an_admin_is_offered_the_unguarded_kinds(signed_in: SignIn) -> None:
    client = signed_in(Role.OPERATOR)
    offered = client.get(f"{CHANNELS}new/").content.decode()
    for kind in KINDS.values():
        assert (f"/new/{kind.name}/" in offered) is not kind.is_for_admins
    address = {"name": "All", "setting_url": "json://127.0.0.1", "team": ""}
    assert client.post(f"{CHANNELS}new/apprise/", address).status_code in (403, 422)


def test_a_channel_is_made_tested_changed_switched_and_deleted(
    signed_in: SignIn, chat: Chat
) -> None:
    client = signed_in(Role.OPERATOR)
    channel = made(client, chat)
    page = f"{CHANNELS}{channel.pk}/"
    assert "Not tried yet" in text_of(client.get(page))
    tested = text_of(client.post(f"{page}test/"))
    assert "The service took the message." in tested
    assert "Status 200" in tested
    assert len(chat.messages) == 1
    client.post(f"{page}edit/", {"name": "Payments, all", "setting_url": ""})
    channel.refresh_from_db()
    assert channel.name == "Payments, all"
    assert settings_of(channel)["url"] == chat.webhook
    client.post(f"{page}switch/", {"reason": "The room moves."})
    off = text_of(client.get(page))
    assert "The room moves." in off
    assert "disabled" in off
    client.post(f"{page}switch/")
    assert "The room moves." not in text_of(client.get(page))
    assert client.post(f"{page}delete/").status_code == 302
    assert client.get(page).status_code == 404


def test_what_is_secret_is_on_no_page(signed_in: SignIn, chat: Chat) -> None:
    client = signed_in(Role.OPERATOR)
    channel = made(client, chat)
    refused = client.post(NEW, {"name": "", "setting_url": chat.webhook, "team": ""})
    assert refused.status_code == 422
    pages = [client.get(f"{CHANNELS}{channel.pk}/{part}") for part in ("", "edit/")]
    chat.reply = Reply(status=500, text=f"no such hook {TOKEN}")
    pages += [refused, client.get(CHANNELS), client.post(f"{CHANNELS}{channel.pk}/test/")]
    for page in pages:
        assert TOKEN not in page.content.decode()
        assert channel.secret not in page.content.decode()


def test_the_services_own_refusal_is_shown(signed_in: SignIn, chat: Chat) -> None:
    client = signed_in(Role.OPERATOR)
    channel = made(client, chat)
    chat.reply = Reply(status=400, text="<b>Invalid</b> webhook")
    answer = client.post(f"{CHANNELS}{channel.pk}/test/", headers={"HX-Request": "true"})
    said = text_of(answer)
    assert "The message did not go out." in said
    assert "&lt;b&gt;Invalid&lt;/b&gt; webhook" in said
    # The rest of the page knows of it, too.
    assert "Nothing was sent yet" not in said


def test_a_bad_setting_is_shown_beside_its_field(signed_in: SignIn) -> None:
    answer = signed_in(Role.OPERATOR).post(
        NEW, {"name": "Payments", "setting_url": "https://chat.example.org/", "team": ""}
    )
    assert answer.status_code == 422
    assert "id_setting_url-errors" in answer.content.decode()
    assert not Channel.objects.exists()


def test_a_lead_makes_channels_for_their_team_only(signed_in: SignIn, chat: Chat) -> None:
    payments = make_team("payments", "ann", "bo", lead="ann")
    search = make_team("search")
    lead = signed_in(payments.members.get(username="ann"))
    form = {"name": "Payments", "setting_url": chat.webhook, "team": payments.pk}
    assert lead.post(NEW, form).status_code == 302
    for team in ("", search.pk):
        assert lead.post(NEW, {**form, "name": "Other", "team": team}).status_code == 422
    other = make_channel("Search", team_id=search.pk, kind="mattermost_webhook")
    for part in ("edit/", "test/", "switch/", "delete/", "retry/"):
        assert lead.post(f"{CHANNELS}{other.pk}/{part}").status_code == 403
    member = signed_in(payments.members.get(username="bo"))
    assert member.get(f"{CHANNELS}new/").status_code == 403
    assert "Send a test message" not in text_of(member.get(f"{CHANNELS}{other.pk}/"))


def test_a_personal_channel_is_seen_by_its_person_only(signed_in: SignIn) -> None:
    ann = make_person("ann")
    own = make_channel("Ann alone", kind="mattermost_webhook", person_id=ann.pk)
    queued(own)
    assert signed_in(ann).get(f"{CHANNELS}{own.pk}/").status_code == 200
    other = signed_in(Role.CONTRIBUTOR)
    assert other.get(f"{CHANNELS}{own.pk}/").status_code == 404
    delivery = Delivery.objects.get()
    assert other.get(f"/alerts/deliveries/{delivery.pk}/").status_code == 404
    for page in (CHANNELS, "/alerts/", "/alerts/deliveries/"):
        assert "Ann alone" not in text_of(other.get(page))


def test_what_was_given_up_is_tried_again_at_once(signed_in: SignIn) -> None:
    channel = make_channel("Payments", kind="mattermost_webhook")
    queued(channel, 3)
    Delivery.objects.update(state="dead")
    client = signed_in(Role.OPERATOR)
    assert "3 messages were given up here" in text_of(client.get(f"{CHANNELS}{channel.pk}/"))
    client.post(f"{CHANNELS}{channel.pk}/retry/")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}


def test_a_channel_with_a_rule_that_is_on_is_not_deleted(signed_in: SignIn) -> None:
    operator = make_person("olga", Role.OPERATOR)
    channel = make_channel("Payments", kind="mattermost_webhook")
    make_route(operator, channel)
    answer = signed_in(operator).post(f"{CHANNELS}{channel.pk}/delete/", follow=True)
    assert "speaks into this channel" in text_of(answer)
    assert Channel.objects.exists()


def test_a_kind_that_is_no_longer_known_is_shown(signed_in: SignIn) -> None:
    channel = make_channel("Old", kind="pager")
    client = signed_in(Role.OPERATOR)
    for page in (CHANNELS, f"{CHANNELS}{channel.pk}/"):
        assert "pager" in text_of(client.get(page))
    assert client.get(f"{CHANNELS}{channel.pk}/edit/").status_code == 404


def test_many_channels_cost_no_more_queries(
    signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        queued(make_channel(f"Room {number:02}", kind="mattermost_webhook"))
    client = signed_in(Role.OPERATOR)
    with django_assert_max_num_queries(10):
        page = client.get(CHANNELS)
    assert "of 60 channels" in text_of(page)
    found = text_of(client.get(f"{CHANNELS}?q=room+07"))
    assert "Room 07" in found
    assert "Room 08" not in found
    assert "Nothing matches" in text_of(client.get(f"{CHANNELS}?q=%00nowhere"))


def test_an_optional_secret_is_forgotten_on_wish(signed_in: SignIn) -> None:
    client = signed_in(Role.OPERATOR)
    values = {
        "setting_token": "xoxb-1234567890-abcdef", "setting_channel": "C0123456789",
        "setting_signing_secret": "8f742231b10e8888abcd99yyyzzz85a5",
        "setting_api": "https://slack.com/api",
    }  # fmt: skip
    client.post(f"{CHANNELS}new/slack/", {"name": "Payments", "team": "", **values})
    channel = Channel.objects.get()
    page = f"{CHANNELS}{channel.pk}/edit/"
    form = client.get(page).content.decode()
    assert "Forget the stored signing secret" in form
    assert 'name="clear_token"' not in form
    kept = {"name": "Payments", **values, "setting_token": "", "setting_signing_secret": ""}
    assert client.post(page, {**kept, "clear_token": "on"}).status_code == 302
    channel.refresh_from_db()
    assert settings_of(channel)["signing_secret"]
    both = {**kept, "clear_signing_secret": "on", "setting_signing_secret": "x" * 32}
    assert "not both" in text_of(client.post(page, both))
    assert client.post(page, {**kept, "clear_signing_secret": "on"}).status_code == 302
    channel.refresh_from_db()
    opened = settings_of(channel)
    assert "signing_secret" not in opened
    assert opened["token"] == "xoxb-1234567890-abcdef"
    assert "Forget the stored" not in client.get(page).content.decode()

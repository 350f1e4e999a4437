"""Linking a chat account where nothing comes back: a code goes there, and the page takes it."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from accounts.domain.roles import Role
from alerts.models import Channel, ChatIdentity, Delivery
from alerts.selectors.identities import chat_ids
from alerts.services.channels import channel_create
from alerts.services.identities import identity_link
from common.errors import Refused
from tests.builders.debts import make_person
from tests.fakes.loopback import Reply, Request, Service, service

pytestmark = pytest.mark.django_db
ME = "/alerts/me/"
LINK, CODE = f"{ME}accounts/", f"{ME}accounts/code/"
SignIn = Callable[..., Client]
TOKEN = "RScctEHSmLGZGywfIhWyRpyofhKOiMoUIpimhvheU3f"
HOOK = "/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"


def answered(request: Request) -> Reply:
    """Zulip, Rocket.Chat or Discord, by the path."""
    if request.path.startswith("/api/webhooks/"):
        return Reply(200, {"id": "1234567890123"})
    if request.path == "/api/v1/messages":
        return Reply(200, {"result": "success", "id": 41})
    return Reply(200, {"success": True, "room": {"_id": "DIRECT7"}})


@pytest.fixture
def chats(settings: Any) -> Iterator[Service]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(answered) as running:
        yield running


@pytest.fixture
def operator(db: None) -> Any:
    return make_person("oda", Role.OPERATOR)


def zulip(chats: Service, actor: Any, **more: Any) -> Channel:
    values = {"site": chats.url, "email": "bot@x.org", "api_key": "a1B2c3D4e5F6g7H8"}
    values |= {"channel": "payments", "topic": "Debt"}
    return channel_create(actor=actor, kind="zulip", name="Zulip", values=values, **more)


def rocket(chats: Service, actor: Any) -> Channel:
    values = {"url": chats.url, "user_id": "aobEdbYhXfu5hkeqG", "token": TOKEN, "room": "#debts"}
    return channel_create(actor=actor, kind="rocket_chat", name="Rocket", values=values)


def discord(chats: Service, actor: Any) -> Channel:
    values = {"url": chats.url + HOOK}
    return channel_create(actor=actor, kind="discord", name="Discord", values=values)


def code_in(request: Request) -> str:
    text = request.body.decode()
    if "=" in text and not text.startswith("{"):
        text = parse_qs(text)["content"][0]
    found = re.search(r"The code: \W*([2-9A-Z]{8})", text)
    assert found, text
    return found[1]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_code_in_a_direct_message_links_a_zulip_account(
    signed_in: SignIn, operator: Any, chats: Service
) -> None:
    channel = zulip(chats, operator)
    ann = make_person("ann")
    client = signed_in(ann)
    assert "Send me a code" in text_of(client.get(ME))
    place = {"channel": channel.pk, "chat_id": "17"}
    asked = client.post(LINK, place)
    assert "A code was sent to 17" in text_of(asked)
    told = chats.requests[-1]
    assert (told.form["type"], told.form["to"]) == ("private", "[17]")
    code = code_in(told)
    assert code not in asked.content.decode()
    assert code not in str(list(Delivery.objects.values()))
    wrong = client.post(CODE, {**place, "code": "22222222"})
    assert wrong.status_code == 422
    assert "id_code-errors" in wrong.content.decode()
    assert client.post(CODE, {**place, "code": code.lower()}).status_code == 302
    linked = chat_ids(["ann"], kind="zulip", workspace=f"127.0.0.1:{chats.port}")
    assert linked == {"ann": "17"}
    again = client.post(LINK, place)
    assert "linked to you already" in text_of(again)


def test_a_code_counts_for_one_person_and_one_account_only(
    signed_in: SignIn, operator: Any, chats: Service
) -> None:
    channel = zulip(chats, operator)
    client = signed_in(make_person("ann"))
    client.post(LINK, {"channel": channel.pk, "chat_id": "17"})
    code = code_in(chats.requests[-1])
    stranger = signed_in(make_person("bo"))
    for who, chat_id in ((stranger, "17"), (client, "18")):
        answer = who.post(CODE, {"channel": channel.pk, "chat_id": chat_id, "code": code})
        assert answer.status_code == 422
    # Whoever reads it cannot use it where accounts are linked by typing a code.
    with pytest.raises(Refused, match="wrong"):
        identity_link(code=code, kind="matrix", workspace="x", chat_id="@evil:x", chat_name="")
    assert not ChatIdentity.objects.exists()


def test_rocket_chat_opens_a_direct_room(signed_in: SignIn, operator: Any, chats: Service) -> None:
    channel = rocket(chats, operator)
    client = signed_in(make_person("ann"))
    place = {"channel": channel.pk, "chat_id": "@ann.lee"}
    client.post(LINK, place)
    opened, told = chats.requests[-2:]
    assert (opened.path, opened.json()) == ("/api/v1/im.create", {"username": "ann.lee"})
    assert told.json()["message"]["rid"] == "DIRECT7"
    client.post(CODE, {**place, "code": code_in(told)})
    assert ChatIdentity.objects.get().chat_id == "ann.lee"


def test_where_everybody_reads_along_no_account_changes_hands(
    signed_in: SignIn, operator: Any, chats: Service
) -> None:
    channel = discord(chats, operator)
    place = {"channel": channel.pk, "chat_id": "80351110224678912"}
    client = signed_in(make_person("ann"))
    client.post(LINK, place)
    told = chats.requests[-1].json()
    assert told["content"] == "<@80351110224678912>"
    assert told["allowed_mentions"] == {"parse": [], "users": ["80351110224678912"]}
    assert "ann" in told["embeds"][0]["description"]
    client.post(CODE, {**place, "code": code_in(chats.requests[-1])})
    assert ChatIdentity.objects.get().user.username == "ann"
    refused = signed_in(make_person("bo")).post(LINK, place)
    assert refused.status_code == 422
    assert "linked to somebody else" in text_of(refused)


def test_what_is_no_account_and_no_shared_channel_is_refused(
    signed_in: SignIn, operator: Any, chats: Service
) -> None:
    channel = zulip(chats, operator)
    client = signed_in(make_person("ann"))
    before = len(chats.requests)
    for chat_id in ("ann", "17], [18", "", "x" * 300):
        answer = client.post(LINK, {"channel": channel.pk, "chat_id": chat_id})
        assert answer.status_code == 422
        assert "id_chat_id-errors" in answer.content.decode()
    Channel.objects.update(person=operator)
    assert client.post(LINK, {"channel": channel.pk, "chat_id": "17"}).status_code == 422
    assert "Send me a code" not in text_of(client.get(ME))
    assert len(chats.requests) == before


def test_what_the_service_refuses_is_said_and_codes_are_few(
    signed_in: SignIn, operator: Any, chats: Service
) -> None:
    channel = zulip(chats, operator)
    client = signed_in(make_person("ann"))
    place = {"channel": channel.pk, "chat_id": "17"}
    chats.answer = lambda _: Reply(
        400, {"result": "error", "code": "BAD_REQUEST", "msg": "Invalid user ID 17"}
    )
    assert "Invalid user ID 17" in text_of(client.post(LINK, place))
    assert Channel.objects.get().is_on
    for _ in range(5):
        last = client.post(LINK, place)
    assert "many codes" in text_of(last)

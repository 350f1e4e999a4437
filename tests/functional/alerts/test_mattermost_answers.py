"""What a Mattermost server calls, as it does and as others might."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.domain.messages import Answer, Mention, Message
from alerts.models import Channel, ChatIdentity, Delivery, GivenAnswer
from alerts.services.identities import code_make
from alerts.services.rendering import message_for_sending
from ledger.models import DebtItem, ExtensionRequest
from ledger.selectors import answers_of, debt_get
from tests.builders.answering import mattermost_channel, offers, row_of, tell
from tests.builders.debts import in_days, make_active_debt, make_person
from tests.fakes.chat_services import Chat, Reply, Request, chat

pytestmark = pytest.mark.django_db
ANN, EVE = "a" * 26, "e" * 26


def mattermost_api(request: Request) -> Reply:
    assert request.path == "/api/v4/actions/dialogs/open"
    dialog = request.body["dialog"]
    assert len(dialog["title"]) <= 24
    assert all(len(one["display_name"]) <= 24 for one in dialog["elements"])
    assert all(len(one.get("help_text", "")) <= 150 for one in dialog["elements"])
    return Reply(value={"status": "OK"})


@pytest.fixture
def api(settings: Any) -> Iterator[Chat]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    cache.clear()
    with chat(mattermost_api) as server:
        yield server


@pytest.fixture
def channel(db: None, api: Chat) -> Channel:
    return mattermost_channel(api.url)


@pytest.fixture
def ann(db: None) -> Any:
    return make_person("ann")


@pytest.fixture
def debt(ann: Any) -> DebtItem:
    return make_active_debt(ann, make_person("boss", Role.APPROVER))


@pytest.fixture
def press(channel: Channel) -> Any:
    def send(token: str, *, user: str = ANN, to: Channel = channel, **more: Any) -> Any:
        payload = {
            "user_id": user, "user_name": "ann", "channel_id": "c" * 26, "team_id": "t" * 26,
            "post_id": "p" * 26, "trigger_id": "dHJpZ2dlcg==", "type": "button",
            "context": {"answer": "acknowledge", "token": token}, **more,
        }  # fmt: skip
        return Client(enforce_csrf_checks=True).post(
            f"/chat/mattermost/{to.key}/actions", payload, content_type="application/json"
        )

    return send


@pytest.fixture
def submit(channel: Channel) -> Any:
    def send(state: str, values: dict[str, str], *, user: str = ANN, **more: Any) -> Any:
        payload = {
            "type": "dialog_submission", "callback_id": "displace", "state": state,
            "user_id": user, "channel_id": "c" * 26, "team_id": "t" * 26, "submission": values,
            "cancelled": False, **more,
        }  # fmt: skip
        return Client(enforce_csrf_checks=True).post(
            f"/chat/mattermost/{channel.key}/dialog", payload, content_type="application/json"
        ).json()  # fmt: skip

    return send


@pytest.fixture
def linked(press: Any, submit: Any, ann: Any, debt: DebtItem, channel: Channel, api: Chat) -> Any:
    press(offers(channel, debt)[Answer.SNOOZE].token)
    state = api.seen.pop().body["dialog"]["state"]
    assert submit(state, {"code": code_make(user=ann), "until": "1d"}) == {}
    assert ChatIdentity.objects.get().user == ann
    return ann


def test_seen(press: Any, linked: Any, debt: DebtItem, channel: Channel) -> None:
    sent = tell(channel, debt)
    said = press(offers(channel, debt)[Answer.ACKNOWLEDGE].token).json()
    assert said["ephemeral_text"].endswith("Ann has seen it.")
    assert answers_of([debt.pk])[debt.pk].seen_by == "ann"
    assert Delivery.objects.get(target=sent).kind == "edit"


def test_starting_repayment(press: Any, linked: Any, debt: DebtItem, channel: Channel) -> None:
    press(offers(channel, debt)[Answer.START_REPAYMENT].token)
    assert debt_get(debt.pk).state == "repaying"


def test_more_time(
    press: Any, submit: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    assert press(offers(channel, debt)[Answer.EXTEND].token).json() == {}
    (asked,) = api.seen
    assert asked.body["url"].endswith(f"/chat/mattermost/{channel.key}/dialog")
    dialog = asked.body["dialog"]
    assert [one["name"] for one in dialog["elements"]] == ["due_on", "reason"]
    values = {"due_on": "tomorrow", "reason": "late"}
    assert submit(dialog["state"], values) == {
        "errors": {"due_on": "Write the date as 2027-03-01."}
    }
    values["due_on"] = str(in_days(1))
    assert "due_on" in submit(dialog["state"], values)["errors"]
    values["due_on"] = str(in_days(40))
    assert submit(dialog["state"], values) == {}
    assert ExtensionRequest.objects.get().due_on == in_days(40)


def test_a_stranger_is_asked_for_a_code(
    press: Any, submit: Any, ann: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    press(offers(channel, debt)[Answer.ACKNOWLEDGE].token)
    dialog = api.seen.pop().body["dialog"]
    assert [one["name"] for one in dialog["elements"]] == ["code"]
    assert "code" in submit(dialog["state"], {"code": "AAAABBBB"})["errors"]
    assert submit(dialog["state"], {"code": code_make(user=ann)}) == {}
    assert answers_of([debt.pk])[debt.pk].seen_by == "ann"


def test_the_state_of_a_dialog_serves_nobody_else(
    press: Any, submit: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    """It passes through the client of whoever opened the dialog."""
    press(offers(channel, debt)[Answer.ACKNOWLEDGE].token, user=EVE)
    state = api.seen.pop().body["dialog"]["state"]
    assert "opened by somebody else" in submit(state, {}, user=ANN)["error"]
    # Nor is it a button.
    assert "not offered by Displace" in press(state, user=ANN).json()["ephemeral_text"]
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_the_token_of_a_link_is_no_button(
    press: Any, linked: Any, debt: DebtItem, channel: Channel
) -> None:
    """Everybody in the room can read a link; only the server knows a button's token."""
    token = offers(channel, debt)[Answer.ACKNOWLEDGE].url.rstrip("/").rpartition("/")[2]
    assert "not offered by Displace" in press(token).json()["ephemeral_text"]
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_an_offer_of_another_channel_is_none_here(
    press: Any, linked: Any, debt: DebtItem, api: Chat
) -> None:
    other = mattermost_channel(api.url, name="other", token="z" * 26)
    said = press(offers(other, debt)[Answer.ACKNOWLEDGE].token).json()
    assert "another place" in said["ephemeral_text"]


def test_who_manages_another_channel_cannot_speak_as_anybody(
    press: Any, linked: Any, debt: DebtItem, api: Chat
) -> None:
    own = mattermost_channel(api.url, name="own", token="z" * 26)
    press(offers(own, debt)[Answer.ACKNOWLEDGE].token, to=own)
    assert api.seen[-1].path.endswith("dialogs/open")
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_pressed_twice(press: Any, linked: Any, debt: DebtItem, channel: Channel) -> None:
    token = offers(channel, debt)[Answer.ACKNOWLEDGE].token
    press(token)
    assert "answered to this already" in press(token).json()["ephemeral_text"]


def test_a_deactivated_person_is_a_stranger(
    press: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    accounts_services.user_deactivate(user=linked)
    press(offers(channel, debt)[Answer.ACKNOWLEDGE].token)
    assert api.seen[-1].body["dialog"]["elements"][0]["name"] == "code"


def test_a_server_that_opens_no_dialog(
    press: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    api.trouble.append(Reply(500))
    said = press(offers(channel, debt)[Answer.EXTEND].token).json()
    assert f"/debts/{debt.reference}/" in said["ephemeral_text"]


def test_people_are_called_by_their_name_there(
    linked: Any, debt: DebtItem, channel: Channel
) -> None:
    row = replace(row_of(debt), mention=Mention("ann", "Ann"))
    message = message_for_sending(Message("T", "L", (row,)), channel)
    # The dialog repeats no name; it is the one of the press.
    assert message.rows[0].mention.chat_id == "ann"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"[]", b"7", b"null", b"{}", b'{"user_id": 5}', b'{"user_id": ""}', b"\xff",
        b'{"user_id": "%s"}' % (b"u" * 500), b"[" * 100_000,
    ],
    ids=range(11),
)  # fmt: skip
def test_nonsense_is_refused(channel: Channel, body: bytes) -> None:
    for end in ("actions", "dialog"):
        response = Client().post(
            f"/chat/mattermost/{channel.key}/{end}", body, content_type="application/json"
        )
        assert response.status_code == 400


@pytest.mark.parametrize("context", [None, [], {}, {"token": None}, {"token": ["x"]}, "x"])
def test_a_press_without_a_token(press: Any, linked: Any, context: Any) -> None:
    assert "not offered by Displace" in press("", context=context).json()["ephemeral_text"]


def test_a_dialog_that_was_given_up(submit: Any, linked: Any) -> None:
    assert submit("", {}, cancelled=True) == {}
    assert "error" in submit("", {}, submission=None)
    assert "error" in submit("", {}, submission=[1])


def test_a_huge_body_is_not_read(channel: Channel) -> None:
    body = json.dumps({"user_id": "x" * (1024 * 1024 + 1)})
    address = f"/chat/mattermost/{channel.key}/actions"
    assert Client().post(address, body, content_type="application/json").status_code == 413

"""The request URL of a Slack app, as Slack calls it and as others might."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from slack_sdk.models.views import View

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.domain.messages import Answer
from alerts.domain.slack_signature import signature
from alerts.models import Channel, ChatIdentity, Delivery, GivenAnswer, LinkCode, UsedOnce
from alerts.services import once
from alerts.services.identities import code_make
from common import clock
from ledger.models import DebtItem, ExtensionRequest
from ledger.selectors import answers_of, debt_get
from tests.builders.answering import (
    SIGNING_SECRET,
    offers,
    slack_channel,
    slack_press,
    slack_request,
    slack_submission,
    tell,
)
from tests.builders.debts import in_days, make_active_debt, make_person
from tests.fakes.chat_services import Chat, Reply, Request, chat

pytestmark = pytest.mark.django_db


def slack_api(request: Request) -> Reply:
    """The two methods that an answer needs, with Slack's own checks of a form."""
    if request.headers.get("authorization") != "Bearer xoxb-1234567890-abcdef":
        return Reply(value={"ok": False, "error": "invalid_auth"})
    if request.path == "/api/views.open":
        View(**request.body["view"]).to_dict()
        assert len(request.body["view"]["title"]["text"]) <= 24
        assert request.body["trigger_id"]
    else:
        assert request.path == "/api/chat.postEphemeral"
        assert request.body["user"]
    return Reply(value={"ok": True})


@pytest.fixture
def api(settings: Any) -> Iterator[Chat]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    cache.clear()
    with chat(slack_api) as server:
        yield server


@pytest.fixture
def channel(db: None, api: Chat) -> Channel:
    return slack_channel(f"{api.url}/api")


@pytest.fixture
def ann(db: None) -> Any:
    return make_person("ann")


@pytest.fixture
def debt(ann: Any) -> DebtItem:
    return make_active_debt(ann, make_person("boss", Role.APPROVER))


@pytest.fixture
def slack(channel: Channel) -> Any:
    """Send a payload as Slack does."""

    def send(payload: Any, *, to: Channel = channel, **how: Any) -> Any:
        return Client(enforce_csrf_checks=True).post(
            f"/chat/slack/{to.key}/actions", **slack_request(payload, **how)
        )

    return send


@pytest.fixture
def linked(slack: Any, ann: Any, debt: DebtItem, channel: Channel, api: Chat) -> Any:
    """Ann, who has said who she is."""
    slack(slack_press(offers(channel, debt)[Answer.SNOOZE].token))
    view = api.seen.pop().body["view"]
    values = {"code": code_make(user=ann), "until": in_days(1).isoformat()}
    slack(slack_submission(view["private_metadata"], values))
    assert ChatIdentity.objects.get().user == ann
    return ann


def test_seen(slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat) -> None:
    sent = tell(channel, debt)
    response = slack(slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token))
    assert (response.status_code, response.content) == (200, b"")
    assert answers_of([debt.pk])[debt.pk].seen_by == "ann"
    (line,) = api.seen
    assert line.path == "/api/chat.postEphemeral"
    assert line.body["text"] == f"{debt.reference}: Ann has seen it."
    assert (line.body["channel"], line.body["user"]) == ("C0123456789", "U0ANN00000")
    assert Delivery.objects.get(target=sent).kind == "edit"


def test_starting_repayment(slack: Any, linked: Any, debt: DebtItem, channel: Channel) -> None:
    slack(slack_press(offers(channel, debt)[Answer.START_REPAYMENT].token))
    assert debt_get(debt.pk).state == "repaying"


def test_more_time(slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat) -> None:
    slack(slack_press(offers(channel, debt)[Answer.EXTEND].token))
    view = api.seen.pop().body["view"]
    assert [one["block_id"] for one in view["blocks"] if "block_id" in one] == ["due_on", "reason"]
    token = view["private_metadata"]
    early = slack(slack_submission(token, {"due_on": str(in_days(1)), "reason": "x"})).json()
    assert early["response_action"] == "errors"
    assert list(early["errors"]) == ["due_on"]
    done = slack(slack_submission(token, {"due_on": str(in_days(40)), "reason": "late"})).json()
    assert done["response_action"] == "update"
    assert "an approver decides" in str(done["view"])
    View(**done["view"]).to_dict()
    assert ExtensionRequest.objects.get().due_on == in_days(40)


def test_a_stranger_is_asked_for_a_code(
    slack: Any, ann: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    slack(slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token))
    view = api.seen.pop().body["view"]
    assert [one["block_id"] for one in view["blocks"] if "block_id" in one] == ["code"]
    assert answers_of([debt.pk]) == {}
    wrong = slack(slack_submission(view["private_metadata"], {"code": "AAAABBBB"})).json()
    assert "This code is wrong" in wrong["errors"]["code"]
    right = slack(slack_submission(view["private_metadata"], {"code": code_make(user=ann)}))
    assert "Ann has seen it" in str(right.json()["view"])
    assert ChatIdentity.objects.get().chat_id == "U0ANN00000"


def test_a_date_to_be_mended_does_not_use_up_the_code(
    slack: Any, ann: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    slack(slack_press(offers(channel, debt)[Answer.SNOOZE].token))
    token = api.seen.pop().body["view"]["private_metadata"]
    values = {"code": code_make(user=ann), "until": str(in_days(300))}
    assert list(slack(slack_submission(token, values)).json()["errors"]) == ["until"]
    values["until"] = str(in_days(2))
    assert slack(slack_submission(token, values)).json()["response_action"] == "update"


def test_a_form_belongs_to_who_opened_it(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    slack(slack_press(offers(channel, debt)[Answer.EXTEND].token))
    token = api.seen.pop().body["view"]["private_metadata"]
    values = {"due_on": str(in_days(40)), "reason": "x", "code": code_make(user=linked)}
    said = slack(slack_submission(token, values, user="U0EVE00000")).json()
    assert "opened by somebody else" in str(said)
    assert not ExtensionRequest.objects.exists()


def _without(request: dict[str, Any], **headers: str) -> dict[str, Any]:
    return {**request, "headers": {**request["headers"], **headers}}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=ünïcode…"},
        {"X-Slack-Signature": "v0=" + "é" * 64},
        {"X-Slack-Signature": "v1=" + "a" * 64},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "١٢٣"},
        {"X-Slack-Request-Timestamp": "9" * 40},
        {"X-Slack-Request-Timestamp": "-5"},
        {"X-Slack-Request-Timestamp": "1e9"},
    ],
)
def test_a_forged_request(
    linked: Any, debt: DebtItem, channel: Channel, headers: dict[str, str]
) -> None:
    token = offers(channel, debt)[Answer.ACKNOWLEDGE].token
    request = _without(slack_request(slack_press(token)), **headers)
    response = Client().post(f"/chat/slack/{channel.key}/actions", **request)
    assert response.status_code == 401
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_another_secret_and_another_body(linked: Any, debt: DebtItem, channel: Channel) -> None:
    token = offers(channel, debt)[Answer.ACKNOWLEDGE].token
    address = f"/chat/slack/{channel.key}/actions"
    wrong = slack_request(slack_press(token), secret="another")
    assert Client().post(address, **wrong).status_code == 401
    changed = slack_request(slack_press(token))
    changed["data"] = changed["data"].replace(b"U0ANN00000", b"U0EVE00000")
    assert Client().post(address, **changed).status_code == 401


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_stale_request(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, seconds: int
) -> None:
    payload = slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token)
    assert slack(payload, at=clock.now().timestamp() + seconds).status_code == 401


def test_a_replayed_request(linked: Any, debt: DebtItem, channel: Channel, api: Chat) -> None:
    other = slack_channel(f"{api.url}/api", name="another")
    request = slack_request(slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token))
    address = f"/chat/slack/{channel.key}/actions"
    assert Client().post(address, **request).status_code == 200
    again = Client().post(address, **request)
    assert (again.status_code, again.json()["detail"]) == (401, "This request was taken in before.")
    assert Client().post(f"/chat/slack/{other.key}/actions", **request).status_code == 401
    assert GivenAnswer.objects.filter(answer="acknowledge").count() == 1


def test_a_nonce_is_remembered_until_its_age_refuses_it(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    UsedOnce.objects.all().delete()
    LinkCode.objects.all().delete()
    ahead = clock.now().timestamp() + 290
    slack({"type": "shortcut", "user": {"id": "U1"}, "team": {"id": "T0123456789"}}, at=ahead)
    assert UsedOnce.objects.count() == 1
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=580))
    assert once.used_forget() == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=900))
    assert once.used_forget() == 1


def test_pressed_twice(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    token = offers(channel, debt)[Answer.ACKNOWLEDGE].token
    slack(slack_press(token))
    slack(slack_press(token))
    assert "answered to this already" in api.seen[-1].body["text"]
    assert GivenAnswer.objects.filter(answer="acknowledge").count() == 1


def test_the_token_of_a_link_is_no_button(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    url = offers(channel, debt)[Answer.ACKNOWLEDGE].url
    slack(slack_press(url.rstrip("/").rpartition("/")[2]))
    assert "not offered by Displace" in api.seen[-1].body["text"]
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_a_deactivated_person_is_a_stranger(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    accounts_services.user_deactivate(user=linked)
    slack(slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token))
    assert api.seen[-1].path == "/api/views.open"
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_who_manages_another_app_cannot_speak_as_anybody(
    slack: Any, linked: Any, debt: DebtItem, api: Chat
) -> None:
    """A channel's manager chooses its workspace and its secret, but holds no links with them."""
    own = slack_channel(f"{api.url}/api", name="own", signing_secret="a secret of mine")
    payload = slack_press(offers(own, debt)[Answer.ACKNOWLEDGE].token)
    response = slack(payload, to=own, secret="a secret of mine")
    assert response.status_code == 200
    # A form that asks for a code, which nobody but Ann can make.
    assert api.seen[-1].path == "/api/views.open"
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_an_offer_of_another_app_is_none_here(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    other = slack_channel(f"{api.url}/api", name="other", signing_secret="another one")
    slack(slack_press(offers(other, debt)[Answer.ACKNOWLEDGE].token))
    assert "offered in another place" in api.seen[-1].body["text"]


def test_channels_of_one_app_share_its_address(
    slack: Any, linked: Any, debt: DebtItem, api: Chat
) -> None:
    second = slack_channel(f"{api.url}/api", name="second", channel="C9876543210")
    slack(slack_press(offers(second, debt)[Answer.ACKNOWLEDGE].token))
    assert GivenAnswer.objects.get(answer="acknowledge").channel == second


def test_another_workspace_is_refused(slack: Any, debt: DebtItem, channel: Channel) -> None:
    payload = slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token, team={"id": "T9"})
    assert slack(payload).status_code == 400


def test_without_a_signing_secret_nothing_is_believed(
    slack: Any, debt: DebtItem, api: Chat
) -> None:
    bare = slack_channel(f"{api.url}/api", name="bare", signing_secret="")
    payload = slack_press("x")
    assert slack(payload, to=bare).status_code == 401
    assert slack(payload, to=bare, secret="").status_code == 401


SENT = {"user": {"id": "U1"}, "team": {"id": "T0123456789"}}
PRESS, FORM = {**SENT, "type": "block_actions"}, {**SENT, "type": "view_submission"}
ODD_VALUES = {"values": {"code": {"code": "x"}, "y": 3}}


@pytest.mark.parametrize(
    "payload",
    [
        [], "x", 7, None, {}, {"type": "block_actions"}, {"type": ["block_actions"]},
        {"user": "U1"}, {"user": {"id": 5}}, {"user": {"id": "U" * 5000}}, SENT, PRESS, FORM,
        {**PRESS, "actions": 5}, {**PRESS, "actions": [[]]}, {**PRESS, "actions": [{"value": {}}]},
        {**FORM, "view": []}, {**FORM, "view": {"state": ODD_VALUES, "private_metadata": []}},
    ],
)  # fmt: skip
def test_nonsense_that_is_signed_breaks_nothing(slack: Any, payload: Any) -> None:
    assert slack(payload).status_code in (200, 400)


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload=%ff", b"a=b", b"\xff\xfe", b"{}"])
def test_a_body_that_is_no_form(channel: Channel, body: bytes) -> None:
    request = slack_request({})
    moment = request["headers"]["X-Slack-Request-Timestamp"]
    request["headers"]["X-Slack-Signature"] = signature(SIGNING_SECRET, moment, body)
    request["data"] = body
    assert Client().post(f"/chat/slack/{channel.key}/actions", **request).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "a:b", "x" * 3000, "\0"])
def test_a_token_that_is_none_of_ours(slack: Any, linked: Any, api: Chat, token: str) -> None:
    assert slack(slack_press(token)).status_code == 200
    assert not GivenAnswer.objects.filter(answer="acknowledge").exists()


def test_a_huge_body_is_not_read(channel: Channel) -> None:
    request = slack_request({})
    request["data"] = b"x" * (1024 * 1024 + 1)
    assert Client().post(f"/chat/slack/{channel.key}/actions", **request).status_code == 413


def test_wrong_ways_to_ask(channel: Channel) -> None:
    address = f"/chat/slack/{channel.key}/actions"
    assert Client().get(address).status_code == 405
    assert Client().post("/chat/slack/nobody/actions", **slack_request({})).status_code == 404
    assert Client().post(f"/chat/mattermost/{channel.key}/actions").status_code == 404
    refused = Client().post(address, **slack_request({}, secret="x"))
    assert channel.key not in json.dumps(refused.json())


@pytest.mark.parametrize(
    "trouble",
    [Reply(500), Reply(value="no JSON"), Reply(value={"ok": False}), Reply(value=[])],
    ids=["500", "text", "refused", "list"],
)
def test_slack_that_does_not_answer_changes_nothing_of_the_answer(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat, trouble: Reply
) -> None:
    api.trouble.append(trouble)
    assert slack(slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token)).status_code == 200
    assert GivenAnswer.objects.get(answer="acknowledge").is_done


def test_what_is_said_back_mentions_nobody(
    slack: Any, linked: Any, debt: DebtItem, channel: Channel, api: Chat
) -> None:
    linked.display_name = "<!channel> <@U1> *x*"
    linked.save()
    slack(slack_press(offers(channel, debt)[Answer.ACKNOWLEDGE].token))
    assert "<" not in api.seen[-1].body["text"]

"""Characters that no database stores, in every place where a chat service says something."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.domain.roles import Role
from alerts.domain.messages import Answer
from alerts.models import ChatIdentity
from alerts.services.links import Offered, Purpose, offer_token
from alerts.services.workspaces import workspace_of
from common import clock
from tests.builders.answering import (
    mattermost_channel,
    offers,
    slack_channel,
    slack_press,
    slack_request,
    slack_submission,
)
from tests.builders.debts import in_days, make_active_debt, make_person

pytestmark = pytest.mark.django_db
ANN = "a" * 26
ODD = ["\0", "\ud800", "a\0b", "x\udfffy", "\u202e@all", "\x1b[2J"]


@pytest.fixture
def ann(db: None) -> Any:
    cache.clear()
    return make_person("ann")


@pytest.fixture
def debt(ann: Any) -> Any:
    return make_active_debt(ann, make_person("boss", Role.APPROVER))


def linked(ann: Any, channel: Any, chat_id: str) -> None:
    ChatIdentity.objects.create(
        user=ann, kind=channel.kind, workspace=workspace_of(channel), chat_id=chat_id,
        linked_at=clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_mattermost(ann: Any, debt: Any, odd: str) -> None:
    channel = mattermost_channel()
    linked(ann, channel, ANN)
    button = offers(channel, debt)[Answer.ACKNOWLEDGE].token
    for extra in ({"user_id": odd}, {"user_name": odd}, {"trigger_id": odd}):
        body = json.dumps({"user_id": ANN, "context": {"token": button}, **extra})
        path = f"/chat/mattermost/{channel.key}/actions"
        assert Client().post(path, body, content_type="application/json").status_code < 500
    offered = Offered(debt.pk, debt.due_on, Answer.EXTEND, channel.pk, chat_id=ANN)
    state = offer_token(offered, purpose=Purpose.FORM)
    good = {"due_on": in_days(60).isoformat(), "reason": "why"}
    for extra in ({"code": odd}, {"due_on": odd}, {"reason": odd}, {odd: odd}):
        body = json.dumps({"user_id": ANN, "state": state, "submission": {**good, **extra}})
        path = f"/chat/mattermost/{channel.key}/dialog"
        assert Client().post(path, body, content_type="application/json").status_code < 500


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_slack(ann: Any, debt: Any, odd: str) -> None:
    channel = slack_channel()
    linked(ann, channel, "U0ANN00000")
    button = offers(channel, debt)[Answer.ACKNOWLEDGE].token
    offered = Offered(debt.pk, debt.due_on, Answer.EXTEND, channel.pk, chat_id="U0ANN00000")
    state = offer_token(offered, purpose=Purpose.FORM)
    payloads = [
        slack_press(odd),
        slack_press(button, user=odd),
        slack_press(button, trigger_id=odd),
        slack_submission(odd, {"reason": "x"}),
        slack_submission(state, {"due_on": in_days(60).isoformat(), "reason": odd}),
        slack_submission(state, {"due_on": odd, "reason": "x"}),
        slack_submission(state, {"code": odd}, user=odd),
    ]
    for payload in payloads:
        path = f"/chat/slack/{channel.key}/actions"
        assert Client().post(path, **slack_request(payload)).status_code < 500

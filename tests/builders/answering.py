"""Channels that can be answered in, and the messages in them as a service would show them."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from accounts.domain.roles import Role
from alerts.domain.messages import Answer, Message, Offer, Row, Tone, as_json
from alerts.models import Channel, Delivery, Digest, Notice
from alerts.services.channels import channel_create
from alerts.services.rendering import message_for_sending
from common import clock
from ledger.models import DebtItem
from tests.builders.debts import make_person

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
WORKSPACE = "T0123456789"


def admin() -> Any:
    """An admin of the tests."""
    return make_person(f"admin{time.monotonic_ns()}", Role.ADMIN)


def slack_channel(
    api: str = "https://slack.invalid/api", name: str = "payments", **values: str
) -> Channel:
    return channel_create(
        actor=admin(),
        kind="slack",
        name=name,
        values={
            "token": "xoxb-1234567890-abcdef",
            "channel": "C0123456789",
            "signing_secret": SIGNING_SECRET,
            "workspace": WORKSPACE,
            "api": api,
            **values,
        },
    )


def mattermost_channel(
    server: str = "https://chat.invalid", name: str = "payments", **values: str
) -> Channel:
    return channel_create(
        actor=admin(),
        kind="mattermost",
        name=name,
        values={"server": server, "token": "t" * 26, "channel_id": "c" * 26, **values},
    )


def row_of(item: DebtItem) -> Row:
    return Row(
        item_id=item.pk,
        reference=item.reference,
        title=item.title,
        url=f"https://debts.example.org/debts/{item.reference}/",
        tone=Tone.SOON,
        due_on=item.due_on,
        when="Due in 10 days",
        cost="",
        ask="Repay it.",
        answers=tuple(Answer),
    )


def tell(channel: Channel, *items: DebtItem, state: str = "sent") -> Delivery:
    """A digest of these debts that went out in a channel."""
    now = clock.now()
    digest = Digest.objects.create(
        channel=channel, day=clock.today(), created_at=now, items=len(items)
    )
    for item in items:
        Notice.objects.create(
            channel=channel,
            item=item,
            due_on=item.due_on,
            stage="in_14",
            rank=20,
            digest=digest,
            said_at=now,
        )
    message = Message("Payments: debts need you", "Look.", tuple(row_of(item) for item in items))
    return Delivery.objects.create(
        channel=channel,
        digest=digest,
        kind="digest",
        message=as_json(message),
        dedupe=f"digest:{digest.pk}",
        state=state,
        created_at=now,
        next_attempt_at=now,
        expires_at=now + timedelta(days=3),
        sent_at=now,
        remote={"remote_id": "1"},
    )


def offers(channel: Channel, item: DebtItem) -> dict[Answer, Offer]:
    """What the message of this channel lets people answer to a debt."""
    message = message_for_sending(Message("T", "L", (row_of(item),)), channel)
    return {offer.answer: offer for offer in message.rows[0].offers}


def slack_request(
    payload: Any, *, secret: str = SIGNING_SECRET, at: float | None = None
) -> dict[str, Any]:
    """Arguments of the test client for a request that Slack has signed."""
    moment = str(int(clock.now().timestamp() if at is None else at))
    body = urlencode({"payload": json.dumps(payload)}).encode()
    content = f"v0:{moment}:".encode() + body
    signature = "v0=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    return {
        "data": body,
        "content_type": "application/x-www-form-urlencoded",
        "headers": {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": signature},
    }


def slack_press(token: str, *, user: str = "U0ANN00000", **more: Any) -> dict[str, Any]:
    """What Slack sends when somebody presses a button."""
    return {
        "type": "block_actions",
        "user": {"id": user, "username": "ann", "name": "ann", "team_id": WORKSPACE},
        "team": {"id": WORKSPACE, "domain": "example"},
        "trigger_id": "12466734323.1395872398",
        "channel": {"id": "C0123456789", "name": "payments"},
        "actions": [
            {
                "action_id": "displace:acknowledge",
                "block_id": "displace:1:0",
                "type": "button",
                "value": token,
                "action_ts": str(time.monotonic_ns()),
            }
        ],
        **more,
    }


def slack_submission(
    token: str, values: dict[str, str], *, user: str = "U0ANN00000", **more: Any
) -> dict[str, Any]:
    """What Slack sends when somebody sends a form off."""
    kinds = {"until": "selected_date", "due_on": "selected_date"}
    state = {
        name: {name: {"type": "x", kinds.get(name, "value"): value}}
        for name, value in values.items()
    }
    return {
        "type": "view_submission",
        "user": {"id": user, "username": "ann", "name": "ann", "team_id": WORKSPACE},
        "team": {"id": WORKSPACE},
        "view": {
            "id": f"V{time.monotonic_ns()}",
            "callback_id": "displace:answer",
            "private_metadata": token,
            "state": {"values": state},
        },
        **more,
    }

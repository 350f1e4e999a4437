"""Messages for Slack against the SDK's own models and Slack's limits, strangers' text harmless."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.blocks import Block

from alerts.channels.formats import block_kit
from alerts.channels.slack import Slack
from alerts.channels.slack_webhook import SlackWebhook
from alerts.domain.messages import Answer, Mention, Message, Offer
from common.connection_settings import BadSettings
from tests.builders.alert_messages import AGAIN, BASE, ENVELOPE, hostile_messages, message, row

MARKED = re.compile(r"<[^<>]*>?")


def texts(found: list[dict[str, Any]], kind: str) -> list[str]:
    """Every text of one kind: "mrkdwn" or "plain_text"."""
    parts = [part for one in found for part in (one, *one.get("elements", ()))]
    objects = [part["text"] if isinstance(part.get("text"), dict) else part for part in parts]
    return [one["text"] for one in objects if one.get("type") == kind]


def assert_slack_takes(payload: dict[str, Any]) -> None:
    blocks = payload["blocks"]
    json.dumps(payload, ensure_ascii=False).encode("utf-8")
    assert 1 <= len(blocks) <= 50  # the SDK does not look at it
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        assert parsed.to_dict() == block, "the SDK knows every key"
    ids = [one["block_id"] for one in blocks if "block_id" in one]
    assert len(ids) == len(set(ids))
    assert len(payload["text"]) <= 3000
    assert sum(len(text) for kind in ("mrkdwn", "plain_text") for text in texts(blocks, kind)) < (
        13_000
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_messages())
def test_hostile_text_rings_nobody_and_links_nowhere(hostile: Message) -> None:
    payload = block_kit.payload(hostile, ENVELOPE)
    assert_slack_takes(payload)
    marked = [payload["text"], *texts(payload["blocks"], "mrkdwn")]
    for text in marked:
        assert all(one.startswith(f"<{BASE}/") for one in MARKED.findall(text))
        assert "`" not in text
        assert "~" not in text
    assert MARKED.findall(payload["text"]) == []
    for block in payload["blocks"]:
        if block["type"] == "section":
            assert block["text"]["verbatim"] is True
    assert f"{BASE}/debts/?team=payments|and " in json.dumps(payload)


def test_a_plain_message_says_everything() -> None:
    payload = block_kit.payload(message(), ENVELOPE)
    assert_slack_takes(payload)
    said = "\n".join(texts(payload["blocks"], "mrkdwn"))
    for part in (
        f"*<{BASE}/debts/1/|D-1 Carts live in the memory of one process>*",
        "Expired on 30 September 2026, 12 days ago · Each month of waiting costs 2 to 4 days",
        "“A restart empties the carts of 2,100 customers.”",
        "→ Ann Lee: Payments: repay it",
        "• 14 debts are on record",
        "Bo Berg Of 3 promises",
        f"<{BASE}/debts/?team=payments|and 4 more>",
        "Displace · Ref 0d9c3a52",
    ):
        assert part in said
    assert texts(payload["blocks"], "plain_text")[0] == message().title


def test_buttons_carry_the_answer_and_its_token() -> None:
    found = block_kit.payload(message(rows=1), ENVELOPE)["blocks"]
    (actions,) = [one for one in found if one["type"] == "actions"]
    assert [(one["action_id"], one["value"]) for one in actions["elements"]] == [
        ("displace:acknowledge", "token-acknowledge"),
        ("displace:extend", "token-extend"),
    ]
    linked = block_kit.payload(block_kit.without_buttons(message(rows=1)), ENVELOPE)["blocks"]
    assert all(one["type"] != "actions" for one in linked)
    assert f"<{BASE}/answers/token-extend/|Ask for more time>" in "\n".join(texts(linked, "mrkdwn"))


def test_the_largest_message_keeps_all_its_rows() -> None:
    offers = tuple(Offer(one, one.value, "t" * 400, f"{BASE}/a/") for one in Answer)
    rows = tuple(row(number, offers=offers, note="Ann has seen it") for number in range(10))
    payload = block_kit.payload(replace(message(), rows=rows), ENVELOPE)
    assert_slack_takes(payload)
    assert sum(one["type"] == "actions" for one in payload["blocks"]) == 10


def test_too_much_text_drops_rows_and_counts_them() -> None:
    long = "Nine words that together make one long sentence here. " * 30
    rows = tuple(row(n, title=long, when=long, cost=long, ask=long, note=long) for n in range(10))
    one = replace(message(), rows=rows, facts=tuple([long] * 20), more=0)
    payload = block_kit.payload(one, ENVELOPE)
    assert_slack_takes(payload)
    kept = sum(one["type"] == "actions" for one in payload["blocks"])
    assert kept < 10
    assert f"and {10 - kept} more" in "\n".join(texts(payload["blocks"], "mrkdwn"))


@pytest.mark.parametrize(
    ("chat_id", "said"),
    [
        ("U0123ABCD", "<@U0123ABCD>"),
        ("", "Ann &lt;Lee&gt;"),
        ("!channel", "Ann &lt;Lee&gt;"),
        ("U1> <!here", "Ann &lt;Lee&gt;"),
        ("ann", "Ann &lt;Lee&gt;"),
    ],
)
def test_only_a_linked_account_is_rung(chat_id: str, said: str) -> None:
    assert block_kit.called(Mention("ann", "Ann <Lee>", chat_id)) == said


def test_a_repetition_says_that_it_is_one() -> None:
    assert "it may be here twice" not in json.dumps(block_kit.payload(message(), ENVELOPE))
    assert "it may be here twice" in json.dumps(block_kit.payload(message(), AGAIN))


GOOD = {
    "token": "xoxb-1234567890-abcdef",
    "channel": "C0123456789",
    "signing_secret": "",
    "workspace": "",
    "api": "https://slack.com/api",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token", "xoxp-1234567890-abcdef"),
        ("channel", "#general"),
        ("workspace", "acme"),
        ("api", "slack.com"),
        ("api", "https://me:secret@slack.com/api"),
        ("api", "https://slack.com:99999/"),
    ],
)
def test_settings_that_cannot_work_are_refused(field: str, value: str) -> None:
    Slack().check(GOOD)
    with pytest.raises(BadSettings) as caught:
        Slack().check({**GOOD, field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("url", ["", "hooks.slack.com/services/T/B/x", "https://hooks.slack.com/"])
def test_a_webhook_address_is_looked_at(url: str) -> None:
    SlackWebhook().check({"url": "https://hooks.slack.com/services/T000/B000/XXXX"})
    with pytest.raises(BadSettings):
        SlackWebhook().check({"url": url})


def test_nothing_secret_is_shown() -> None:
    assert Slack().shown(GOOD) == "Slack channel C0123456789"
    assert "XXXX" not in SlackWebhook().shown({"url": "https://hooks.slack.com/services/T/B/XXXX"})

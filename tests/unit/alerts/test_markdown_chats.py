"""Messages for Mattermost and Discord against their limits, strangers' text harmless."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from alerts.channels import discord
from alerts.channels.formats import mattermost
from alerts.channels.mattermost import Mattermost
from alerts.channels.mattermost_webhook import MattermostWebhook
from alerts.channels.text import units
from alerts.domain.messages import Answer, Mention, Message, Offer
from common.connection_settings import BadSettings
from tests.builders.alert_messages import AGAIN, BASE, ENVELOPE, hostile_messages, message, row

OUR_LINK = re.compile(rf"\[(?:\\.|[^\]\\])*\]\({re.escape(BASE)}/[^()\s]*\)")
# What rings or becomes a link by itself: people, channels, addresses.
CALL = re.compile(r"[@~]\w|://|(?i:www)\.")
ANSWERS = f"{BASE}/chat/mattermost/key/actions"
HOSTILE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def strangers(text: str, marks: str) -> None:
    """Nothing in `text` but our own links and marks means anything."""
    rest = OUR_LINK.sub("", text)
    bare = re.sub(r"\\.", "", rest)
    assert not CALL.search(rest if "$" in marks else bare), rest
    assert not set(marks) & set(bare), bare


def assert_mattermost_takes(post: dict[str, Any]) -> None:
    json.dumps(post, ensure_ascii=False).encode("utf-8")
    assert len(post["text"]) <= 16_383
    assert len(post["attachments"]) <= 10
    for attachment in post["attachments"]:
        assert re.fullmatch(r"#[0-9A-F]{6}", attachment["color"])
        assert attachment["fallback"]
        for action in attachment.get("actions", ()):
            assert re.fullmatch(r"[A-Za-z0-9]+", action["id"]), "other ids are not answered"
            assert action["integration"]["url"] == ANSWERS
    ids = [one["id"] for found in post["attachments"] for one in found.get("actions", ())]
    assert len(ids) == len(set(ids))


@HOSTILE
@given(hostile_messages())
def test_hostile_text_is_harmless_at_mattermost(hostile: Message) -> None:
    for answers_url in ("", ANSWERS):
        post = mattermost.post(hostile, ENVELOPE, answers_url=answers_url)
        assert_mattermost_takes(post)
        assert f"({BASE}/debts/?team=payments)" in post["text"]
        body = re.sub(r"^#### ", "", post["text"])
        assert not set("<>") & set(post["text"])
        strangers(body, "`_*~[]{}|$^")
        for attachment in post["attachments"]:
            told = re.sub(r"^\*\*(.*)\*\*$", r"\1", attachment["text"], flags=re.MULTILINE)
            strangers(told, "`_*~[]|$")
            assert not CALL.search(attachment["title"])
            assert not CALL.search(attachment["fallback"])
            assert attachment["title_link"].startswith(BASE)


def assert_discord_takes(payload: dict[str, Any]) -> None:
    json.dumps(payload, ensure_ascii=False).encode("utf-8")
    (embed,) = payload["embeds"]
    assert len(payload["content"]) <= 2000
    assert units(embed["title"]) <= 256
    assert units(embed["description"]) <= 4096
    assert len(embed["fields"]) <= 25
    texts = [embed["title"], embed["description"], embed["footer"]["text"]]
    for field in embed["fields"]:
        assert 1 <= units(field["name"]) <= 256
        assert 1 <= units(field["value"]) <= 1024
        texts += [field["name"], field["value"]]
    assert sum(map(units, texts)) <= 6000
    assert payload["allowed_mentions"]["parse"] == []


@HOSTILE
@given(hostile_messages())
def test_hostile_text_is_harmless_at_discord(hostile: Message) -> None:
    payload = discord.payload(hostile, ENVELOPE)
    assert_discord_takes(payload)
    assert payload["content"] == ""
    assert payload["allowed_mentions"] == {"parse": [], "users": []}
    embed = payload["embeds"][0]
    assert f"({BASE}/debts/?team=payments)" in embed["description"]
    for text in (embed["description"], *(one["value"] for one in embed["fields"])):
        strangers(text, "`_*~[]<>#")
    for field in embed["fields"]:
        strangers(field["name"], "`_*~[]<>#")


def test_a_plain_message_says_everything_at_mattermost() -> None:
    post = mattermost.post(message(), ENVELOPE, answers_url=ANSWERS)
    assert_mattermost_takes(post)
    for part in ("#### Payments:", "Bo Berg Of 3 promises", "- 14 debts", "Ref 0d9c3a52"):
        assert part in post["text"].replace("\u200b", "")
    first = post["attachments"][0]
    assert first["title"] == "🔴 D-1 Carts live in the memory of one process"
    assert "→ Ann Lee: Payments:" in first["text"].replace("\u200b", "")
    assert [one["name"] for one in first["actions"]] == ["Seen", "Ask for more time"]
    context = {"answer": "acknowledge", "token": "token-acknowledge"}
    assert first["actions"][0]["integration"]["context"] == context
    linked = mattermost.post(message(), ENVELOPE)["attachments"][0]
    assert "actions" not in linked
    assert f"[Seen]({BASE}/answers/token-acknowledge/)" in linked["text"]


def test_a_plain_message_says_everything_at_discord() -> None:
    payload = discord.payload(message(), ENVELOPE)
    assert_discord_takes(payload)
    embed = payload["embeds"][0]
    assert embed["title"] == message().title
    assert embed["color"] == 0xC62828
    assert "• 14 debts are on record" in embed["description"]
    assert embed["footer"]["text"] == "Displace · Ref 0d9c3a52"
    value = embed["fields"][0]["value"].replace("\u200b", "")
    assert "→ Ann Lee: Payments: repay it" in value
    assert f"[Open]({BASE}/debts/1/) · [Seen]({BASE}/answers/token-acknowledge/)" in value


def test_linked_accounts_are_rung_and_nobody_else() -> None:
    ann, bo = Mention("ann", "Ann", "80351110224678912"), Mention("bo", "Bo", "@everyone")
    one = replace(message(rows=0), rows=(row(mention=ann), row(mention=ann)), call=(bo,))
    payload = discord.payload(one, ENVELOPE)
    assert payload["content"] == "<@80351110224678912>"
    assert payload["allowed_mentions"] == {"parse": [], "users": ["80351110224678912"]}
    assert mattermost.called(Mention("ann", "Ann", "ann.lee")) == "@ann.lee"
    assert mattermost.called(Mention("ann", "Ann @x", "")) == "Ann @\u200bx"
    assert mattermost.called(Mention("ann", "Ann", "ann lee")) == "Ann"


def test_many_long_links_at_discord_keep_every_row() -> None:
    offers = tuple(Offer(one, one.value, "", f"{BASE}/a/{'x' * 250}/") for one in Answer)
    rows = tuple(row(number, offers=offers) for number in range(10))
    payload = discord.payload(replace(message(), rows=rows), ENVELOPE)
    assert_discord_takes(payload)
    fields = payload["embeds"][0]["fields"]
    assert len(fields) == 10
    assert all(f"{BASE}/debts/" in one["value"] for one in fields)


def test_too_much_for_mattermost_drops_rows_and_counts_them() -> None:
    long = "漢字 " * 200
    rows = tuple(row(n, title=long, when=long, cost=long, ask=long, note=long) for n in range(10))
    facts = tuple([long] * 50)
    post = mattermost.post(replace(message(), rows=rows, facts=facts, more=0), ENVELOPE)
    assert_mattermost_takes(post)


@pytest.mark.parametrize("build", [discord.payload, mattermost.post])
def test_a_repetition_says_that_it_is_one(build: Any) -> None:
    assert "it may be here twice" not in json.dumps(build(message(), ENVELOPE))
    assert "it may be here twice" in json.dumps(build(message(), AGAIN))


BOT = {"server": "https://chat.example.org", "token": "a1" * 13, "channel_id": "b2" * 13}
HOOK = "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("field", "value"), [("server", "chat"), ("token", "a b"), ("channel_id", "town-square")]
)
def test_settings_that_cannot_work_are_refused(field: str, value: str) -> None:
    Mattermost().check(BOT)
    with pytest.raises(BadSettings) as caught:
        Mattermost().check({**BOT, field: value})
    assert caught.value.field == field


def test_webhook_addresses_are_looked_at() -> None:
    MattermostWebhook().check({"url": "https://chat.example.org/hooks/abc"})
    discord.Discord().check({"url": HOOK})
    for kind, url in (
        (MattermostWebhook(), "https://chat.example.org/hooks/"),
        (discord.Discord(), "https://discord.com/channels/1/2"),
        (discord.Discord(), f"{HOOK}?wait=true"),
    ):
        with pytest.raises(BadSettings):
            kind.check({"url": url})
    assert Mattermost().workspace(BOT) == "chat.example.org"
    assert BOT["token"] not in Mattermost().shown(BOT)

"""Cards for Teams against Microsoft's schema and the limit of 28 KB, strangers' text harmless."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from alerts.channels import teams
from alerts.domain.messages import Answer, Message, Offer
from common.connection_settings import BadSettings
from tests.builders.alert_messages import AGAIN, BASE, ENVELOPE, hostile_messages, message, row

SCHEMA = Path(__file__).resolve().parents[2] / "schemas/adaptive-card-1.4.json"
VALIDATOR = jsonschema.Draft6Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def elements(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a card."""
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from elements(one)
    elif isinstance(value, list):
        for one in value:
            yield from elements(one)


def card_of(payload: dict[str, Any]) -> dict[str, Any]:
    (attachment,) = payload["attachments"]
    assert payload["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attachment["content"]
    return card


def assert_teams_takes(payload: dict[str, Any]) -> None:
    assert len(json.dumps(payload, ensure_ascii=False).encode("utf-8")) <= 28 * 1024
    card = card_of(payload)
    # Teams' own setting is the one key that the general schema does not know.
    VALIDATOR.validate({name: value for name, value in card.items() if name != "msteams"})
    sets = [one["actions"] for one in elements(card) if one.get("type") == "ActionSet"]
    assert all(1 <= len(actions) <= 6 for actions in sets)


def said(payload: dict[str, Any]) -> list[str]:
    return [one["text"] for one in elements(payload) if one.get("type") == "TextRun"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_messages())
def test_hostile_text_is_never_read_as_markdown(hostile: Message) -> None:
    payload = teams.payload(hostile, ENVELOPE)
    assert_teams_takes(payload)
    # A TextBlock reads Markdown; a TextRun does not.
    assert all(one.get("type") != "TextBlock" for one in elements(payload))
    assert "entities" not in json.dumps(list(card_of(payload)))
    urls = [one["url"] for one in elements(payload) if "url" in one]
    assert all(url.startswith(f"{BASE}/") for url in urls)
    assert f"{BASE}/debts/?team=payments" in urls
    assert all(text.isprintable() or "\u200d" in text or "\u200c" in text for text in said(payload))


def test_the_schema_refuses_a_card_that_is_none() -> None:
    card = card_of(teams.payload(message(), ENVELOPE))
    card.pop("msteams")
    VALIDATOR.validate(card)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({**card, "body": [{"type": "RichTextBlock"}]})


def test_a_plain_message_says_everything() -> None:
    payload = teams.payload(message(), ENVELOPE)
    assert_teams_takes(payload)
    text = "\n".join(said(payload))
    for part in (
        "Payments: 3 debts need you, 1 has expired",
        "Bo Berg: Of 3 promises",
        "• 14 debts are on record",
        "D-1 Carts live in the memory of one process",
        "Expired on 30 September 2026, 12 days ago · Each month",
        "“A restart empties",
        "→ Ann Lee: Payments: repay it",
        "Displace · Ref 0d9c3a52",
    ):
        assert part in text
    actions = [(one["title"], one["url"]) for one in elements(payload) if "url" in one]
    assert ("Seen", f"{BASE}/answers/token-acknowledge/") in actions
    assert ("Open", f"{BASE}/debts/1/") in actions
    assert ("and 4 more", f"{BASE}/debts/?team=payments") in actions


def test_a_message_that_is_too_large_keeps_the_link_to_the_rest() -> None:
    long = "漢" * 600
    offers = tuple(Offer(one, one.value, "", f"{BASE}/a/{'x' * 300}/") for one in Answer)
    rows = tuple(
        row(n, title=long, when=long, cost=long, ask=long, impact=long, offers=offers)
        for n in range(10)
    )
    payload = teams.payload(replace(message(), rows=rows, more=0), ENVELOPE)
    assert_teams_takes(payload)
    kept = sum(one.get("type") == "Container" for one in elements(payload))
    assert 0 < kept < 10
    assert f"and {10 - kept} more" in json.dumps(payload)


def test_a_repetition_says_that_it_is_one() -> None:
    assert "it may be here twice" not in json.dumps(teams.payload(message(), ENVELOPE))
    assert "it may be here twice" in json.dumps(teams.payload(message(), AGAIN))


def test_the_address_of_an_old_connector_is_refused() -> None:
    good = "https://x.environment.api.powerplatform.com:443/powerautomate/automations/direct?sig=s"
    teams.Teams().check({"url": good})
    with pytest.raises(BadSettings, match="retired"):
        teams.Teams().check({"url": "https://acme.webhook.office.com/webhookb2/1/IncomingWebhook"})
    with pytest.raises(BadSettings):
        teams.Teams().check({"url": "https://x.logic.azure.com/"})

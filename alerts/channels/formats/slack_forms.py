"""Slack's modals: asking for a day, a reason or a code, and saying what came of it.

Everything of a stranger stands in plain text, in which Slack reads no marks. Limits
(docs.slack.dev/reference/views): a title of 24 characters, private_metadata of 3,000.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from alerts.channels.formats.block_kit import escaped
from alerts.channels.text import plain

TITLE = "Displace"
MOST_TEXT = 3_000
MOST_REASON = 2_000
# What a form proposes before anybody chooses a day.
PROPOSED_SNOOZE = timedelta(days=3)
PROPOSED_EXTENSION = timedelta(days=30)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a modal asks for; the blocks are named like the fields of `alerts.services.pressing`."""

    token: str
    heading: str
    due_on: date
    asks_until: bool
    asks_date: bool
    asks_code: bool
    today: date


def form(asked: Asked) -> Json:
    """The modal as Slack's API takes it."""
    blocks: list[Json] = [_text(plain(asked.heading, 300))]
    if asked.asks_code:
        blocks.append(_text(HOW_TO_LINK.format(settings.BASE_URL)))
        blocks.append(_input("code", "Your code", {"type": "plain_text_input", "max_length": 20}))
    if asked.asks_until:
        blocks.append(_day("until", "Remind me on", asked.today + PROPOSED_SNOOZE))
    if asked.asks_date:
        proposed = max(asked.due_on, asked.today) + PROPOSED_EXTENSION
        blocks.append(_day("due_on", "New date", proposed))
        reason = {"type": "plain_text_input", "multiline": True, "max_length": MOST_REASON}
        blocks.append(_input("reason", "Why", reason))
    return {
        "type": "modal",
        "callback_id": "displace:answer",
        "private_metadata": asked.token,
        "title": _plain(TITLE),
        "submit": _plain("Send"),
        "close": _plain("Cancel"),
        "blocks": blocks,
    }


HOW_TO_LINK = (
    "Displace does not know yet who you are. Sign in there, make a code at {}/alerts/me/ and "
    "enter it here within 10 minutes. Enter only a code that you have made yourself."
)


def notice(text: str) -> Json:
    """The modal that says what came of it."""
    return {
        "type": "modal",
        "title": _plain(TITLE),
        "close": _plain("Close"),
        "blocks": [_text(plain(text, MOST_TEXT))],
    }


def line(text: str) -> str:
    """A message of one line, in which nothing of a stranger is a mark or a mention."""
    return escaped(text, MOST_TEXT)


def values(state: Mapping[str, Any]) -> dict[str, str]:
    """What was entered, by block, as Slack reports it."""
    found: dict[str, str] = {}
    for block, actions in state.items():
        for action in actions.values() if isinstance(actions, dict) else ():
            entered = action if isinstance(action, dict) else {}
            found[str(block)] = str(entered.get("selected_date") or entered.get("value") or "")
    return found


def _day(name: str, label: str, proposed: date) -> Json:
    return _input(name, label, {"type": "datepicker", "initial_date": proposed.isoformat()})


def _input(name: str, label: str, element: Json) -> Json:
    element = {**element, "action_id": name}
    return {"type": "input", "block_id": name, "label": _plain(label), "element": element}


def _text(text: str) -> Json:
    return {"type": "section", "text": _plain(text)}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}

"""Slack's modals: asking for a day, a reason or a code, and saying what came of it.

Everything of a stranger stands in plain text, in which Slack reads no marks. Limits
(docs.slack.dev/reference/views): a title of 24 characters, private_metadata of 3,000.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from alerts.channels.formats.asking import MOST_REASON, TITLE, Asked, how_to_link
from alerts.channels.formats.block_kit import escaped
from alerts.channels.text import plain

MOST_TEXT = 3_000

Json = dict[str, Any]


def form(asked: Asked) -> Json:
    """The modal as Slack's API takes it."""
    blocks: list[Json] = [_text(plain(asked.heading, 300))]
    if asked.asks_code:
        blocks.append(_text(how_to_link()))
        blocks.append(_input("code", "Your code", {"type": "plain_text_input", "max_length": 20}))
    if asked.asks_until:
        blocks.append(_day("until", "Remind me on", asked.proposed_until))
    if asked.asks_date:
        blocks.append(_day("due_on", "New date", asked.proposed_date))
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

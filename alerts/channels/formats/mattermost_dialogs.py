"""Mattermost's dialogs: asking for a day, a reason or a code.

Limits (developers.mattermost.com, "Interactive dialogs"): a title of 24 characters, an element's
name of 24, help of 150. The introduction is read as Markdown.
"""

from datetime import date
from typing import Any

from alerts.channels.formats.asking import MOST_REASON, TITLE, Asked, how_to_link
from alerts.channels.formats.mattermost import escaped

MOST_TEXT = 3_000

Json = dict[str, Any]


def dialog(asked: Asked) -> Json:
    """The dialog as Mattermost's API takes it."""
    introduction = [escaped(asked.heading, 300)]
    elements: list[Json] = []
    if asked.asks_code:
        introduction.append(how_to_link())
        elements.append(_text("code", "Your code", most=20))
    if asked.asks_until:
        elements.append(_day("until", "Remind me on", asked.proposed_until))
    if asked.asks_date:
        elements.append(_day("due_on", "New date", asked.proposed_date))
        elements.append(_text("reason", "Why", most=MOST_REASON, is_long=True))
    return {
        "callback_id": "displace",
        "title": TITLE,
        "introduction_text": "\n\n".join(introduction),
        "elements": elements,
        "submit_label": "Send",
        "notify_on_cancel": False,
        "state": asked.token,
    }


def line(text: str) -> str:
    """A message of one line, in which nothing of a stranger is a mark or a mention."""
    return escaped(text, MOST_TEXT)


def _day(name: str, label: str, proposed: date) -> Json:
    help_text = "A date such as 2027-03-01, or 3d for 3 days from now."
    return {**_text(name, label, most=20), "default": proposed.isoformat(), "help_text": help_text}


def _text(name: str, label: str, *, most: int, is_long: bool = False) -> Json:
    return {
        "display_name": label,
        "name": name,
        "type": "textarea" if is_long else "text",
        "max_length": most,
    }

"""Slack's Block Kit: a message as blocks, within Slack's limits, strangers' text made harmless.

Limits (docs.slack.dev/reference/block-kit): 50 blocks, a header of 150 characters, a section of
3,000, a button of 75 with a value of 2,000. A message whose blocks hold more than about 13,200
characters is refused (`msg_blocks_too_long`), which no page documents.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from alerts.channels.fitting import fitted
from alerts.channels.text import SIGNS, asked, links, plain, pressable, reference, rest
from alerts.domain.messages import Envelope, Mention, Message, Row

MOST_BLOCKS = 50
HEADER, SECTION, BUTTON, VALUE, LINK = 150, 3000, 75, 2000, 3000
# Of all the text of a message; under the 13,200 that were seen to pass.
MOST_TEXT = 12_000
# Before escaping, which makes five characters of one at the most.
MOST_FALLBACK = 600
ACTION = "displace:"
_USER = re.compile(r"[UW][A-Z0-9]{4,30}")
# Marks that would begin bold, struck out or code; their look-alikes are only characters.
_MARKS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "\u2217", "`": "\u02cb", "~": "\u223c"}
)

Block = dict[str, Any]


def escaped(text: str, most: int = 300) -> str:
    """A stranger's text inside mrkdwn: one line that mentions, links and marks nothing."""
    return plain(text, most).translate(_MARKS)


def payload(message: Message, envelope: Envelope) -> dict[str, Any]:
    """`text`, for notifications, and `blocks`."""
    return {
        "text": escaped(f"{message.title}. {message.lead}", MOST_FALLBACK),
        "blocks": fitted(message, lambda one: blocks(one, envelope), fits),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def fits(found: list[Block]) -> bool:
    """Whether Slack takes these blocks."""
    sizes = list(_sizes(found))
    sections = [len(one["text"]["text"]) for one in found if one["type"] == "section"]
    return (
        len(found) <= MOST_BLOCKS
        and all(size <= SECTION for size in sections)
        and sum(sizes) <= MOST_TEXT
    )


def blocks(message: Message, envelope: Envelope) -> list[Block]:
    """The blocks as they are, fitting or not."""
    found: list[Block] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": plain(message.title, HEADER), "emoji": False},
        }
        if plain(message.title)
        else {"type": "divider"}
    ]
    lead = " ".join([*map(called, message.call), escaped(message.lead, 1000)]).strip()
    parts = [lead, *(f"• {escaped(fact)}" for fact in message.facts)]
    if text := "\n".join(filter(None, parts)):
        found.append(_section(text))
    for number, row in enumerate(message.rows):
        found.extend(_row(row, number))
    if text := _more(message):
        found.append(_section(text))
    found.append({"type": "context", "elements": [_mrkdwn(_footer(message, envelope))]})
    return found


def without_buttons(message: Message) -> Message:
    """The message with links where it has buttons: nobody would hear a press."""
    rows = (
        replace(row, offers=tuple(replace(offer, token="") for offer in row.offers))
        for row in message.rows
    )
    return replace(message, rows=tuple(rows))


def called(mention: Mention) -> str:
    """A person: rung where their account is linked, by plain name otherwise."""
    if _USER.fullmatch(mention.chat_id):
        return f"<@{mention.chat_id}>"
    return escaped(mention.name or mention.handle, 80)


def _row(row: Row, number: int) -> list[Block]:
    title = f"{escaped(row.reference, 40)} {escaped(row.title, 200)}".strip()
    text = [f"{SIGNS[row.tone]} *{_link(row.url, title)}*", "• " + _facts(row)]
    if row.impact:
        text.append(f"“{escaped(row.impact, 600)}”")
    mention, ask = asked(row)
    if ask:
        text.append(f"→ {f'{called(mention)}: ' if mention else ''}{escaped(ask)}")
    if row.note:
        text.append(f"✓ {escaped(row.note)}")
    buttons = _buttons(row)
    if not buttons and (offered := links(row)):
        text.append(" · ".join(_link(url, escaped(label, 60)) for label, url in offered))
    found: list[Block] = [_section("\n".join(text))]
    if buttons:
        block_id = f"{ACTION}{row.item_id}:{number}"
        found.append({"type": "actions", "block_id": block_id, "elements": buttons})
    return found


def _facts(row: Row) -> str:
    return " · ".join(escaped(one) for one in (row.when, row.cost) if one)


def _buttons(row: Row) -> list[Block]:
    return [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": plain(offer.label, BUTTON), "emoji": False},
            "action_id": f"{ACTION}{offer.answer.value}",
            "value": offer.token,
        }
        for offer in pressable(row)
        if len(offer.token) <= VALUE
    ]


def _more(message: Message) -> str:
    label, url = rest(message)
    return _link(url, label) if url or message.more else ""


def _footer(message: Message, envelope: Envelope) -> str:
    parts = [escaped(message.footer), escaped(reference(envelope))]
    return " · ".join(filter(None, parts))


def _link(url: str, text: str) -> str:
    """A link to a page of ours; `text` is escaped already."""
    if not url or len(url) > LINK // 2:
        return text
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{safe}|{text}>"


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Block:
    # Verbatim: addresses and names in the text do not become links by themselves.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _sizes(found: Iterable[Block]) -> Iterable[int]:
    for block in found:
        for part in [block, *block.get("elements", ())]:
            text = part.get("text", "")
            yield len(text["text"] if isinstance(text, dict) else text)

"""Mattermost's posts: Markdown and attachments, strangers' text made harmless.

A post holds 16,383 characters; attachments are not counted in them, but stay within as many, so
that people read them. Mentions ring in the post and in the text of attachments.
"""

import re
from typing import Any

from alerts.channels.fitting import fitted
from alerts.channels.text import COLOURS, SIGNS, asked, links, plain, pressable, reference, rest
from alerts.domain.messages import Envelope, Mention, Message, Row

MOST_TEXT = 16_383
# Nobody is called so; at these names everybody's bell rings.
_NAME = re.compile(r"(?!(?:all|channel|here)[._-]*$)[a-z][a-z0-9._-]{0,63}")
# These mean something to Markdown wherever they stand; a backslash takes that away.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#|!~$^])")
# Angle brackets are read before Markdown is, and so before backslashes: <!channel>, <@id>, <url|x>.
_BRACKETS = str.maketrans({"<": "\u2039", ">": "\u203a"})
# What rings, or becomes a link, by the character that follows.
_CALLS = re.compile(r"([@~:])(?=\S)|(?<=[wW]{3})(\.)")
_APART = "\u200b"

Payload = dict[str, Any]


def escaped(text: str, most: int = 300) -> str:
    """A stranger's text inside Markdown: one line that mentions, links and marks nothing."""
    marked = _MARKDOWN.sub(r"\\\1", plain(text, most).translate(_BRACKETS))
    return _CALLS.sub(lambda found: f"{found.group()}{_APART}", marked)


def shown(text: str, most: int = 300) -> str:
    """The same where no Markdown is read: in the title of an attachment."""
    return _CALLS.sub(
        lambda found: f"{found.group()}{_APART}", plain(text, most).translate(_BRACKETS)
    )


def post(message: Message, envelope: Envelope, *, answers_url: str = "") -> Payload:
    """`text` and `attachments`; with an `answers_url` buttons, links otherwise."""
    return fitted(message, lambda one: _post(one, envelope, answers_url), fits)


def fits(found: Payload) -> bool:
    """Whether Mattermost takes this."""
    told = sum(len(one["text"]) + len(one["title"]) for one in found["attachments"])
    return len(found["text"]) <= MOST_TEXT and told <= MOST_TEXT


def called(mention: Mention) -> str:
    """A person: rung where their account is linked (by user name), by plain name otherwise."""
    if _NAME.fullmatch(mention.chat_id):
        return f"@{mention.chat_id}"
    return escaped(mention.name or mention.handle, 80)


def _post(message: Message, envelope: Envelope, answers_url: str) -> Payload:
    title = escaped(message.title, 250)
    parts = [
        f"#### {title}" if title else "",
        " ".join([*map(called, message.call), escaped(message.lead, 1000)]).strip(),
        *(f"- {escaped(fact)}" for fact in message.facts),
        _footer(message, envelope),
    ]
    return {
        "text": "\n".join(filter(None, parts)),
        "attachments": [
            _attachment(row, number, answers_url) for number, row in enumerate(message.rows)
        ],
    }


def _attachment(row: Row, number: int, answers_url: str) -> Payload:
    title = f"{SIGNS[row.tone]} {shown(row.reference, 40)} {shown(row.title, 200)}".strip()
    mention, ask = asked(row)
    whom = f"{called(mention)}: " if mention else ""
    facts = " · ".join(escaped(one) for one in (row.when, row.cost) if one)
    parts = [
        f"**{facts}**" if facts else "",
        f"“{escaped(row.impact, 600)}”" if row.impact else "",
        f"→ {whom}{escaped(ask)}" if ask else "",
        f"✓ {escaped(row.note)}" if row.note else "",
    ]
    actions = _actions(row, number, answers_url)
    if not actions and (offered := links(row)):
        parts.append(" · ".join(link(url, label) for label, url in offered))
    return {
        "fallback": f"{title}: {shown(row.when)}",
        "color": f"#{COLOURS[row.tone]:06X}",
        "title": title,
        "title_link": row.url,
        "text": "\n".join(filter(None, parts)),
        **({"actions": actions} if actions else {}),
    }


def _actions(row: Row, number: int, answers_url: str) -> list[Payload]:
    """Buttons; their ids may hold letters and digits only."""
    if not answers_url:
        return []
    return [
        {
            "id": f"{offer.answer.value.replace('-', '')}{number}",
            "name": plain(offer.label, 60),
            "type": "button",
            "integration": {
                "url": answers_url,
                "context": {"answer": offer.answer.value, "token": offer.token},
            },
        }
        for offer in pressable(row)
    ]


def _footer(message: Message, envelope: Envelope) -> str:
    label, url = rest(message)
    parts = [
        link(url, label) if url or message.more else "",
        escaped(message.footer),
        escaped(reference(envelope)),
    ]
    return " · ".join(filter(None, parts))


def link(url: str, text: str) -> str:
    """A link to a page of ours."""
    if not url:
        return escaped(text, 80)
    safe = url.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
    return f"[{escaped(text, 80)}]({safe})"

"""Google Chat by an incoming webhook: a card with links, each message a thread of its own.

Limits (developers.google.com/workspace/chat): 32,000 bytes a message, 100 widgets a card, one
message a second in a space whatever writes there. The request id makes a repetition harmless.
"""

import json
import re
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

from alerts.channels.addresses import hidden_parts, required_url
from alerts.channels.fitting import fitted
from alerts.channels.kind import Abilities, Account, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, cleaned, document, refusal, words_of
from alerts.channels.text import SIGNS, asked, links, plain, reference, rest
from alerts.domain.messages import Envelope, Mention, Message, Receipt, Row
from common import http
from common.connection_settings import BadSettings, Field

# The whole body, as it is sent (bytes).
MOST_BODY = 32_000
MOST_WIDGETS = 100
HOST = "chat.googleapis.com"
EXAMPLE = f"https://{HOST}/v1/spaces/…/messages?key=…&token=…"
_USER = re.compile(r"users/[0-9]{1,30}")
_PATH = re.compile(r"/v1/spaces/[A-Za-z0-9_-]+/messages")
_APART = "\u200b"
_MARKS = str.maketrans({"<": "\u2039", ">": "\u203a", "*": "\u2217", "`": "\u02cb", "~": "\u223c"})
# What begins a mention or an address, and an underscore around a word.
_BEGINNINGS = re.compile(r"[@:](?=\S|$)|\.(?=\w)")
_UNDERSCORES = re.compile(r"(?<![^\W_])_|_(?![^\W_])")

Json = dict[str, Any]


class GoogleChat(ChannelKind):
    name = "google_chat"
    label = "Google Chat"
    fields = (
        Field(
            "url", "Webhook URL", "Whoever knows it can write into the space.", is_secret=True,
            placeholder=EXAMPLE,
        ),
    )  # fmt: skip
    rate = Rate(per_second=1.0, burst=1)
    abilities = Abilities(threads=True, mentions=True, is_idempotent=True)
    account = Account(
        "User name in the API",
        "users/ and the number of your Google account, which an administrator of your Google "
        "Workspace can tell you.",
        _USER.pattern,
    )
    steps = (
        "In Google Chat, open the space, then its menu, “Apps & integrations”.",
        "Choose “Add webhooks”, give it the name Displace, and save.",
        "Copy the webhook's URL from its menu.",
    )

    def check(self, settings: Settings) -> None:
        parts = required_url(settings, "url", example=EXAMPLE)
        query = parse_qs(parts.query)
        if parts.hostname != HOST or not _PATH.fullmatch(parts.path):
            raise BadSettings(f"The address looks like {EXAMPLE}.", "url")
        if not query.get("key") or not query.get("token"):
            raise BadSettings("The address is cut short: key or token is missing.", "url")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        return _posted(settings, message, envelope, thread=envelope.key)

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        thread = before.details.get("thread", "") or envelope.key
        return _posted(settings, message, envelope, thread=thread)

    def workspace(self, settings: Settings) -> str:
        # A person has one id at Google, wherever they write.
        return HOST

    def shown(self, settings: Settings) -> str:
        return "a space in Google Chat"


def body(message: Message, envelope: Envelope) -> Json:
    """Text for whoever is called and for notifications, and one card, within the limits."""
    return fitted(message, lambda one: _body(one, envelope), fits)


def fits(found: Json) -> bool:
    """Whether Google Chat takes this."""
    sections = found["cardsV2"][0]["card"]["sections"]
    widgets = sum(len(section["widgets"]) for section in sections)
    return len(json.dumps(found)) <= MOST_BODY - 200 and widgets <= MOST_WIDGETS


def escaped(text: str, most: int = 300) -> str:
    """A stranger's text in the text of a message: it mentions, links and marks nothing."""
    marked = _UNDERSCORES.sub("\uff3f", plain(text, most).translate(_MARKS))
    return _BEGINNINGS.sub(lambda found: found.group() + _APART, marked)


def html(text: str, most: int = 300) -> str:
    """The same inside a card, which reads a little HTML."""
    apart = _BEGINNINGS.sub(lambda found: found.group() + _APART, plain(text, most))
    return escape(apart)


def _posted(settings: Settings, message: Message, envelope: Envelope, thread: str) -> Receipt:
    """Post into the space. Raises SendError."""
    secrets = hidden_parts(settings["url"])
    more = urlencode(
        {
            "messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
            "requestId": envelope.key,
        }
    )
    answer = call(
        "POST",
        f"{settings['url']}&{more}",
        value={**body(message, envelope), "thread": {"threadKey": thread}},
        secrets=secrets,
        refused=lambda one: _refusal(one, secrets),
    )
    name = document(answer).get("name", "")
    return Receipt(
        remote_id=plain(str(name), 200),
        said="Posted." if name else words_of(answer, secrets=secrets),
        status=answer.status,
        details={"thread": thread},
    )


def _refusal(answer: http.Answer, secrets: tuple[str, ...]) -> SendError | None:
    """Google's own words; a wrong key comes with the status of a wrong message."""
    try:
        problem = answer.json()["error"]
        words = cleaned(f"{problem['status']}: {problem['message']}", secrets=secrets)
    except (http.BadAnswer, KeyError, TypeError):
        return None
    known = refusal(answer, secrets=secrets)
    return SendError(
        f"Google Chat refuses: {words}",
        is_permanent=known.is_permanent,
        disables_channel=known.disables_channel or "API key not valid" in words,
        is_outcome_unknown=known.is_outcome_unknown,
        retry_after=known.retry_after,
        status=answer.status,
        said=words,
    )


def _body(message: Message, envelope: Envelope) -> Json:
    rung = [row.mention for row in message.rows if row.mention and row.mention.chat_id]
    people = dict.fromkeys(map(called, [*message.call, *rung]))
    title = escaped(message.title, 250)
    text = " ".join([*people, title]).strip()
    sections = [_section(*_opening(message)), *map(_row, message.rows)]
    sections.append(_section(_footer(message, envelope)))
    header: Json = {"title": plain(message.title, 200) or "Displace"}
    return {
        "text": text or "Displace",
        "fallbackText": title or "Displace",
        "cardsV2": [
            {
                "cardId": "displace",
                "card": {"header": header, "sections": [one for one in sections if one["widgets"]]},
            }
        ],
    }


def called(mention: Mention) -> str:
    """A person: rung where their account is linked, by plain name otherwise."""
    if _USER.fullmatch(mention.chat_id):
        return f"<{mention.chat_id}>"
    return escaped(mention.name or mention.handle, 80)


def _opening(message: Message) -> list[str]:
    return [html(message.lead, 1000), *(f"\u2022 {html(fact)}" for fact in message.facts)]


def _row(row: Row) -> Json:
    title = f"{SIGNS[row.tone]} {html(row.reference, 40)} {html(row.title, 200)}".strip()
    mention, text = asked(row)
    name = html(mention.name or mention.handle, 80) if mention else ""
    ask = html(text)
    lines = [
        f"<b>{_anchor(row.url, title)}</b>",
        " · ".join(html(one) for one in (row.when, row.cost) if one),
        f"“{html(row.impact, 600)}”" if row.impact else "",
        f"→ {name}: {ask}" if name and ask else ask and f"→ {ask}",
        f"✓ {html(row.note)}" if row.note else "",
    ]
    section = _section(*lines)
    if buttons := [_button(label, url) for label, url in links(row)]:
        section["widgets"].append({"buttonList": {"buttons": buttons}})
    return section


def _section(*lines: str) -> Json:
    text = "<br>".join(filter(None, lines))
    return {"widgets": [{"textParagraph": {"text": text}}] if text else []}


def _button(label: str, url: str) -> Json:
    return {"text": plain(label, 60), "onClick": {"openLink": {"url": url}}}


def _anchor(url: str, text: str) -> str:
    """A link to a page of ours; `text` is escaped already."""
    return f'<a href="{escape(url)}">{text}</a>' if url else text


def _footer(message: Message, envelope: Envelope) -> str:
    label, url = rest(message)
    parts = [
        _anchor(url, label) if url or message.more else "",
        html(message.footer),
        html(reference(envelope)),
    ]
    return " · ".join(filter(None, parts))

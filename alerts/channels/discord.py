"""Discord by a webhook: an embed, edited in place; no buttons, no threads of our own.

A repetition makes a second message, for webhooks take no nonce; the reference in it says so.
"""

import re
from typing import Any

from alerts.channels.addresses import hidden_parts, required_url
from alerts.channels.fitting import fitted
from alerts.channels.kind import Abilities, Account, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, document, refusal, words_of
from alerts.channels.text import COLOURS, SIGNS, asked, links, plain, reference, rest, units
from alerts.domain.messages import Envelope, Mention, Message, Receipt, Row, Tone
from common import http
from common.connection_settings import BadSettings, Field

MOST_CONTENT, MOST_EMBED = 2000, 6000
TITLE, DESCRIPTION, FIELDS, NAME, VALUE, FOOTER = 256, 4096, 25, 256, 1024, 2048
_PATH = re.compile(r"/api(/v\d+)?/webhooks/\d{5,25}/[A-Za-z0-9_-]{20,200}")
_ID = re.compile(r"[0-9]{5,25}")
_MARKDOWN = re.compile(r"([\\`*_~|\[\]()<>#-])")
# Mentions, names of emoji and addresses, by the character that would begin them.
_CALLS = re.compile(r"([@:])(?=\S)")
_APART = "\u200b"
# Unknown Message: it was deleted, and the channel is as good as before.
_NO_MESSAGE = 10008

Payload = dict[str, Any]


class Discord(ChannelKind):
    name = "discord"
    label = "Discord (webhook)"
    fields = (
        Field(
            "url", "Webhook URL", "Whoever knows it can write into the channel.", is_secret=True,
            placeholder="https://discord.com/api/webhooks/…/…",
        ),
    )  # fmt: skip
    rate = Rate(per_second=0.5, burst=5)
    abilities = Abilities(edits=True, mentions=True)
    account = Account(
        "User ID",
        "Settings, “Advanced”, “Developer Mode”; then “Copy User ID” in the menu of your name.",
        _ID.pattern,
    )
    steps = (
        "Open the channel's settings, “Integrations”, “Webhooks”, and choose “New Webhook”.",
        "Copy the webhook URL.",
    )

    def check(self, settings: Settings) -> None:
        example = "https://discord.com/api/webhooks/…/…"
        parts = required_url(settings, "url", example=example)
        if not _PATH.fullmatch(parts.path) or parts.query:
            raise BadSettings(f"The address looks like {example}; copy it again.", "url")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        # Without ?wait=true Discord says nothing of the message, not even that it was refused.
        return _called(settings, "POST", "?wait=true", payload(message, envelope))

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        if not _ID.fullmatch(before.remote_id):
            raise SendError("It is not known which message to change.", is_permanent=True)
        path = f"/messages/{before.remote_id}"
        return _called(settings, "PATCH", path, payload(message, envelope))

    def shown(self, settings: Settings) -> str:
        return "a channel at Discord"


def _called(settings: Settings, method: str, path: str, body: Payload) -> Receipt:
    secrets = hidden_parts(settings["url"])

    def refused(answer: http.Answer) -> SendError | None:
        return _refusal(answer, secrets)

    answer = call(method, settings["url"] + path, value=body, secrets=secrets, refused=refused)
    said = document(answer)
    message_id = str(said.get("id", ""))
    if not _ID.fullmatch(message_id):
        raise SendError(
            "Discord's answer names no message.", is_outcome_unknown=True, status=answer.status
        )
    return Receipt(remote_id=message_id, said="ok", status=answer.status)


def _refusal(answer: http.Answer, secrets: tuple[str, ...]) -> SendError | None:
    said = document(answer)
    if said.get("code") == _NO_MESSAGE:
        words = words_of(answer, secrets=secrets)
        return SendError(
            "The message is not there any more.",
            is_permanent=True,
            status=answer.status,
            said=words,
        )
    wait = said.get("retry_after")
    if answer.status != 429 or isinstance(wait, bool) or not isinstance(wait, int | float):
        return None
    error = refusal(answer, secrets=secrets)
    # The header is in whole seconds; the body is exact. Whichever is longer is safe.
    error.retry_after = max(error.retry_after or 0.0, float(wait), 0.0)
    return error


def payload(message: Message, envelope: Envelope) -> Payload:
    """`content` for who is called, one embed for the rest; nobody else is rung."""
    return fitted(message, lambda one: _payload(one, envelope), fits)


def fits(found: Payload) -> bool:
    """Whether Discord takes this; counted in UTF-16, the larger of the ways to count."""
    embed = found["embeds"][0]
    fields = embed["fields"]
    texts = [embed["title"], embed["description"], embed["footer"]["text"]]
    texts += [text for field in fields for text in (field["name"], field["value"])]
    return (
        units(found["content"]) <= MOST_CONTENT
        and units(embed["title"]) <= TITLE
        and units(embed["description"]) <= DESCRIPTION
        and units(embed["footer"]["text"]) <= FOOTER
        and len(fields) <= FIELDS
        and all(units(one["name"]) <= NAME and units(one["value"]) <= VALUE for one in fields)
        and sum(map(units, texts)) <= MOST_EMBED
    )


def escaped(text: str, most: int = 300) -> str:
    """A stranger's text inside Markdown: one line that mentions, links and marks nothing."""
    marked = _MARKDOWN.sub(r"\\\1", plain(text, most))
    return _CALLS.sub(lambda found: f"{found.group()}{_APART}", marked)


def _payload(message: Message, envelope: Envelope) -> Payload:
    rung = [one for one in _people(message) if _ID.fullmatch(one.chat_id)]
    ids = list(dict.fromkeys(one.chat_id for one in rung))
    parts = [
        escaped(message.lead, 1000),
        *(f"• {escaped(fact)}" for fact in message.facts),
        _more(message),
    ]
    footer = " · ".join(filter(None, (message.footer, reference(envelope))))
    return {
        "content": " ".join(f"<@{one}>" for one in ids),
        "allowed_mentions": {"parse": [], "users": ids},
        "embeds": [
            {
                "title": plain(message.title, TITLE // 2),
                **({"url": message.url} if message.url else {}),
                "description": "\n".join(filter(None, parts)),
                "color": COLOURS[_worst(message)],
                "fields": [_field(row) for row in message.rows],
                "footer": {"text": plain(footer, 400)},
            }
        ],
    }


def _people(message: Message) -> list[Mention]:
    return [*message.call, *(row.mention for row in message.rows if row.mention)]


def _worst(message: Message) -> Tone:
    """The tone of the whole; its members stand in order, the worst first."""
    tones = {row.tone for row in message.rows}
    return next((tone for tone in Tone if tone in tones), Tone.LATER)


def _field(row: Row) -> Payload:
    name = f"{SIGNS[row.tone]} {plain(row.reference, 40)} {plain(row.title, 80)}"
    mention, ask = asked(row)
    whom = f"{escaped(mention.name or mention.handle, 80)}: " if mention else ""
    facts = " · ".join(escaped(one, 200) for one in (row.when, row.cost) if one)
    parts = [
        facts,
        f"“{escaped(row.impact, 200)}”" if row.impact else "",
        f"→ {whom}{escaped(ask, 200)}" if ask else "",
        f"✓ {escaped(row.note, 200)}" if row.note else "",
    ]
    text = "\n".join(filter(None, parts))
    return {"name": escaped(name, NAME // 2), "value": _with_links(text, row) or "…"}


def _with_links(text: str, row: Row) -> str:
    """The text and as many links as fit below it, the one to the debt first."""
    offered = [("Open", row.url), *links(row)] if row.url else links(row)
    glue = "\n"
    for label, url in offered:
        longer = f"{text}{glue if text else ''}{_link(url, label)}"
        if units(longer) > VALUE:
            break
        text, glue = longer, " · "
    return text


def _more(message: Message) -> str:
    label, url = rest(message)
    return _link(url, label) if message.more and url else ""


def _link(url: str, text: str) -> str:
    """A link to a page of ours."""
    safe = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{escaped(text, 60)}]({safe})"

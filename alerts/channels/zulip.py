"""Zulip by a bot: a channel and a topic; a topic is the thread.

Limits (zulip.com/api): a topic of 60 characters, a message of 10,000, 200 requests a minute for a
user. A repetition makes a second message, for Zulip takes no idempotency id.
"""

import base64
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from alerts.channels.addresses import base, host, required_url
from alerts.channels.fitting import fitted
from alerts.channels.formats.markup import markup, name_of
from alerts.channels.kind import Abilities, Account, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, cleaned, document, refusal, retry_after
from alerts.channels.text import size
from alerts.domain.messages import Envelope, Mention, Message, Receipt
from common import http
from common.connection_settings import BadSettings, Field

# Zulip counts characters; bytes are never fewer.
MOST_TEXT = 10_000
MOST_TOPIC, MOST_CHANNEL = 60, 60
_EMAIL = re.compile(r"[^\s@:]+@[^\s@:]+")
_KEY = re.compile(r"[A-Za-z0-9]{8,128}")
_USER = re.compile(r"[0-9]{1,12}")
# Nothing goes out until a person repairs the bot, its key or the channel.
_CHANNEL_IS_OFF = frozenset({
    "INVALID_API_KEY", "REALM_DEACTIVATED", "STREAM_DOES_NOT_EXIST", "UNAUTHENTICATED_USER",
    "UNAUTHORIZED", "USER_DEACTIVATED",
})  # fmt: skip


class Zulip(ChannelKind):
    name = "zulip"
    label = "Zulip"
    fields = (
        Field(
            "site", "Address of the server", placeholder="https://example.zulipchat.com",
            is_address=True,
        ),
        Field("email", "The bot's e-mail", placeholder="debt-bot@example.zulipchat.com"),
        Field("api_key", "The bot's API key", is_secret=True),
        Field("channel", "Channel", "Its name, without #.", placeholder="payments"),
        Field("topic", "Topic", f"At most {MOST_TOPIC} characters.", default="Technical debt"),
    )  # fmt: skip
    rate = Rate(per_second=1.0, burst=10)
    abilities = Abilities(edits=True, threads=True, mentions=True)
    account = Account(
        "User ID",
        "The number that your own profile shows under “View your profile”.",
        _USER.pattern,
        is_private=True,
    )
    steps = (
        "In Zulip, open Personal settings, Bots, and add a bot of the type “Generic bot”.",
        "Copy the bot's e-mail and API key.",
        "If the channel is private, subscribe the bot to it.",
    )

    def check(self, settings: Settings) -> None:
        required_url(settings, "site", example="https://example.zulipchat.com")
        if not _EMAIL.fullmatch(settings["email"]):
            raise BadSettings("Give the bot's e-mail as Zulip shows it.", "email")
        if not _KEY.fullmatch(settings["api_key"]):
            raise BadSettings("An API key is letters and digits; copy it again.", "api_key")
        if len(settings["channel"]) > MOST_CHANNEL or settings["channel"].startswith("#"):
            raise BadSettings("Give the channel's name, without #.", "channel")
        if len(settings["topic"]) > MOST_TOPIC:
            raise BadSettings(f"A topic has at most {MOST_TOPIC} characters.", "topic")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        place = {"type": "stream", "to": settings["channel"], "topic": settings["topic"]}
        return _called(settings, "POST", "messages", {**place, "content": text(message, envelope)})

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        form = {"content": text(message, envelope)}
        if not before.remote_id.isdecimal():
            raise SendError("Zulip gave no id for the message.", is_permanent=True)
        try:
            changed = _called(settings, "PATCH", f"messages/{before.remote_id}", form)
        except SendError as error:
            # Zulip lets a message be changed for some minutes, as its administrators set it.
            if "time limit" not in error.said.lower():
                raise
            return self.reply(settings, message, envelope, before)
        return Receipt(before.remote_id, changed.said, changed.status)

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        return self.send(settings, message, envelope)

    def tell(
        self, settings: Settings, chat_id: str, message: Message, envelope: Envelope
    ) -> Receipt:
        # "private" is the older word for "direct", which every version knows.
        form = {"type": "private", "to": f"[{chat_id}]", "content": text(message, envelope)}
        return _called(settings, "POST", "messages", form)

    def workspace(self, settings: Settings) -> str:
        return host(settings, "site")

    def shown(self, settings: Settings) -> str:
        place = f"{settings.get('channel', '')} > {settings.get('topic', '')}"
        return f"Zulip {host(settings, 'site')}, {place}"


def text(message: Message, envelope: Envelope) -> str:
    """The message in Zulip's Markdown, within its limit."""
    return fitted(
        message,
        lambda one: markup(one, envelope, called, "**"),
        lambda found: size(found) <= MOST_TEXT,
    )


def called(mention: Mention) -> str:
    """A person: rung where their account is linked (by user id), by plain name otherwise."""
    return f"@**|{mention.chat_id}**" if _USER.fullmatch(mention.chat_id) else name_of(mention)


def _called(settings: Settings, method: str, path: str, form: Mapping[str, str]) -> Receipt:
    """Call the API as the bot. Raises SendError."""
    pair = base64.b64encode(f"{settings['email']}:{settings['api_key']}".encode()).decode("ascii")
    secrets = (settings["api_key"], pair)
    answer = call(
        method,
        f"{base(settings, 'site')}/api/v1/{path}",
        body=urlencode(form).encode("ascii"),
        headers={
            "Accept": "application/json",
            "Authorization": f"Basic {pair}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        secrets=secrets,
        refused=lambda one: _refusal(one, secrets),
    )
    said = document(answer)
    if said.get("result") != "success":
        raise SendError(
            "Zulip's answer cannot be read.", is_outcome_unknown=True, status=answer.status
        )
    remote_id = str(said.get("id", ""))
    return Receipt(remote_id if remote_id.isdecimal() else "", "success", answer.status)


def _refusal(answer: http.Answer, secrets: tuple[str, ...]) -> SendError | None:
    """What Zulip's own code says beyond the status."""
    said = document(answer)
    code, words = str(said.get("code", "")), str(said.get("msg", ""))
    if not code:
        return None
    known = refusal(answer, secrets=secrets)
    wait = said.get("retry-after")
    clean = cleaned(words or code, secrets=secrets)
    return SendError(
        f"Zulip refuses: {clean}",
        is_permanent=known.is_permanent,
        disables_channel=code in _CHANNEL_IS_OFF or answer.status == 401,
        is_outcome_unknown=known.is_outcome_unknown,
        retry_after=float(wait) if isinstance(wait, int | float) else retry_after(answer),
        status=answer.status,
        said=clean,
    )

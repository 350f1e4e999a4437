"""Rocket.Chat by its REST API: the message's id is ours, so a repetition finds itself.

Limits: 5,000 characters a message and 10 calls of an endpoint a minute, both unless the server's
administrator set others. `chat.sendMessage` keeps the first message of an id and answers a second
one with an error, so a repetition asks for the id before it sends.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from alerts.channels.addresses import base, host, required_url
from alerts.channels.fitting import fitted
from alerts.channels.formats.markup import markup, name_of
from alerts.channels.kind import Abilities, Account, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, cleaned, document, refusal, retry_after
from alerts.channels.text import units
from alerts.domain.messages import Envelope, Mention, Message, Receipt
from common import http
from common.connection_settings import BadSettings, Field

MOST_TEXT = 5000
_ID = re.compile(r"[A-Za-z0-9]{8,64}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,128}")
_ROOM = re.compile(r"#?[\w.-]{1,120}")
_NAME = re.compile(r"(?!(?:all|here)$)[A-Za-z0-9._-]{1,64}")
_WAIT = re.compile(r"wait (\d{1,6}) seconds")
# Nothing goes out until a person repairs the account, its rights or the room.
_CHANNEL_IS_OFF = (
    "You_have_been_muted", "error-invalid-room", "error-not-allowed", "error-room-not-found",
    "error-unauthorized", "room_is_archived", "room_is_blocked",
)  # fmt: skip


class RocketChat(ChannelKind):
    name = "rocket_chat"
    label = "Rocket.Chat"
    fields = (
        Field(
            "url", "Address of the server", placeholder="https://chat.example.org",
            is_address=True,
        ),
        Field("user_id", "User id", "Shown with the token."),
        Field("token", "Personal access token", is_secret=True),
        Field("room", "Room", "Its name; the account has to be a member.", placeholder="#payments"),
    )  # fmt: skip
    # Ten calls a minute is what a server takes of one account as it is installed.
    rate = Rate(per_second=0.16, burst=5)
    abilities = Abilities(edits=True, threads=True, mentions=True, is_idempotent=True)
    account = Account(
        "User name", "As others write it after the @.", _NAME.pattern, is_private=True
    )
    steps = (
        "Make an account for Displace with the role “bot”, and sign in with it.",
        (
            "Under My Account, Personal Access Tokens, add a token with “Ignore Two Factor "
            "Authentication”; copy it and the user id."
        ),
        "Invite the account into the room.",
    )

    def check(self, settings: Settings) -> None:
        required_url(settings, "url", example="https://chat.example.org")
        if not _ID.fullmatch(settings["user_id"]):
            raise BadSettings(
                "A user id is letters and digits, such as aobEdbYhXfu5hkeqG.", "user_id"
            )
        if not _TOKEN.fullmatch(settings["token"]):
            raise BadSettings("Copy the token again; it is letters, digits, - and _.", "token")
        if not _ROOM.fullmatch(settings["room"]):
            raise BadSettings("Give the room's name, such as #payments.", "room")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        return _sent(settings, message, envelope, {})

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        room_id = before.details.get("room", "")
        body = {"roomId": room_id, "msgId": before.remote_id, "text": text(message, envelope)}
        _called(settings, "POST", "chat.update", body)
        return Receipt(before.remote_id, "success", 200, {"room": room_id})

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        return _sent(settings, message, envelope, {"tmid": before.remote_id})

    def tell(
        self, settings: Settings, chat_id: str, message: Message, envelope: Envelope
    ) -> Receipt:
        opened = _called(settings, "POST", "im.create", {"username": chat_id})
        return _put(settings, message, envelope, {"rid": _id_of(opened)})

    def workspace(self, settings: Settings) -> str:
        return host(settings, "url")

    def shown(self, settings: Settings) -> str:
        return f"Rocket.Chat {host(settings, 'url')}, {settings.get('room', '')}"


def text(message: Message, envelope: Envelope) -> str:
    """The message in Rocket.Chat's Markdown, within its limit."""
    return fitted(
        message,
        lambda one: markup(one, envelope, called, "*"),
        lambda found: units(found) <= MOST_TEXT,
    )


def called(mention: Mention) -> str:
    """A person: rung where their account is linked (by user name), by plain name otherwise."""
    return f"@{mention.chat_id}" if _NAME.fullmatch(mention.chat_id) else name_of(mention)


def _sent(
    settings: Settings, message: Message, envelope: Envelope, thread: Mapping[str, str]
) -> Receipt:
    """Put a message into the room of the channel. Raises SendError."""
    room = settings["room"].removeprefix("#")
    found = _called(settings, "GET", f"rooms.info?{urlencode({'roomName': room})}")
    return _put(settings, message, envelope, {"rid": _id_of(found), **thread})


def _put(
    settings: Settings, message: Message, envelope: Envelope, place: Mapping[str, str]
) -> Receipt:
    """Put a message with an id of our own into a room. Raises SendError."""
    message_id = envelope.key.replace("-", "")
    receipt = Receipt(message_id, "success", 200, {"room": place["rid"]})
    if envelope.attempt > 1 and _is_there(settings, message_id):
        return replace(receipt, said="It had arrived before.")
    one = {"_id": message_id, "msg": text(message, envelope), **place}
    _called(settings, "POST", "chat.sendMessage", {"message": one})
    return receipt


def _id_of(found: Mapping[str, Any]) -> str:
    """The id of the room that an answer names."""
    return str((found.get("room") or {}).get("_id", ""))[:64]


def _is_there(settings: Settings, message_id: str) -> bool:
    """Whether an earlier attempt came through. Raises SendError for all but a plain no."""
    try:
        found = _called(settings, "GET", f"chat.getMessage?{urlencode({'msgId': message_id})}")
    except SendError as error:
        if error.status == 400 and not error.disables_channel:
            return False
        raise
    return (found.get("message") or {}).get("_id") == message_id


def _called(
    settings: Settings, method: str, path: str, value: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Call the API as the account. Raises SendError."""
    answer = call(
        method,
        f"{base(settings, 'url')}/api/v1/{path}",
        value=value,
        headers={"X-Auth-Token": settings["token"], "X-User-Id": settings["user_id"]},
        secrets=(settings["token"],),
        refused=lambda one: _refusal(one, settings),
    )
    said = document(answer)
    if said.get("success") is False:
        raise _refusal(answer, settings) or refusal(answer)
    if said.get("success") is not True:
        raise SendError(
            "Rocket.Chat's answer cannot be read.",
            is_outcome_unknown=method == "POST",
            status=answer.status,
        )
    return said


def _refusal(answer: http.Answer, settings: Settings) -> SendError | None:
    """What Rocket.Chat's own words say beyond the status."""
    said = document(answer)
    words = " ".join(
        str(said[name])
        for name in ("error", "errorType", "message")
        if isinstance(said.get(name), str)
    )
    if not words:
        return None
    clean = cleaned(words, secrets=(settings["token"],))
    wait = _WAIT.search(words)
    is_limited = answer.status == 429 or "error-too-many-requests" in words
    return SendError(
        f"Rocket.Chat refuses: {clean}",
        is_permanent=answer.status < 500 and not is_limited,
        disables_channel=answer.status == 401 or any(code in words for code in _CHANNEL_IS_OFF),
        is_outcome_unknown=answer.status in (502, 504),
        retry_after=float(wait.group(1)) if wait else retry_after(answer),
        status=answer.status,
        said=clean,
    )

"""Matrix by an account of one's own, through the client-server API of its homeserver.

The delivery's key is the transaction id, so that a repetition is no second event. The account
enters a room that it was invited into when the first message is due.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from alerts.channels.addresses import base, host, required_url
from alerts.channels.fitting import fitted
from alerts.channels.formats.matrix_html import html
from alerts.channels.formats.outline import outline
from alerts.channels.kind import Abilities, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, cleaned, document, retry_after
from alerts.channels.text import plain
from alerts.domain.messages import Envelope, Message, Receipt
from common import http
from common.connection_settings import BadSettings, Field

# A room by its id, of which newer ones name no server, or by an alias.
_ROOM = re.compile(r"(!\S{1,254}|#[^\s:]{1,200}:\S{1,200})")
_PERSON = re.compile(r"@[^\s:]{1,200}:[^\s:]{1,200}(:[0-9]{1,5})?")
_CLIENT = "/_matrix/client/v3"
# An event may have 65,536 bytes; signatures and what the server adds need some of them.
MOST_BYTES = 40_000
MOST_NAME = 200
_CHANNEL_IS_OFF = frozenset({
    "M_FORBIDDEN", "M_GUEST_ACCESS_FORBIDDEN", "M_MISSING_TOKEN", "M_NOT_FOUND",
    "M_UNKNOWN_TOKEN", "M_UNRECOGNIZED", "M_USER_DEACTIVATED", "M_USER_LOCKED",
})  # fmt: skip
_ENCRYPTED = (
    "This room is encrypted; Displace does not speak there. Make a room without encryption, "
    "invite the account and give the new room's address."
)
_ADVICE: Mapping[str, str] = {
    "M_FORBIDDEN": "Invite the account into the room, and let it send messages there.",
    "M_NOT_FOUND": "There is no such room; correct its address.",
    "M_UNKNOWN_TOKEN": "The access token is no longer valid; give the password or a new token.",
    "M_UNRECOGNIZED": "No homeserver answers at this address; correct it.",
}


class Matrix(ChannelKind):
    name = "matrix"
    label = "Matrix"
    fields = (
        Field(
            "homeserver", "Address of the homeserver", "The one that Matrix clients ask for.",
            placeholder="https://matrix.example.org", is_address=True,
        ),
        Field(
            "room", "Room",
            "Its alias, #name:server, or its id, !…: in the client under the room's settings, "
            "“General” and “Advanced”.",
            placeholder="#debts:example.org",
        ),
        Field(
            "user", "Name of the account",
            "Without @ and server. Needed with the password.",
            is_required=False, placeholder="displace",
        ),
        Field(
            "password", "Password of the account", "Used once, to get a token; it is not stored.",
            is_secret=True, is_required=False,
        ),
        Field(
            "token", "Access token",
            "Instead of name and password, for who has one.",
            is_secret=True, is_required=False,
        ),
    )  # fmt: skip
    # What Synapse allows an account that nobody has exempted.
    rate = Rate(per_second=0.2, burst=10)
    abilities = Abilities(edits=True, threads=True, mentions=True, is_idempotent=True)
    steps = (
        "Make an account for Displace on the homeserver.",
        "Make a room without encryption, which some clients switch on unless told otherwise.",
        "Invite the account, such as @displace:example.org; it enters when it speaks first.",
        "Fill in the homeserver, the room, and the account's name and password.",
        "Send a test message.",
    )

    def check(self, settings: Settings) -> None:
        required_url(settings, "homeserver", example="https://matrix.example.org")
        if urlsplit(settings["homeserver"]).path.strip("/") or "?" in settings["homeserver"]:
            raise BadSettings("Give the homeserver's address without a path.", "homeserver")
        if not _ROOM.fullmatch(settings["room"]):
            raise BadSettings(
                "Give the room's alias, such as #debts:example.org, or its id, which begins "
                "with an exclamation mark.",
                "room",
            )
        if settings.get("password") and not settings.get("user"):
            raise BadSettings("Give the name of the account with its password.", "user")
        if not settings.get("password") and not settings.get("token"):
            raise BadSettings("Give the account's password, or an access token.", "password")

    def settled(self, settings: Settings) -> dict[str, str]:
        """A password becomes a token, so that it need not be kept."""
        if not settings.get("password"):
            return dict(settings)
        value = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": settings["user"]},
            "password": settings["password"],
            "initial_device_display_name": "Displace",
        }
        try:
            found = _asked({**settings, "token": ""}, "POST", "/login", value)
        except SendError as error:
            is_wrong = error.status in (400, 401, 403)
            why = "The homeserver does not accept the name and the password."
            raise BadSettings(
                why if is_wrong else error.message, "password" if is_wrong else "homeserver"
            ) from None
        return {**settings, "password": "", "token": _text(found, "access_token")}

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        room = room_id(settings)
        _refuse_encrypted(settings, room)
        return _sent(settings, room, envelope, _content(message, envelope), root="")

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        whole = _content(message, envelope)
        content = {
            "msgtype": "m.text",
            "body": f"* {_tame(plain(message.title, MOST_NAME))}",
            "m.new_content": whole,
            "m.relates_to": {"rel_type": "m.replace", "event_id": before.remote_id},
            # Whoever was called by the message before is not called again.
            "m.mentions": {},
        }
        room = before.details.get("room") or room_id(settings)
        receipt = _sent(settings, room, envelope, content, root=before.details.get("root", ""))
        # A later edit names the message itself again, not this change of it.
        return replace(receipt, remote_id=before.remote_id)

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        root = before.details.get("root") or before.remote_id
        relation = {
            "rel_type": "m.thread",
            "event_id": root,
            # For clients without threads: a reply to the message.
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": before.remote_id},
        }
        content = {**_content(message, envelope), "m.relates_to": relation}
        room = before.details.get("room") or room_id(settings)
        return _sent(settings, room, envelope, content, root=root)

    def workspace(self, settings: Settings) -> str:
        """The server that vouches for who said what; not the part of a person's id behind ":"."""
        return host(settings, "homeserver").lower()

    def shown(self, settings: Settings) -> str:
        return f"Matrix room {settings.get('room', '')} at {host(settings, 'homeserver')}"


def room_id(settings: Settings) -> str:
    """The id of the channel's room; an alias is looked up. Raises SendError."""
    room = settings["room"]
    if room.startswith("!"):
        return room
    return _text(_asked(settings, "GET", f"/directory/room/{_part(room)}"), "room_id")


def own_id(settings: Settings) -> str:
    """The id of the account that speaks. Raises SendError."""
    return _text(_asked(settings, "GET", "/account/whoami"), "user_id")


def _sent(
    settings: Settings, room: str, envelope: Envelope, content: Mapping[str, Any], *, root: str
) -> Receipt:
    """Put an event into the room, entering it where the account is only invited so far."""
    path = f"/rooms/{_part(room)}/send/m.room.message/{_part(envelope.key)}"
    try:
        found = _asked(settings, "PUT", path, content)
    except SendError as error:
        if error.status != 403:
            raise
        _enter(settings, room)
        found = _asked(settings, "PUT", path, content)
    event = _text(found, "event_id")
    details = {"room": room, "event": event, **({"root": root} if root else {})}
    return Receipt(event, said=f"event {cleaned(event)}", status=200, details=details)


def _refuse_encrypted(settings: Settings, room: str) -> None:
    """Refuse a room in which nobody could tell our words from a forger's. Raises SendError."""
    path = f"/rooms/{_part(room)}/state/m.room.encryption"
    try:
        try:
            _asked(settings, "GET", path)
        except SendError as error:
            if error.status != 403:
                raise
            _enter(settings, room)
            _asked(settings, "GET", path)
    except SendError as error:
        if error.status != 404:
            raise
        return
    raise SendError(_ENCRYPTED, is_permanent=True, disables_channel=True, status=200)


def _enter(settings: Settings, room: str) -> None:
    """Enter the room. Raises SendError; a refusal stands until somebody invites the account."""
    try:
        _asked(settings, "POST", f"/join/{_part(room)}", {})
    except SendError as error:
        if not error.is_permanent:
            raise
        raise SendError(
            f"{_ADVICE['M_FORBIDDEN']} The homeserver says: {error.said}",
            disables_channel=True,
            status=error.status,
            said=error.said,
        ) from None


def _content(message: Message, envelope: Envelope) -> dict[str, Any]:
    """The event's content. The words are the same at every attempt: nothing arrives twice."""
    first = replace(envelope, attempt=1)
    people = _people(message)

    def render(smaller: Message) -> dict[str, Any]:
        return {
            "msgtype": "m.text",
            "body": _tame(outline(smaller, first)),
            "format": "org.matrix.custom.html",
            "formatted_body": html(smaller, first),
            # Its presence alone keeps clients from searching the text for names to call.
            "m.mentions": {"user_ids": people} if people else {},
        }

    return fitted(message, render, lambda content: _size(content) <= MOST_BYTES)


def _people(message: Message) -> list[str]:
    mentions = [*message.call, *(row.mention for row in message.rows if row.mention)]
    known = (one.chat_id for one in mentions if _PERSON.fullmatch(one.chat_id))
    return list(dict.fromkeys(known))


def _tame(text: str) -> str:
    """Old clients ring everybody's bell at this word, wherever it stands."""
    return text.replace("@room", "@\u2060room")


def _size(content: Mapping[str, Any]) -> int:
    return len(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))


def _asked(settings: Settings, method: str, path: str, value: object = None) -> dict[str, Any]:
    """Ask the homeserver. Raises SendError."""
    secrets = [found for name in ("token", "password") if (found := settings.get(name))]
    token = settings.get("token")
    answer = call(
        method,
        f"{base(settings, 'homeserver')}{_CLIENT}{path}",
        value=value,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        secrets=secrets,
        refused=lambda answer: _refused(answer, secrets),
    )
    return document(answer)


def _refused(answer: http.Answer, secrets: list[str]) -> SendError | None:
    """What a refusal means as Matrix documents it; None where it is no Matrix error."""
    try:
        document = answer.json()
    except http.BadAnswer:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("errcode"), str):
        return None
    code = document["errcode"]
    said = cleaned(f"{code}: {document.get('error', '')}", secrets=secrets)
    if code == "M_LIMIT_EXCEEDED":
        return SendError(
            "The homeserver asks to send more slowly.",
            retry_after=_wait(document, answer),
            status=answer.status,
            said=said,
        )
    if answer.status >= 500:
        return None
    return SendError(
        " ".join(filter(None, (f"The homeserver refused it ({said}).", _ADVICE.get(code)))),
        is_permanent=True,
        disables_channel=code in _CHANNEL_IS_OFF,
        status=answer.status,
        said=said,
    )


def _wait(document: Mapping[str, Any], answer: http.Answer) -> float | None:
    """Seconds; the header is newer than the field, and both are in use."""
    milliseconds = document.get("retry_after_ms")
    if isinstance(milliseconds, int | float) and 0 <= milliseconds < float("inf"):
        return milliseconds / 1000
    return retry_after(answer)


def _text(document: Mapping[str, Any], name: str) -> str:
    """A field of an answer. Raises SendError where something else than a homeserver answered."""
    found = document.get(name)
    if isinstance(found, str) and 0 < len(found) <= 1000:
        return found
    raise SendError(
        "The server's answer is none of a Matrix homeserver.", is_outcome_unknown=True, status=200
    )


def _part(text: str) -> str:
    return quote(text, safe="")

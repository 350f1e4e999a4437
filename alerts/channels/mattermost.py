"""Mattermost by a bot account and its REST API: edits, threads and buttons.

The server remembers a `pending_post_id` for about 30 seconds and makes no second post meanwhile;
after that a repetition is a second post, and the reference in it says so.
"""

import re
from collections.abc import Mapping
from typing import Any

from alerts.channels.addresses import base, host, required_url
from alerts.channels.formats import mattermost
from alerts.channels.kind import Abilities, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, document
from alerts.domain.messages import Envelope, Message, Receipt
from common.connection_settings import BadSettings, Field

_ID = re.compile(r"[a-z0-9]{26}")
_TOKEN = re.compile(r"[A-Za-z0-9]{20,64}")


class Mattermost(ChannelKind):
    name = "mattermost"
    label = "Mattermost (bot)"
    fields = (
        Field(
            "server", "Address of the server", placeholder="https://chat.example.org",
            is_address=True,
        ),
        Field("token", "Token of the bot account", is_secret=True),
        Field(
            "channel_id", "Channel id", "At the bottom of the channel's information; 26 letters "
            "and digits.",
        ),
    )  # fmt: skip
    # The server's own limit is set by its administrator; the usual one is 10 a second.
    rate = Rate(per_second=2.0, burst=5)
    abilities = Abilities(edits=True, threads=True, buttons=True, mentions=True)
    proved_by = "token"
    calls_by_name = True
    steps = (
        "Under “Integrations”, “Bot Accounts” make a bot account and copy its token.",
        "Add the bot to the team and to the channel.",
        "Copy the channel's id from “View Info”.",
        "For buttons: an administrator lets the server call the host of this installation.",
    )

    def check(self, settings: Settings) -> None:
        required_url(settings, "server", example="https://chat.example.org")
        if not _TOKEN.fullmatch(settings["token"]):
            raise BadSettings("A token has 26 letters and digits; copy it again.", "token")
        if not _ID.fullmatch(settings["channel_id"]):
            raise BadSettings(
                "Give the channel's id, 26 letters and digits, not its name.", "channel_id"
            )

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        return _posted(settings, message, envelope, root_id="")

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        path = f"posts/{_known(before)}/patch"
        try:
            return _called(settings, "PUT", path, _body(settings, message, envelope))
        except SendError as error:
            if error.status not in (403, 404):
                raise
            # The post was deleted, or is too old to be changed; the channel is as good as before.
            raise SendError(
                error.message, is_permanent=True, status=error.status, said=error.said
            ) from error

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        # A reply hangs below the first post of a thread, also when `before` is a reply itself.
        root = before.details.get("root_id") or _known(before)
        return _posted(settings, message, envelope, root_id=root)

    def workspace(self, settings: Settings) -> str:
        return host(settings, "server")

    def shown(self, settings: Settings) -> str:
        return f"channel {settings.get('channel_id', '')} at {host(settings, 'server')}"


def _body(settings: Settings, message: Message, envelope: Envelope) -> dict[str, Any]:
    post = mattermost.post(message, envelope, answers_url=settings.get("answers_url", ""))
    return {"message": post["text"], "props": {"attachments": post["attachments"]}}


def _posted(settings: Settings, message: Message, envelope: Envelope, *, root_id: str) -> Receipt:
    body = {
        "channel_id": settings["channel_id"],
        "pending_post_id": envelope.key,
        **({"root_id": root_id} if root_id else {}),
        **_body(settings, message, envelope),
    }
    return _called(settings, "POST", "posts", body)


def _called(settings: Settings, method: str, path: str, body: Mapping[str, Any]) -> Receipt:
    answer = call(
        method,
        f"{base(settings, 'server')}/api/v4/{path}",
        value=body,
        headers={"Authorization": f"Bearer {settings['token']}"},
        secrets=(settings["token"],),
    )
    said = document(answer)
    if not _ID.fullmatch(str(said.get("id", ""))):
        raise SendError(
            "Mattermost's answer names no post.", is_outcome_unknown=True, status=answer.status
        )
    root = str(said.get("root_id") or "")
    return Receipt(
        remote_id=said["id"],
        said="created" if answer.status == 201 else "ok",
        status=answer.status,
        details={"root_id": root} if _ID.fullmatch(root) else {},
    )


def _known(before: Receipt) -> str:
    if not _ID.fullmatch(before.remote_id):
        raise SendError("It is not known which post this belongs to.", is_permanent=True)
    return before.remote_id

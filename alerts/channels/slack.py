"""Slack by an app of one's own: `chat.postMessage` with a bot token, edits, threads and buttons.

A repetition makes a second message, for Slack takes no idempotency id; the reference below the
message says so. 200 is no success here: `ok` is.
"""

import re
from collections.abc import Mapping
from typing import Any

from alerts.channels.addresses import base, required_url
from alerts.channels.formats import block_kit
from alerts.channels.kind import Abilities, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, cleaned, retry_after
from alerts.domain.messages import Envelope, Message, Receipt
from common import http
from common.connection_settings import BadSettings, Field

_TOKEN = re.compile(r"xoxb-[A-Za-z0-9-]{10,250}")
_CHANNEL = re.compile(r"[CGDUW][A-Z0-9]{6,30}")
_TEAM = re.compile(r"[TE][A-Z0-9]{4,30}")
# Nothing goes out until a person repairs the app, its rights or the channel.
_CHANNEL_IS_OFF = frozenset({
    "access_denied", "accesslimited", "account_inactive", "channel_not_found",
    "ekm_access_denied", "enterprise_is_restricted", "invalid_auth", "is_archived",
    "missing_scope", "no_permission", "not_allowed_token_type", "not_authed", "not_in_channel",
    "posting_to_channel_denied", "restricted_action", "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
    "team_access_not_granted", "token_expired", "token_revoked", "two_factor_setup_required",
})  # fmt: skip
_PASSING = frozenset({
    "message_limit_exceeded", "org_login_required", "rate_limited", "ratelimited",
    "request_timeout", "service_unavailable", "team_added_to_org",
})  # fmt: skip
# "It's possible some aspect of the operation succeeded."
_UNKNOWN = frozenset({"fatal_error", "internal_error"})
_ADVICE: Mapping[str, str] = {
    "channel_not_found": "Invite the app into the channel, or correct the channel's id.",
    "invalid_auth": "Copy the bot token from the app's page again.",
    "is_archived": "The channel is archived; choose another one.",
    "missing_scope": "Give the app the scope chat:write and install it again.",
    "not_in_channel": "Invite the app into the channel.",
    "token_revoked": "The token was revoked; install the app again and give the new one.",
}


class Slack(ChannelKind):
    name = "slack"
    label = "Slack (app)"
    fields = (
        Field("token", "Bot token", "Begins with xoxb-.", is_secret=True, placeholder="xoxb-…"),
        Field(
            "channel", "Channel id", "At the bottom of the channel's details; a person's id "
            "(U…) for direct messages.", placeholder="C0123456789",
        ),
        Field(
            "signing_secret", "Signing secret", "Proves that an answer comes from Slack; without "
            "it, links stand in the place of buttons.", is_secret=True, is_required=False,
        ),
        Field(
            "workspace", "Workspace id", "Begins with T; within it people's ids are unique.",
            is_required=False, placeholder="T0123456789",
        ),
        Field(
            "api", "Address of the API", "Another one only for GovSlack.",
            default="https://slack.com/api", is_address=True,
        ),
    )  # fmt: skip
    rate = Rate(per_second=1.0, burst=1)
    abilities = Abilities(edits=True, threads=True, buttons=True, mentions=True)
    proved_by = "signing_secret"
    steps = (
        "At api.slack.com/apps choose “Create New App”, “From scratch”, and your workspace.",
        "Under “OAuth & Permissions” add the bot scope chat:write and install the app.",
        "Copy the bot token from the same page.",
        "In Slack, invite the app into the channel: /invite @ and its name.",
        "Copy the channel's id from the bottom of its details.",
        "For buttons: copy the signing secret from “Basic Information” and save the channel.",
        "Switch “Interactivity” on with the request URL that is then shown with the channel.",
    )

    def check(self, settings: Settings) -> None:
        if not _TOKEN.fullmatch(settings["token"]):
            raise BadSettings("A bot token begins with xoxb-; copy it again.", "token")
        if not _CHANNEL.fullmatch(settings["channel"]):
            raise BadSettings(
                "Give the channel's id, such as C0123456789, not its name.", "channel"
            )
        if settings.get("workspace") and not _TEAM.fullmatch(settings["workspace"]):
            raise BadSettings("A workspace's id looks like T0123456789.", "workspace")
        required_url(settings, "api", example="https://slack.com/api")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        body = {"channel": settings["channel"], **_payload(settings, message, envelope)}
        return _called(settings, "chat.postMessage", body)

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        body = {
            "channel": before.details.get("channel", "") or settings["channel"],
            "ts": before.remote_id,
            **_payload(settings, message, envelope),
        }
        return _called(settings, "chat.update", body)

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        body = {
            "channel": before.details.get("channel", "") or settings["channel"],
            "thread_ts": before.remote_id,
            **_payload(settings, message, envelope),
        }
        return _called(settings, "chat.postMessage", body)

    def workspace(self, settings: Settings) -> str:
        return settings.get("workspace", "")

    def shown(self, settings: Settings) -> str:
        return f"Slack channel {settings.get('channel', '')}"


def _payload(settings: Settings, message: Message, envelope: Envelope) -> dict[str, Any]:
    if not settings.get("signing_secret"):
        message = block_kit.without_buttons(message)
    return block_kit.payload(message, envelope)


def _called(settings: Settings, method: str, body: Mapping[str, Any]) -> Receipt:
    """Call a method of the Web API. Raises SendError."""
    secrets = (settings["token"], settings.get("signing_secret", ""))
    answer = call(
        "POST",
        f"{base(settings, 'api')}/{method}",
        value=body,
        headers={
            "Authorization": f"Bearer {settings['token']}",
            "Content-Type": "application/json; charset=utf-8",
        },
        secrets=secrets,
    )
    try:
        said = answer.json()
    except http.BadAnswer:
        said = None
    if not isinstance(said, dict):
        raise SendError(
            "Slack's answer cannot be read.", is_outcome_unknown=True, status=answer.status
        )
    if said.get("ok") is not True:
        raise _refusal(answer, str(said.get("error", "")), secrets)
    return Receipt(
        remote_id=str(said.get("ts", ""))[:64],
        said="ok",
        status=answer.status,
        details={"channel": str(said.get("channel", ""))[:64]},
    )


def _refusal(answer: http.Answer, code: str, secrets: tuple[str, ...]) -> SendError:
    said = cleaned(code, secrets=secrets) or "no reason"
    is_passing = code in _PASSING or code in _UNKNOWN
    return SendError(
        f"Slack refuses: {said}. {_ADVICE.get(code, '')}".strip(),
        is_permanent=not is_passing,
        disables_channel=code in _CHANNEL_IS_OFF,
        is_outcome_unknown=code in _UNKNOWN,
        retry_after=retry_after(answer),
        status=answer.status,
        said=said,
    )

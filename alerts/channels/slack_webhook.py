"""Slack by an incoming webhook: one address for one channel, nothing comes back but “ok”."""

from alerts.channels.addresses import hidden_parts, required_url
from alerts.channels.formats import block_kit
from alerts.channels.kind import Abilities, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, words_of
from alerts.domain.messages import Envelope, Message, Receipt
from common import http
from common.connection_settings import BadSettings, Field

# What stands in the body of a refusal, whatever its status, when the address is of no use.
_CHANNEL_IS_OFF = (
    "action_prohibited", "channel_is_archived", "channel_not_found", "invalid_token",
    "no_active_hooks", "no_service", "no_service_id", "no_team",
    "posting_to_general_channel_denied", "team_disabled",
)  # fmt: skip


class SlackWebhook(ChannelKind):
    name = "slack_webhook"
    label = "Slack (incoming webhook)"
    fields = (
        Field(
            "url", "Webhook URL", "Whoever knows it can write into the channel.", is_secret=True,
            placeholder="https://hooks.slack.com/services/T…/B…/…",
        ),
    )  # fmt: skip
    rate = Rate(per_second=1.0, burst=1)
    abilities = Abilities(mentions=True)
    steps = (
        "At api.slack.com/apps choose “Create New App”, “From scratch”, and your workspace.",
        "Under “Incoming Webhooks” switch them on.",
        "Choose “Add New Webhook to Workspace” and the channel; copy the webhook URL.",
    )

    def check(self, settings: Settings) -> None:
        example = "https://hooks.slack.com/services/T…/B…/…"
        parts = required_url(settings, "url", example=example)
        if len(parts.path.strip("/")) < 10:
            raise BadSettings(f"The address is cut short; it looks like {example}.", "url")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        secrets = hidden_parts(settings["url"])

        def refused(answer: http.Answer) -> SendError | None:
            said = words_of(answer, secrets=secrets)
            if not any(code in said for code in _CHANNEL_IS_OFF):
                return None
            return SendError(
                f"Slack refuses: {said}. Make a new webhook for the channel.",
                disables_channel=True,
                status=answer.status,
                said=said,
            )

        body = block_kit.payload(block_kit.without_buttons(message), envelope)
        answer = call("POST", settings["url"], value=body, secrets=secrets, refused=refused)
        return Receipt(said=words_of(answer, secrets=secrets), status=answer.status)

    def shown(self, settings: Settings) -> str:
        return "a channel at Slack"

"""Mattermost by an incoming webhook: one address, nothing comes back but “ok”."""

from alerts.channels.addresses import hidden_parts, required_url
from alerts.channels.formats import mattermost
from alerts.channels.kind import Abilities, ChannelKind, Rate, Settings
from alerts.channels.speaking import call, words_of
from alerts.domain.messages import Envelope, Message, Receipt
from common.connection_settings import BadSettings, Field


class MattermostWebhook(ChannelKind):
    name = "mattermost_webhook"
    label = "Mattermost (incoming webhook)"
    fields = (
        Field(
            "url", "Webhook URL", "Whoever knows it can write into the channel.", is_secret=True,
            placeholder="https://chat.example.org/hooks/…",
        ),
    )  # fmt: skip
    rate = Rate(per_second=2.0, burst=5)
    abilities = Abilities(mentions=True)
    steps = (
        "Under “Integrations”, “Incoming Webhooks” choose “Add Incoming Webhook”.",
        "Choose the channel, lock the webhook to it, save, and copy its URL.",
    )

    def check(self, settings: Settings) -> None:
        example = "https://chat.example.org/hooks/…"
        parts = required_url(settings, "url", example=example)
        if "/hooks/" not in parts.path or parts.path.endswith("/hooks/"):
            raise BadSettings(f"The address looks like {example}.", "url")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        secrets = hidden_parts(settings["url"])
        body = mattermost.post(message, envelope)
        answer = call("POST", settings["url"], value=body, secrets=secrets)
        return Receipt(said=words_of(answer, secrets=secrets), status=answer.status)

    def shown(self, settings: Settings) -> str:
        return "a channel at Mattermost"

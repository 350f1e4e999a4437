"""Any HTTPS address of one's own, signed as Standard Webhooks has it (standardwebhooks.com).

`webhook-id` is the delivery's key: who keeps it takes a repetition for what it is. The body is
described by `docs/alert.schema.json`.
"""

import json
from typing import Any

from alerts.channels.addresses import hidden_parts, required_url
from alerts.channels.fitting import fitted
from alerts.channels.kind import Abilities, ChannelKind, Rate, Settings
from alerts.channels.speaking import call, words_of
from alerts.channels.text import plain
from alerts.domain.messages import SCHEMA, Envelope, Mention, Message, Receipt, Row
from common import clock
from common.connection_settings import BadSettings, Field
from common.standard_webhooks import BadSecret, key_of, signature

# What Standard Webhooks recommends for a body (bytes).
MOST_BODY = 20_000


class Webhook(ChannelKind):
    name = "webhook"
    label = "Signed webhook"
    fields = (
        Field(
            "url", "Address", "Takes a POST with JSON and answers with 2xx within 10 seconds.",
            is_secret=True, is_address=True, placeholder="https://example.org/alerts",
        ),
        Field(
            "secret", "Signing secret", "whsec_ and 24 to 64 random bytes in base64.",
            is_secret=True, placeholder="whsec_…",
        ),
        Field(
            "previous_secret", "Secret before", "While the receiver changes over, messages are "
            "signed with both.", is_secret=True, is_required=False, placeholder="whsec_…",
        ),
    )  # fmt: skip
    rate = Rate(per_second=5.0, burst=10)
    abilities = Abilities(edits=True, threads=True, is_idempotent=True)
    steps = (
        (
            "Make a secret: python -c \"import base64, os; print('whsec_' + "
            'base64.b64encode(os.urandom(32)).decode())"'
        ),
        "Give the same secret to the receiver, which checks every message with it.",
        (
            "To change it: put the old one under “Secret before” until the receiver knows the new "
            "one; then put the new one there too."
        ),
    )

    def check(self, settings: Settings) -> None:
        required_url(settings, "url", example="https://example.org/alerts")
        _check_secret(settings["secret"], "secret")
        if settings.get("previous_secret"):
            _check_secret(settings["previous_secret"], "previous_secret")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        return _posted(settings, "alert.created", message, envelope, about=None)

    def edit(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        return _posted(settings, "alert.changed", message, envelope, about=before.remote_id)

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        return _posted(settings, "alert.answered", message, envelope, about=before.remote_id)

    def shown(self, settings: Settings) -> str:
        return "a signed webhook"


def _check_secret(secret: str, field: str) -> None:
    """Raises BadSettings."""
    try:
        key_of(secret)
    except BadSecret as error:
        raise BadSettings(str(error), field) from None


def _posted(
    settings: Settings, event: str, message: Message, envelope: Envelope, about: str | None
) -> Receipt:
    """Sign and send. Raises SendError."""
    now = clock.now()
    frame = {"type": event, "timestamp": now.isoformat(timespec="seconds").replace("+00:00", "Z")}

    def render(one: Message) -> bytes:
        data = {"schema": SCHEMA, "id": envelope.key, "about": about, **_data(one, envelope)}
        return json.dumps({**frame, "data": data}, separators=(",", ":")).encode("ascii")

    body = fitted(message, render, lambda one: len(one) <= MOST_BODY)
    stamp = int(now.timestamp())
    secrets = [settings["secret"], settings.get("previous_secret", "")]
    signatures = [
        signature(one, envelope.key, stamp, body) for one in dict.fromkeys(secrets) if one
    ]
    hidden = (*hidden_parts(settings["url"]), *secrets)
    answer = call(
        "POST",
        settings["url"],
        body=body,
        headers={
            "Content-Type": "application/json",
            "webhook-id": envelope.key,
            "webhook-timestamp": str(stamp),
            "webhook-signature": " ".join(signatures),
        },
        secrets=hidden,
    )
    # Edits and answers are about the first message, whose id stays the thread's.
    return Receipt(
        remote_id=about or envelope.key,
        said=words_of(answer, secrets=hidden),
        status=answer.status,
    )


def _data(message: Message, envelope: Envelope) -> dict[str, Any]:
    return {
        "reference": envelope.reference,
        "title": plain(message.title),
        "lead": plain(message.lead),
        "facts": [plain(fact) for fact in message.facts],
        "call": [_person(one) for one in message.call],
        "debts": [_debt(row) for row in message.rows],
        "more": message.more,
        "more_url": message.more_url,
        "url": message.url,
        "footer": plain(message.footer),
    }


def _debt(row: Row) -> dict[str, Any]:
    return {
        "item_id": row.item_id,
        "reference": plain(row.reference),
        "title": plain(row.title),
        "url": row.url,
        "tone": row.tone.value,
        "due_on": row.due_on.isoformat(),
        "when": plain(row.when),
        "cost": plain(row.cost),
        "ask": plain(row.ask),
        "impact": plain(row.impact),
        "note": plain(row.note),
        "mention": _person(row.mention) if row.mention else None,
        "answers": [
            {"answer": offer.answer.value, "label": plain(offer.label), "url": offer.url}
            for offer in row.offers
            if offer.url
        ],
    }


def _person(mention: Mention) -> dict[str, str]:
    return {"handle": plain(mention.handle, 80), "name": plain(mention.name, 80)}

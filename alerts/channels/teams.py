"""Microsoft Teams by a workflow that waits for a webhook: an Adaptive Card, nothing to edit.

The flow answers 202 before it posts. What fails afterwards is seen in Teams only, in the flow's
run history; the run's number is kept in the receipt. The old connectors are retired.
"""

import json
import re
from typing import Any

from alerts.channels.addresses import hidden_parts, required_url
from alerts.channels.fitting import fitted
from alerts.channels.kind import ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import call, words_of
from alerts.channels.text import SIGNS, asked, links, plain, reference, rest
from alerts.domain.messages import Envelope, Message, Receipt, Row, Tone
from common import http
from common.connection_settings import BadSettings, Field

# Teams takes 28 KB for a message; what the flow wraps around the card counts, too.
MOST_BYTES = 26_000
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.4"
# More of them would hide behind a menu.
_MOST_ACTIONS = 6
_COLOURS = {Tone.OVERDUE: "Attention", Tone.DUE: "Warning", Tone.SOON: "Warning"}
_IS_OFF = ("WorkflowTriggerIsNotEnabled", "WorkflowDisabled", "WorkflowNotFound", "FlowDisabled")
_RUN = re.compile(r"[A-Za-z0-9]{1,80}")

Element = dict[str, Any]


class Teams(ChannelKind):
    name = "teams"
    label = "Microsoft Teams (workflow)"
    fields = (
        Field(
            "url", "Webhook URL of the workflow", "Whoever knows it can write into the channel.",
            is_secret=True, placeholder="https://….api.powerplatform.com:443/powerautomate/…",
        ),
    )  # fmt: skip
    rate = Rate(per_second=2.0, burst=4)
    steps = (
        "In Teams, open the channel's menu, “Workflows”.",
        "Choose “Send webhook alerts to a channel”, and the channel.",
        "Give it a co-owner, or it ends with the account of whoever made it.",
        "Copy the URL that is shown at the end.",
    )

    def check(self, settings: Settings) -> None:
        example = "https://….api.powerplatform.com:443/powerautomate/automations/…"
        parts = required_url(settings, "url", example=example)
        if (parts.hostname or "").endswith("webhook.office.com"):
            raise BadSettings(
                "This is the address of an old connector, which Teams has retired; make a "
                "workflow for the channel and give its address.",
                "url",
            )
        if len(parts.path.strip("/")) < 10:
            raise BadSettings(f"The address is cut short; it looks like {example}.", "url")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        secrets = hidden_parts(settings["url"])

        def refused(answer: http.Answer) -> SendError | None:
            said = words_of(answer, secrets=secrets)
            if not any(code in said for code in _IS_OFF):
                return None
            return SendError(
                f"The workflow is switched off or deleted. It says: {said}",
                disables_channel=True,
                status=answer.status,
                said=said,
            )

        body = payload(message, envelope)
        answer = call("POST", settings["url"], value=body, secrets=secrets, refused=refused)
        run = answer.headers.get("x-ms-workflow-run-id", "")
        said = words_of(answer, secrets=secrets)
        return Receipt(
            remote_id=run if _RUN.fullmatch(run) else "",
            said=said or ("taken by the workflow" if answer.status == 202 else ""),
            status=answer.status,
        )

    def shown(self, settings: Settings) -> str:
        return "a channel at Microsoft Teams"


def payload(message: Message, envelope: Envelope) -> Element:
    """The message with its one card, within the limit."""
    return fitted(message, lambda one: _wrapped(_card(one, envelope)), fits)


def fits(found: Element) -> bool:
    return len(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")) <= MOST_BYTES


def _wrapped(card: Element) -> Element:
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _card(message: Message, envelope: Envelope) -> Element:
    body = [_text(_run(message.title, 250, size="Large", weight="Bolder"))]
    names = ", ".join(plain(one.name or one.handle, 80) for one in message.call)
    body.append(_text(_run(" ".join(filter(None, (names and f"{names}:", message.lead))), 1000)))
    body.extend(_text(_run(f"• {fact}", 300)) for fact in message.facts)
    for row in message.rows:
        body.extend(_row(row))
    footer = " · ".join(filter(None, (message.footer, reference(envelope))))
    body.append(_text(_run(footer, 400, size="Small", isSubtle=True)))
    return {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": plain(message.title, 250),
        "msteams": {"width": "Full"},
        "body": [one for one in body if one.get("inlines") != []],
        **_more(message),
    }


def _row(row: Row) -> list[Element]:
    title = f"{plain(row.reference, 40)} {plain(row.title, 200)}".strip()
    facts = " · ".join(filter(None, (row.when, row.cost)))
    mention, ask = asked(row)
    whom = f"{mention.name or mention.handle}: " if mention else ""
    inside = [
        _text(_run(f"{SIGNS[row.tone]} {title}", 300, weight="Bolder")),
        _text(_run(facts, 600, color=_COLOURS.get(row.tone, "Default"))),
        _text(_run(row.impact and f"“{row.impact}”", 600, italic=True)),
        _text(_run(ask and f"→ {whom}{ask}", 400)),
        _text(_run(row.note and f"✓ {row.note}", 300)),
    ]
    actions = [("Open", row.url), *links(row)] if row.url else links(row)
    return [
        {
            "type": "Container",
            "separator": True,
            "items": [
                *(one for one in inside if one["inlines"]),
                *([_actions(actions)] if actions else []),
            ],
        }
    ]


def _actions(offered: list[tuple[str, str]]) -> Element:
    found = [_open(label, url) for label, url in offered[:_MOST_ACTIONS]]
    return {"type": "ActionSet", "actions": found}


def _more(message: Message) -> Element:
    label, url = rest(message)
    return {"actions": [_open(label, url)]} if url else {}


def _open(label: str, url: str) -> Element:
    return {"type": "Action.OpenUrl", "title": plain(label, 60), "url": url}


def _text(*runs: Element) -> Element:
    """Text in which no Markdown is read: that of strangers needs no escaping here."""
    return {"type": "RichTextBlock", "inlines": [run for run in runs if run["text"]]}


def _run(text: str, most: int, **style: object) -> Element:
    return {"type": "TextRun", "text": plain(text, most), **style}

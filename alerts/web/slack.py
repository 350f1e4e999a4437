"""The request URL of a Slack app."""

from typing import Any

from django.http import HttpRequest

from alerts.models import Channel
from alerts.services.slack_answers import slack_take
from alerts.web.inbound import inbound


@inbound("slack")
def actions(request: HttpRequest, channel: Channel, body: bytes) -> dict[str, Any] | None:
    """Presses of buttons, and forms that were filled in."""
    return slack_take(
        channel=channel,
        timestamp=request.headers.get("X-Slack-Request-Timestamp", ""),
        signature=request.headers.get("X-Slack-Signature", ""),
        body=body,
    )

"""Where a Mattermost server calls."""

from typing import Any

from django.http import HttpRequest

from alerts.models import Channel
from alerts.services.mattermost_answers import button_take, dialog_take
from alerts.web.inbound import inbound


@inbound("mattermost")
def actions(_request: HttpRequest, channel: Channel, body: bytes) -> dict[str, Any]:
    """Presses of buttons."""
    return button_take(channel=channel, body=body)


@inbound("mattermost")
def dialog(_request: HttpRequest, channel: Channel, body: bytes) -> dict[str, Any]:
    """Dialogs that were filled in."""
    return dialog_take(channel=channel, body=body)

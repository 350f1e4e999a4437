"""What a Mattermost server sends when somebody presses a button or fills in a dialog of ours.

Mattermost signs nothing. A button's token is known to the server alone, which keeps it from its
clients; so whoever presents one is the server, and its word on who pressed is taken. A dialog's
token does reach the client, and is therefore bound to the account that opened it.
"""

import json
import logging
from typing import Any

from django.conf import settings

from alerts.channels.addresses import base
from alerts.channels.formats import mattermost_dialogs
from alerts.channels.kind import SendError
from alerts.channels.speaking import call
from alerts.domain.storable import storable
from alerts.models import Channel
from alerts.services.opening import reach_of, settings_of
from alerts.services.pressing import Form, Presser, button_press, form_submit
from common import http
from common.encryption import CannotOpen
from common.errors import Refused

log = logging.getLogger(__name__)

Json = dict[str, Any]
QUICK = http.Limits(seconds=3.0, body=256 * 1024)
LONGEST_ID = 100


def button_take(*, channel: Channel, body: bytes) -> Json:
    """Take in the press of a button and return what the server shows to this person.

    Raises Refused for a body that cannot be read.
    """
    payload = _payload(body)
    presser = _presser(channel, payload)
    context = payload.get("context")
    token = context.get("token") if isinstance(context, dict) else None
    done = button_press(presser=presser, token=str(token or ""))
    if not isinstance(done, Form):
        return {"ephemeral_text": mattermost_dialogs.line(done.text)}
    if _opened(channel, payload.get("trigger_id"), done):
        return {}
    page = f"{settings.BASE_URL}/debts/{done.reference}/"
    return {"ephemeral_text": f"The form could not be opened. Answer on the debt's page: {page}"}


def dialog_take(*, channel: Channel, body: bytes) -> Json:
    """Take in a filled-in dialog; the answer names what has to be mended.

    Raises Refused for a body that cannot be read.
    """
    payload = _payload(body)
    if payload.get("cancelled") is True:
        return {}
    submission = payload.get("submission")
    given = submission if isinstance(submission, dict) else {}
    values = {str(name): str(value) for name, value in given.items() if value is not None}
    token = str(payload.get("state") or "")
    done = form_submit(presser=_presser(channel, payload), token=token, values=values)
    if done.is_done:
        return {}
    if done.field in values:
        return {"errors": {done.field: done.text}}
    return {"error": done.text}


def _payload(body: bytes) -> Json:
    try:
        # What no database stores would end in an error of ours.
        payload = storable(json.loads(body))
    except (ValueError, RecursionError):
        raise Refused("This is no request of Mattermost's.") from None
    if not isinstance(payload, dict):
        raise Refused("This is no request of Mattermost's.")
    return payload


def _presser(channel: Channel, payload: Json) -> Presser:
    chat_id = payload.get("user_id")
    if not isinstance(chat_id, str) or not 0 < len(chat_id) <= LONGEST_ID:
        raise Refused("This request names no person.")
    return Presser(channel, chat_id, str(payload.get("user_name") or ""))


def _opened(channel: Channel, trigger_id: object, form: Form) -> bool:
    """Have the server open a dialog; False when it does not."""
    try:
        values = settings_of(channel)
        value = {
            "trigger_id": str(trigger_id or ""),
            "url": f"{settings.BASE_URL}/chat/mattermost/{channel.key}/dialog",
            "dialog": mattermost_dialogs.dialog(form.asked()),
        }
        url = f"{base(values, 'server')}/api/v4/actions/dialogs/open"
        with reach_of(channel):
            call("POST", url, value=value, secrets=(values["token"],), limits=QUICK)
    except (SendError, CannotOpen) as error:
        log.warning("channel %s: the dialog was not opened: %s", channel.pk, error)
        return False
    return True

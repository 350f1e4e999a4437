"""What Slack sends when somebody presses a button or fills in a form of ours.

Slack waits 3 seconds for the answer and shows nothing of it below a message, so what is to be
read goes back by its API: a form, or a line that only this person sees.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from alerts.channels.addresses import base
from alerts.channels.formats import slack_forms
from alerts.channels.kind import SendError
from alerts.channels.speaking import call
from alerts.domain.slack_signature import TOLERANCE, refusal
from alerts.domain.storable import storable
from alerts.models import Channel
from alerts.services.once import use_once
from alerts.services.opening import reach_of, settings_of
from alerts.services.pressing import Form, Presser, button_press, form_submit
from common import clock, http
from common.encryption import CannotOpen
from common.errors import Denied, Refused

log = logging.getLogger(__name__)

Json = dict[str, Any]
# A form has to be opened within 3 seconds of the press.
QUICK = http.Limits(seconds=2.0, body=256 * 1024)
LONGEST_ID = 100


def slack_take(*, channel: Channel, timestamp: str, signature: str, body: bytes) -> Json | None:
    """Take in one request of Slack and return what to answer, None for nothing.

    Raises Denied for a request that is not Slack's, is stale or was taken in before, and Refused
    for one that cannot be read.
    """
    _require_proof(channel, timestamp, signature, body)
    payload = _payload(body)
    presser = _presser(channel, payload)
    match payload.get("type"):
        case "block_actions":
            _pressed(presser, payload)
            return None
        case "view_submission":
            return _submitted(presser, _dict(payload, "view"))
        case _:
            return None


def _require_proof(channel: Channel, timestamp: str, signature: str, body: bytes) -> None:
    try:
        secret = settings_of(channel).get("signing_secret", "")
    except CannotOpen as error:
        log.error("channel %s: %s", channel.pk, error.message)
        raise Denied("The secret stored here cannot be opened; give it again.") from None
    now = clock.now()
    reason = refusal(secret, timestamp=timestamp, given=signature, body=body, now=now.timestamp())
    if reason:
        raise Denied(reason)
    forget_at = _moment(timestamp) + TOLERANCE + timedelta(minutes=1)
    if not use_once(purpose="alerts.slack", value=signature, forget_at=forget_at):
        raise Denied("This request was taken in before.")


def _moment(timestamp: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp), tz=clock.now().tzinfo)


def _payload(body: bytes) -> Json:
    try:
        fields = parse_qs(body.decode("utf-8"), strict_parsing=True, max_num_fields=20)
        # What no database stores would end in an error of ours.
        payload = storable(json.loads(fields["payload"][0]))
    except (ValueError, KeyError, RecursionError):
        raise Refused("This is no request of Slack's.") from None
    if not isinstance(payload, dict):
        raise Refused("This is no request of Slack's.")
    return payload


def _presser(channel: Channel, payload: Json) -> Presser:
    user, team = _dict(payload, "user"), _dict(payload, "team")
    workspace = channel.options.get("workspace", "")
    if workspace and workspace not in (team.get("id"), team.get("enterprise_id")):
        raise Refused("This request comes from another workspace.")
    chat_id = user.get("id")
    if not isinstance(chat_id, str) or not 0 < len(chat_id) <= LONGEST_ID:
        raise Refused("This request names no person.")
    name = user.get("name") or user.get("username") or chat_id
    return Presser(channel, chat_id, str(name))


def _pressed(presser: Presser, payload: Json) -> None:
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    if not isinstance(action, dict) or not action.get("value"):
        return  # a link that Slack tells of
    done = button_press(presser=presser, token=str(action["value"]))
    if isinstance(done, Form):
        view = {"trigger_id": payload.get("trigger_id"), "view": slack_forms.form(done.asked())}
        _told(presser.channel, "views.open", view)
        return
    place = _dict(payload, "channel").get("id") or presser.chat_id
    line = {"channel": place, "user": presser.chat_id, "text": slack_forms.line(done.text)}
    _told(presser.channel, "chat.postEphemeral", line)


def _submitted(presser: Presser, view: Json) -> Json:
    values = slack_forms.values(_dict(_dict(view, "state"), "values"))
    token = str(view.get("private_metadata", ""))
    done = form_submit(presser=presser, token=token, values=values)
    if done.is_done or not values:
        return {"response_action": "update", "view": slack_forms.notice(done.text)}
    # Slack shows an error below a field that is there; anything else stands below the first.
    field = done.field if done.field in values else next(iter(values))
    return {"response_action": "errors", "errors": {field: done.text[:1_000]}}


def _told(channel: Channel, method: str, value: Mapping[str, Any]) -> None:
    """Call Slack's API; what goes wrong is logged, since the answer itself was given."""
    values = settings_of(channel)
    headers = {"Authorization": f"Bearer {values['token']}"}
    url = f"{base(values, 'api')}/{method}"
    try:
        with reach_of(channel):
            answer = call(
                "POST", url, value=value, headers=headers, secrets=(values["token"],), limits=QUICK
            )
        said = answer.json()
        if not isinstance(said, dict) or said.get("ok") is not True:
            log.warning("channel %s: Slack does not take %s", channel.pk, method)
    except (SendError, http.BadAnswer) as error:
        log.warning("channel %s: %s failed: %s", channel.pk, method, error)


def _dict(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, dict) else {}

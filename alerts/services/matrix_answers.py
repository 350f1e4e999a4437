"""Commands that people write in a Matrix room, passed on by its homeserver.

The homeserver sends them in transactions, again and again until it has its answer. Each event is
carried out once, in one transaction with the note that it was and with the answer for the room.
"""

import logging
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from hmac import compare_digest

import yaml
from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, transaction

from accounts.domain.secrets import digest
from accounts.selectors import User
from alerts.channels import matrix
from alerts.channels.kind import SendError
from alerts.channels.registry import KINDS
from alerts.domain.access import VOUCHES
from alerts.domain.matrix_events import LONGEST_WAIT, Said, command_in
from alerts.domain.messages import Message
from alerts.domain.states import DeliveryKind
from alerts.models import Channel, MatrixRegistration
from alerts.selectors.channels import channel_get
from alerts.services.chat_commands import command_run, how_to_link
from alerts.services.once import use_once
from alerts.services.opening import settings_of
from alerts.services.outbox import Draft, delivery_queue
from common import clock
from common.errors import Denied, NotFound, Refused

log = logging.getLogger(__name__)

TOKEN_BYTES = 32
# Commands of one person within SECONDS; more would keep the reminders of the room waiting.
MOST_COMMANDS, SECONDS = 20, 60
MANY = "That were many commands; wait a minute."
BROKEN = (
    "Something went wrong here, and nothing was changed. Whoever runs Displace finds it in the log."
)


def registration_make(*, actor: User, channel_id: int) -> str:
    """Let the channel's homeserver pass on commands; returns the file for it (YAML).

    The file made before is worth nothing any more. Raises Denied for anybody but an admin: the
    file lets its holder speak as everybody whom the homeserver vouches for.
    """
    channel = _matrix_channel(actor, channel_id)
    opened = settings_of(channel)
    try:
        room, account = matrix.room_id(opened), matrix.own_id(opened)
    except SendError as error:
        raise Refused(error.message) from None
    token, now = secrets.token_urlsafe(TOKEN_BYTES), clock.now()
    MatrixRegistration.objects.update_or_create(
        channel=channel,
        defaults={
            "digest": digest(token),
            "workspace": _workspace(channel),
            "room_id": room,
            "account": account,
            "made_at": now,
            "made_by": actor,
            "last_heard_at": None,
        },
    )
    return _file(channel, room, token)


def registration_end(*, actor: User, channel_id: int) -> None:
    """Listen to the homeserver no more. Raises NotFound where nobody listens."""
    channel = _matrix_channel(actor, channel_id)
    deleted, _ = MatrixRegistration.objects.filter(channel=channel).delete()
    if not deleted:
        raise NotFound(f"No homeserver passes on commands for “{channel.name}”.")


def is_homeserver(registration: MatrixRegistration, token: str) -> bool:
    """Whether the token is the homeserver's, and the channel is still one of that homeserver."""
    is_right = compare_digest(digest(token), registration.digest)
    return is_right and _workspace(registration.channel) == registration.workspace


def events_take(*, registration: MatrixRegistration, events: Iterable[object]) -> int:
    """Carry out the commands among the events; return how many there were.

    Those that were carried out before are passed over. Raises OperationalError or InterfaceError
    where the database does not answer: the homeserver then sends all of it again.
    """
    now = clock.now()
    MatrixRegistration.objects.filter(pk=registration.pk).update(last_heard_at=now)
    taken = 0
    for event in events:
        said = command_in(event, now=now)
        if said is None or said.room_id != registration.room_id:
            continue
        if said.sender != registration.account:
            taken += _take(registration, said)
    return taken


def _take(registration: MatrixRegistration, said: Said) -> bool:
    try:
        with transaction.atomic():
            return _carried_out(registration, said)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # one command that trips over a fault of ours must not hold up the rest
        log.exception("a command from the Matrix channel %s failed", registration.channel_id)
        with transaction.atomic():
            return _is_first(registration, said) and _answer(registration, said, BROKEN)


def _carried_out(registration: MatrixRegistration, said: Said) -> bool:
    if not _is_first(registration, said):
        return False
    count = _counted(registration, said)
    if count > MOST_COMMANDS:
        return count == MOST_COMMANDS + 1 and _answer(registration, said, MANY)
    answer = command_run(
        text=said.text,
        kind=registration.channel.kind,
        workspace=registration.workspace,
        chat_id=said.sender,
        chat_name=said.name,
        channel_id=registration.channel_id,
    )
    return answer is not None and _answer(registration, said, answer)


def _is_first(registration: MatrixRegistration, said: Said) -> bool:
    return use_once(
        purpose="matrix.event",
        value=f"{registration.workspace}\0{said.event_id}",
        # The command is too old by then; the clocks of two servers may differ by as much again.
        forget_at=clock.now() + 2 * LONGEST_WAIT,
    )


def _answer(registration: MatrixRegistration, said: Said, text: str) -> bool:
    """Queue what the room reads; always True."""
    lines = text.split("\n")
    title = f"Answer to {said.name}"
    message = Message(title, text) if len(lines) == 1 else Message(title, "", facts=tuple(lines))
    if text == how_to_link():
        # An address in the text itself would be made harmless.
        message = replace(message, url=f"{settings.BASE_URL}/alerts/me/")
    name = digest(f"{registration.workspace}\0{said.event_id}")
    return delivery_queue(
        Draft(registration.channel_id, message, DeliveryKind.NOTICE, f"matrix:{name[:40]}")
    )


def _counted(registration: MatrixRegistration, said: Said) -> int:
    """How many commands the person has written within the present minute, this one included."""
    window = int(clock.now().timestamp() // SECONDS)
    key = f"alerts.matrix:{digest(f'{registration.pk} {said.sender}')}:{window}"
    cache.add(key, 0, timeout=2 * SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # the cache threw the count away in between
        return 1


def _matrix_channel(actor: User, channel_id: int) -> Channel:
    if not actor.may(VOUCHES):
        raise Denied(f"Commands from a room need the role “{VOUCHES.label}” to be set up.")
    channel = channel_get(channel_id)
    if channel.kind != matrix.Matrix.name:
        raise Refused("Only a Matrix channel is registered at a homeserver.", "kind")
    return channel


def _workspace(channel: Channel) -> str:
    """The homeserver as the channel's settings name it now. No secret is needed for that."""
    return KINDS[channel.kind].workspace(channel.options)[:200]


def _file(channel: Channel, room: str, token: str) -> str:
    name = digest(channel.key)[:12]
    document = {
        "id": f"displace-{name}",
        "url": f"{settings.BASE_URL}/chat/matrix/{channel.key}",
        # Nobody needs it: what is sent is sent by the channel's own account.
        "as_token": secrets.token_urlsafe(TOKEN_BYTES),
        "hs_token": token,
        "sender_localpart": f"_displace_{name}",
        "rate_limited": True,
        "namespaces": {
            "users": [],
            "aliases": [],
            # This one room and no other.
            "rooms": [{"exclusive": False, "regex": f"^{re.escape(room)}$"}],
        },
    }
    return yaml.safe_dump(document, sort_keys=False, width=1000)

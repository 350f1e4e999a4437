"""Taking an event in: one row and a wake-up, everything else is done later."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.db import IntegrityError, transaction

from common import clock
from common.encryption import CannotOpen, unseal
from hooks.domain.events import Event, Reading, Verdict, read_event
from hooks.domain.identity import delivery_id
from hooks.domain.kinds import Kind
from hooks.domain.signatures import verify
from hooks.models import Delivery, Endpoint
from hooks.services.watching import tip_moved

log = logging.getLogger(__name__)

# When an endpoint was last heard of is written at most this often.
SEEN_PRECISION = timedelta(minutes=1)
# Deliveries that are forgotten in one go.
MOST_FORGOTTEN = 5_000

STATES = {
    Verdict.PROMPT: Delivery.State.WAITING,
    Verdict.PING: Delivery.State.PING,
    Verdict.IGNORE: Delivery.State.IGNORED,
}


class Answer(Enum):
    """What became of an event."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a sender, with a sentence for the log that it keeps."""

    answer: Answer
    reason: str


def delivery_receive(*, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Receipt:
    """Take in an event, if its signature is right and it was not taken in before.

    `headers` are named in lower case. Whatever the event says, at most a look at the tip follows.
    """
    now = clock.now()
    kind = Kind(endpoint.kind)
    try:
        verdict = verify(kind, headers=headers, body=body, keys=_keys(endpoint, now), now=now)
    except CannotOpen as error:
        log.error("webhook %s: %s", endpoint.pk, error.message)
        return _refuse(endpoint, "The secret stored here cannot be opened; rotate it.", now)
    if not verdict.is_right:
        return _refuse(endpoint, verdict.reason, now)
    branch = endpoint.repository.default_branch
    reading = read_event(Event(kind, headers, body), default_branch=branch)
    try:
        with transaction.atomic():
            _store(endpoint, delivery_id(kind, headers, body, now), reading, now)
    except IntegrityError:
        return Receipt(Answer.KNOWN, "This delivery is known already; nothing was done again.")
    return Receipt(Answer.ACCEPTED, reading.reason)


def deliveries_forget() -> int:
    """Delete the deliveries that are older than the setting says; return how many."""
    old = Delivery.objects.filter(received_at__lt=clock.now() - settings.HOOKS_KEEP_DELIVERIES)
    some = list(old.order_by("received_at").values_list("pk", flat=True)[:MOST_FORGOTTEN])
    deleted, _ = Delivery.objects.filter(pk__in=some).delete() if some else (0, {})
    return deleted


def _store(endpoint: Endpoint, name: str, reading: Reading, now: datetime) -> None:
    Delivery.objects.create(
        endpoint=endpoint,
        delivery_id=name,
        event=reading.event,
        subject=reading.subject,
        state=STATES[reading.verdict],
        reason=reading.reason,
        received_at=now,
        settled_at=None if reading.verdict is Verdict.PROMPT else now,
    )
    if endpoint.last_seen_at is None or endpoint.last_seen_at < now - SEEN_PRECISION:
        Endpoint.objects.filter(pk=endpoint.pk).update(last_seen_at=now)
    if reading.verdict is Verdict.PROMPT:
        tip_moved(repository_id=endpoint.repository_id, source="webhook")


def _keys(endpoint: Endpoint, now: datetime) -> list[str]:
    """The secrets that are valid now, the present one first."""
    keys = [unseal(endpoint.secret)]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > now:
        keys.append(unseal(endpoint.previous_secret))
    return keys


def _refuse(endpoint: Endpoint, reason: str, now: datetime) -> Receipt:
    # For whoever sets it up; not more often, since it is written for somebody without a secret.
    if endpoint.refused_at is None or endpoint.refused_at < now - SEEN_PRECISION:
        Endpoint.objects.filter(pk=endpoint.pk).update(refused_at=now, refused_reason=reason)
    return Receipt(Answer.REFUSED, reason)

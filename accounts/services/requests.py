"""A call of the API that is sent again is done once."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from accounts.models import RequestRecord, User
from common import clock
from common.errors import Refused

# The answer to a call with an Idempotency-Key is kept this long.
REQUEST_LIFETIME = timedelta(hours=24)
# No call takes longer; one that is still under way then was left behind by a dead process.
REQUEST_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call of the API was answered with; `is_replay` when it was answered before."""

    status: int
    body: str
    headers: Mapping[str, str]
    is_replay: bool = False


class RequestUnderWay(Refused):
    """The same call has begun and has not ended."""


class RequestDiffers(Refused):
    """The key was used for another call."""


def request_once(
    *, user: User, key: str, fingerprint: str, is_atomic: bool, work: Callable[[], Answer]
) -> Answer:
    """Do `work` unless this person's call with this key was answered before: then that answer.

    `is_atomic`: the work and the note that it is done are one transaction, so that a process
    killed in between leaves neither. Do without only for work that may safely be done twice.
    A call that fails frees its key. Raises RequestUnderWay or RequestDiffers.
    """
    record = _request_claim(user, key, fingerprint)
    if record.status is not None:
        return Answer(record.status, record.body, record.headers, is_replay=True)
    owned = RequestRecord.objects.filter(pk=record.pk, claimed_at=record.claimed_at, status=None)
    try:
        with transaction.atomic() if is_atomic else nullcontext():
            answer = work()
            kept = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
            if not owned.update(**kept):
                raise RequestUnderWay("The call took so long that another one took it over.")
    except BaseException:  # whatever stops the work frees the key
        owned.delete()
        raise
    return answer


def _request_claim(user: User, key: str, fingerprint: str) -> RequestRecord:
    """The record of a call that is ours to do, or of one that has been answered."""
    now = clock.now()
    RequestRecord.objects.filter(created_at__lt=now - REQUEST_LIFETIME).delete()
    record, is_new = RequestRecord.objects.get_or_create(
        user=user,
        key=key,
        defaults={"fingerprint": fingerprint, "created_at": now, "claimed_at": now},
    )
    if is_new:
        return record
    if record.fingerprint != fingerprint:
        raise RequestDiffers("This Idempotency-Key was used for another request; make a new one.")
    if record.status is None:
        left_behind = RequestRecord.objects.filter(
            pk=record.pk, status=None, claimed_at=record.claimed_at
        ).filter(claimed_at__lt=now - REQUEST_LEASE)
        if not left_behind.update(claimed_at=now):
            raise RequestUnderWay("The same request is under way; ask again in a moment.")
        record.claimed_at = now
    return record

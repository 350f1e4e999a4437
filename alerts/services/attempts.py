"""Who may send what now, and what came of it.

One sender at a time for each channel: a service that hangs holds one worker, not all, and messages
keep their order. A claim is a lease with a fence; a worker whose lease ran out writes nothing.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from alerts.channels.kind import Rate, SendError
from alerts.domain import backoff, breaker, bucket
from alerts.domain.messages import Receipt
from alerts.domain.states import DeliveryKind, DeliveryState, Outcome
from alerts.domain.storable import storable
from alerts.models import Attempt, Channel, Delivery
from alerts.selectors.deliveries import due_in
from alerts.services.leases import leases_end
from alerts.services.troubles import channel_went_off, message_died
from common import clock

LONGEST_TEXT = 500
# So often a message goes to a service that says yes in a form that is none of its own.
MOST_STRANGE = 5
# Workers that were forked from one process must not draw the same pauses.
_RANDOM = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make one attempt: valid while the fence is the newest."""

    delivery: Delivery
    channel: Channel
    fence: int
    number: int
    # An earlier attempt may have arrived, whatever this one comes to.
    was_unknown: bool

    @property
    def is_test(self) -> bool:
        return self.delivery.kind == DeliveryKind.TEST


@dataclass(frozen=True, slots=True)
class Wait:
    """There is work, but not before this moment."""

    until: datetime


def claim(*, channel_id: int, rate: Rate) -> Claim | Wait | None:
    """Take the oldest message that is due in a channel.

    None when there is nothing to do, the channel is off, or somebody else is at it.
    """
    now = clock.now()
    with transaction.atomic():
        # Not two workers wait for each other here; the one that came second goes away. Whoever
        # writes a message for the channel meanwhile (its key is all they need) is no second one.
        channel = (
            Channel.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            .filter(pk=channel_id, disabled_at__isnull=True)
            .first()
        )
        if channel is None or _is_taken(channel, now):
            return None
        delivery = due_in(channel_id, now).select_related("target").first()
        if delivery is None:
            return None
        if channel.open_until is not None and channel.open_until > now:
            return Wait(channel.open_until)
        if not _token_taken(channel, rate, now):
            return _until_a_token(channel, rate, now)
        return _leased(delivery, channel, now)


def claim_test(*, channel: Channel, delivery: Delivery, rate: Rate) -> Claim | Wait:
    """Take a test message, past the breaker and the switch, yet not past the service's limit."""
    now = clock.now()
    with transaction.atomic():
        channel = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
        if not _token_taken(channel, rate, now):
            return _until_a_token(channel, rate, now)
        leased = _leased(delivery, channel, now)
    if leased is None:
        raise RuntimeError("a test message was taken by somebody else")
    return leased


def succeeded(claimed: Claim, receipt: Receipt) -> bool:
    """Write down that the service took the message; False when the claim is no longer ours."""
    now = clock.now()
    remote = {
        "remote_id": receipt.remote_id,
        "said": receipt.said[:LONGEST_TEXT],
        "status": receipt.status,
        "details": dict(receipt.details),
    }
    with transaction.atomic():
        _close_attempt(claimed, Outcome.SENT, now, receipt.status, receipt.said)
        _fill_from(claimed.channel, now)
        is_ours = _write(
            claimed,
            state=DeliveryState.SENT,
            sent_at=now,
            settled_at=now,
            error="",
            remote=storable(remote),
        )
        if is_ours:
            Channel.objects.filter(pk=claimed.channel.pk).update(
                failures=0, open_until=None, last_sent_at=now
            )
    return is_ours


def failed(claimed: Claim, error: SendError) -> bool:
    """Write down why the message did not go out, and when it is tried again, if ever.

    False when the claim is no longer ours.
    """
    now = clock.now()
    outcome = outcome_of(error)
    with transaction.atomic():
        _close_attempt(claimed, outcome, now, error.status, error.said or error.message)
        _fill_from(claimed.channel, now)
        if claimed.is_test:
            return _write(
                claimed, state=DeliveryState.DROPPED, settled_at=now, error=_cut(error.message)
            )
        if error.is_permanent or _is_strange(claimed, error):
            return _refused(claimed, error, now)
        return _try_later(claimed, error, outcome, now)


def outcome_of(error: SendError) -> Outcome:
    """What an attempt that ended with this error came to."""
    if error.is_permanent:
        return Outcome.UNKNOWN if error.is_outcome_unknown else Outcome.REFUSED
    is_wish = error.retry_after is not None and (error.status or 0) < 500
    if error.status == 429 or (is_wish and not error.is_outcome_unknown):
        return Outcome.LIMITED
    return Outcome.UNKNOWN if error.is_outcome_unknown else Outcome.FAILED


def _is_strange(claimed: Claim, error: SendError) -> bool:
    """Whether the service says yes again and again, in a form that is none of its own.

    It probably shows the message each time, so that is not gone on with for days.
    """
    said_yes = (200, 299)
    if not error.is_outcome_unknown or not said_yes[0] <= (error.status or 0) <= said_yes[1]:
        return False
    strange = Attempt.objects.filter(
        delivery=claimed.delivery, outcome=Outcome.UNKNOWN, status__range=said_yes
    )
    return strange.count() >= MOST_STRANGE


def _is_taken(channel: Channel, now: datetime) -> bool:
    """Whether somebody is sending into the channel; ended leases are taken back first."""
    leases_end(now=now, channel_id=channel.pk)
    sending = Delivery.objects.filter(channel=channel, state=DeliveryState.SENDING)
    # A person's test is none of the queue's business.
    return sending.exclude(kind=DeliveryKind.TEST).exists()


def _token_taken(channel: Channel, rate: Rate, now: datetime) -> bool:
    """Take a token; False when there is none, or somebody else has just taken one."""
    left = bucket.taken(
        bucket.Bucket(channel.tokens, channel.tokens_at),
        now=now,
        per_second=rate.per_second,
        burst=rate.burst,
    )
    if left is None:
        return False
    unchanged = Channel.objects.filter(
        pk=channel.pk, tokens=channel.tokens, tokens_at=channel.tokens_at
    )
    return unchanged.update(tokens=left.tokens, tokens_at=left.at) == 1


def _until_a_token(channel: Channel, rate: Rate, now: datetime) -> Wait:
    left = bucket.Bucket(channel.tokens, channel.tokens_at)
    if left.at - now > bucket.SKEW:
        # The clock was set back: the bucket fills from now on, not from a moment to come.
        Channel.objects.filter(pk=channel.pk, tokens_at=left.at).update(tokens_at=now)
    pause = bucket.wait(left, now=now, per_second=rate.per_second, burst=rate.burst)
    return Wait(now + pause)


def _fill_from(channel: Channel, now: datetime) -> None:
    """Let the bucket fill only from the end of an attempt.

    The message arrived at some moment of it. Counted from its beginning, one that was held up on
    its way and a quick one behind it would be too much at once for the service.
    """
    Channel.objects.filter(pk=channel.pk, tokens_at__lt=now).update(tokens_at=now)


def _leased(delivery: Delivery, channel: Channel, now: datetime) -> Claim | None:
    """Write the lease and the attempt, both before anything is sent."""
    fence, number = delivery.fence + 1, delivery.attempts + 1
    taken = Delivery.objects.filter(
        pk=delivery.pk,
        fence=delivery.fence,
        state__in=[DeliveryState.WAITING, DeliveryState.UNKNOWN],
    ).update(
        state=DeliveryState.SENDING,
        fence=fence,
        attempts=number,
        lease_until=now + settings.ALERTS_LEASE,
    )
    if taken != 1:
        return None
    Attempt.objects.create(delivery=delivery, number=number, started_at=now)
    was_unknown = delivery.state == DeliveryState.UNKNOWN
    return Claim(delivery, channel, fence, number, was_unknown)


def _write(claimed: Claim, **values: object) -> bool:
    """Change the delivery under this claim; False when somebody else has taken it over."""
    own = Delivery.objects.filter(
        pk=claimed.delivery.pk, fence=claimed.fence, state=DeliveryState.SENDING
    )
    return own.update(lease_until=None, **values) == 1


def _close_attempt(
    claimed: Claim, outcome: Outcome, now: datetime, status: int | None, said: str
) -> None:
    # The trace of a worker that came back late is kept: what it saw is true, whoever sent since.
    Attempt.objects.filter(delivery=claimed.delivery, number=claimed.number).update(
        ended_at=now, outcome=outcome, status=status, said=_cut(said)
    )


def _refused(claimed: Claim, error: SendError, now: datetime) -> bool:
    """The message will never be taken, or nothing will until a person repairs the channel."""
    if error.disables_channel:
        is_unknown = claimed.was_unknown or error.is_outcome_unknown
        state = DeliveryState.UNKNOWN if is_unknown else DeliveryState.WAITING
        is_ours = _write(claimed, state=state, next_attempt_at=now, error=_cut(error.message))
        if is_ours:
            channel_went_off(channel=claimed.channel, reason=_cut(error.message), now=now)
        return is_ours
    message = error.message
    if claimed.was_unknown or error.is_outcome_unknown:
        message = f"It may have arrived all the same. {message}"
    is_ours = _write(claimed, state=DeliveryState.DEAD, settled_at=now, error=_cut(message))
    if is_ours:
        _note_error(claimed.channel, error, now)
        message_died(channel_id=claimed.channel.pk, now=now)
    return is_ours


def _try_later(claimed: Claim, error: SendError, outcome: Outcome, now: datetime) -> bool:
    """Wait as the service asks, or with growing pauses, and rest a channel that keeps failing."""
    is_unknown = outcome is Outcome.UNKNOWN or claimed.was_unknown
    pause = backoff.pause(claimed.number, _RANDOM.random())
    rest: timedelta | None = None
    failures = claimed.channel.failures
    if error.retry_after is not None:
        # The wish is for the whole channel, not for this message.
        pause = rest = backoff.wished(error.retry_after)
    elif outcome is Outcome.LIMITED:
        rest = pause
    if outcome is not Outcome.LIMITED:
        failures += 1
        broken = breaker.rest(failures, _RANDOM.random())
        rest = max((one for one in (rest, broken) if one is not None), default=None)
    is_ours = _write(
        claimed,
        state=DeliveryState.UNKNOWN if is_unknown else DeliveryState.WAITING,
        next_attempt_at=now + pause,
        error=_cut(error.message),
    )
    if is_ours:
        _note_error(claimed.channel, error, now, failures=failures)
        if rest is not None:
            _let_rest(claimed.channel, now + rest)
    return is_ours


def _note_error(
    channel: Channel, error: SendError, now: datetime, failures: int | None = None
) -> None:
    values: dict[str, object] = {"last_error": _cut(error.message), "last_error_at": now}
    if failures is not None:
        values["failures"] = failures
    Channel.objects.filter(pk=channel.pk).update(**values)


def _let_rest(channel: Channel, until: datetime) -> None:
    """Try nothing in the channel before then; a longer rest that was begun stays."""
    longer = Channel.objects.filter(pk=channel.pk, open_until__gt=until)
    if not longer.exists():
        Channel.objects.filter(pk=channel.pk).update(
            open_until=until, tokens=0, tokens_at=clock.now()
        )


def _cut(text: str) -> str:
    plain: str = storable(text)
    return plain[:LONGEST_TEXT]

"""Sending what waits in the outbox, one message after another."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from accounts.selectors import User
from alerts.channels.kind import ChannelKind, SendError
from alerts.channels.registry import KINDS
from alerts.domain.messages import Envelope, Message, Receipt, as_json, from_json
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.domain.storable import storable
from alerts.models import Channel, Delivery
from alerts.selectors.deliveries import channels_with_work
from alerts.services import attempts
from alerts.services.attempts import Claim
from alerts.services.opening import reach_of, settings_of
from alerts.services.permits import require_channel_manager
from alerts.services.rendering import message_for_sending
from alerts.services.stopping import stop_url
from alerts.services.troubles import channel_went_off
from common import clock
from common.errors import DisplaceError, NotFound, Refused

__all__ = [
    "TestResult",
    "Turn",
    "channel_deliver",
    "channel_turn",
    "channels_with_work",
    "code_send",
    "test_send",
]

log = logging.getLogger(__name__)

# One call sends no more than this, so that the other channels have their turn.
MOST_MESSAGES = 100
MOST_SECONDS = 20.0
# A worker waits no longer than this for a channel: others may have work.
PATIENCE_SECONDS = 0.1
# The same for whoever cares for one channel only.
ALONE_PATIENCE_SECONDS = 2.5
# So soon a channel is taken up again by itself; for more the sweep is soon enough.
SOON_SECONDS = 60.0
# A moment that was computed must not come a hair's breadth too early.
MARGIN_SECONDS = 0.02
# Somebody looks at the page while a test message waits for its token.
TEST_PATIENCE_SECONDS = 5.0
# A test that nobody began with by then was cut off.
_TEST_LIFE = timedelta(minutes=1)
# The service took the message: that is written down, even if the database has to be waited for.
_PERSIST_TRIES = 60
_PERSIST_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class TestResult:
    """What came of a test message: the service's own words, its status, and the seconds it took.

    `advice` says in our words what was refused and what to do.
    """

    # Not a test case, whatever its name begins with.
    __test__: ClassVar[bool] = False

    is_sent: bool
    said: str
    status: int | None
    took: float
    delivery_id: int | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Whisper:
    """A line for one account, which is sent and stored nowhere."""

    chat_id: str
    line: str


@dataclass(frozen=True, slots=True)
class Turn:
    """How many messages the service took, and in how many seconds it is the channel's turn again.

    None: there is nothing more to do, it is for later, or somebody else does it.
    """

    sent: int
    again_in: float | None


def channel_turn(*, channel_id: int) -> Turn:
    """Send what is due in a channel until its limit is used up, or the others have their turn.

    Safe at any time and in any number of processes: one of them gets to send.
    """
    return _turn(channel_id, MOST_MESSAGES, MOST_SECONDS, PATIENCE_SECONDS)


def channel_deliver(
    *, channel_id: int, limit: int = MOST_MESSAGES, seconds: float = MOST_SECONDS
) -> int:
    """Send what is due in a channel, the oldest first; return how many messages it took.

    Waits where the channel's limit asks for little. Ends when nothing is due, after `limit`
    attempts or after about `seconds`.
    """
    return _turn(channel_id, limit, seconds, ALONE_PATIENCE_SECONDS).sent


def test_send(*, actor: User, channel_id: int) -> TestResult:
    """Send a test message now and tell what the service answered.

    A channel that is off or resting is tested all the same: that is how one finds out whether it
    was repaired. Raises NotFound, Denied, and Refused while the service's limit is used up.
    """
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise NotFound("There is no such channel.")
    require_channel_manager(actor, channel)
    message = Message(
        title="A test message",
        lead=f"{actor.get_username()} wanted to see whether messages arrive here. They do.",
        url=settings.BASE_URL,
    )
    return _sent_now(channel, message)


def code_send(*, channel: Channel, chat_id: str, message: Message, line: str) -> TestResult:
    """Put a message with a secret line before one account; the log shows it without the line.

    Raises Refused while the service's limit is used up.
    """
    return _sent_now(channel, message, _Whisper(chat_id, line))


def _sent_now(channel: Channel, message: Message, whisper: _Whisper | None = None) -> TestResult:
    kind = KINDS.get(channel.kind)
    if kind is None:
        raise Refused("This version knows no such kind of channel.", "kind")
    delivery = _test_delivery(channel, message)
    claimed = _claim_test(channel, kind, delivery)
    began = time.monotonic()
    error = _attempt(kind, claimed, whisper)
    took = time.monotonic() - began
    if error is not None:
        said = error.said or error.message
        advice = error.message if error.message != said else ""
        return TestResult(False, said, error.status, took, delivery.pk, advice)
    delivery.refresh_from_db(fields=["remote"])
    remote = delivery.remote
    return TestResult(True, remote["said"], remote["status"], took, delivery.pk)


def _kind(channel_id: int) -> ChannelKind | None:
    """The kind of a channel; one that this version does not know is switched off."""
    channel = Channel.objects.filter(pk=channel_id, disabled_at__isnull=True).first()
    if channel is None:
        return None
    kind = KINDS.get(channel.kind)
    if kind is None:
        reason = f"This version knows no channels of the kind “{channel.kind}”."
        channel_went_off(channel=channel, reason=reason, now=clock.now())
    return kind


def _turn(channel_id: int, limit: int, seconds: float, patience: float) -> Turn:
    kind = _kind(channel_id)
    if kind is None:
        return Turn(0, None)
    ends, tried, sent = time.monotonic() + seconds, 0, 0
    while tried < limit and time.monotonic() < ends:
        claimed = attempts.claim(channel_id=channel_id, rate=kind.rate)
        if claimed is None:
            return Turn(sent, None)
        if isinstance(claimed, Claim):
            tried += 1
            sent += _attempt(kind, claimed) is None
            continue
        pause = _seconds_until(claimed.until)
        if pause > patience or time.monotonic() + pause > ends:
            # Whoever sent last goes on. Otherwise each sweep would add one more that only asks.
            again = bool(sent) and pause <= SOON_SECONDS
            return Turn(sent, pause + MARGIN_SECONDS if again else None)
        time.sleep(pause)
    return Turn(sent, 0.0 if sent else None)


def _claim_test(channel: Channel, kind: ChannelKind, delivery: Delivery) -> Claim:
    ends = time.monotonic() + TEST_PATIENCE_SECONDS
    while True:
        claimed = attempts.claim_test(channel=channel, delivery=delivery, rate=kind.rate)
        if isinstance(claimed, Claim):
            return claimed
        pause = _seconds_until(claimed.until)
        if time.monotonic() + pause > ends:
            delivery.delete()
            raise Refused(
                f"{kind.label} takes no more messages for {pause:.0f} seconds; try again then."
            )
        time.sleep(pause)


def _seconds_until(moment: datetime) -> float:
    return max(0.01, (moment - clock.now()).total_seconds())


def _attempt(
    kind: ChannelKind, claimed: Claim, whisper: _Whisper | None = None
) -> SendError | None:
    """Send one message and write down what came of it; None when the service took it."""
    try:
        with reach_of(claimed.channel):
            receipt = _sent(kind, claimed, whisper)
    except SendError as problem:
        error = problem
        _persisted(lambda: attempts.failed(claimed, error))
        return error
    if not _persisted(lambda: attempts.succeeded(claimed, receipt)):
        log.warning("delivery %s was sent after its lease had ended", claimed.delivery.pk)
    return None


def _sent(kind: ChannelKind, claimed: Claim, whisper: _Whisper | None) -> Receipt:
    """Speak to the service. Raises SendError, whatever went wrong."""
    values, message = _prepared(claimed)
    delivery = claimed.delivery
    stop = stop_url(claimed.channel)
    envelope = Envelope(str(delivery.key), delivery.reference, claimed.number, stop)
    try:
        if whisper is not None:
            whispered = replace(message, facts=(*message.facts, whisper.line))
            return kind.tell(values, whisper.chat_id, whispered, envelope)
        if delivery.target is None:
            return kind.send(values, message, envelope)
        before = _receipt_of(delivery.target)
        if delivery.kind == DeliveryKind.EDIT:
            return kind.edit(values, message, envelope, before)
        return kind.reply(values, message, envelope, before)
    except SendError:
        raise
    except Exception as error:  # noqa: BLE001 - a mistake in one kind must not stop the others
        _log_mistake(claimed, error)
        raise SendError(
            "Sending failed for a reason that nobody foresaw; the log of the worker says where.",
            is_outcome_unknown=True,
        ) from None


def _prepared(claimed: Claim) -> tuple[dict[str, str], Message]:
    """Settings and message as the service gets them. Raises SendError: nothing was sent."""
    try:
        values = settings_of(claimed.channel)
        message = from_json(claimed.delivery.message)
        return values, message_for_sending(message, claimed.channel)
    except DisplaceError as error:
        raise SendError(error.message) from None
    except Exception as error:  # noqa: BLE001 - as above; the message stays and is tried again
        _log_mistake(claimed, error)
        raise SendError("The message could not be prepared; the worker's log says where.") from None


def _log_mistake(claimed: Claim, error: Exception) -> None:
    # No text of the error: it may quote an address or a token.
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    log.error("delivery %s: %s at %s", claimed.delivery.pk, type(error).__name__, place)


def _receipt_of(delivery: Delivery) -> Receipt:
    remote: dict[str, Any] = delivery.remote
    return Receipt(
        remote_id=remote.get("remote_id", ""),
        said=remote.get("said", ""),
        status=remote.get("status"),
        details=remote.get("details", {}),
    )


def _persisted(write: Callable[[], bool]) -> bool:
    """Write down what came of an attempt, waiting for a database that is being restarted.

    Without that every message that is under way at a restart would be sent twice.
    """
    for _ in range(_PERSIST_TRIES):
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            log.warning("the database is away, what was sent is written down later: %s", error)
            connection.close()
            time.sleep(_PERSIST_PAUSE)
    return write()


def _test_delivery(channel: Channel, message: Message) -> Delivery:
    now = clock.now()
    return Delivery.objects.create(
        channel=channel,
        kind=DeliveryKind.TEST,
        message=storable(as_json(message)),
        search_text=f"{message.title}\n{message.lead}",
        dedupe=f"test:{uuid.uuid4()}",
        # The queue leaves it alone: its time is over when its turn comes.
        state=DeliveryState.WAITING,
        created_at=now,
        next_attempt_at=now + _TEST_LIFE,
        expires_at=now + _TEST_LIFE,
    )

"""What the delivery reads: what is due, what was lost, how the outbox stands."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from alerts.domain.breaker import PATIENCE
from alerts.domain.states import OPEN_STATES, DeliveryKind, DeliveryState
from alerts.models import Channel, Delivery, Digest, Trouble
from alerts.models.troubles import DEAD

# Channels that one sweep wakes workers for.
MOST_AT_ONCE = 200
# So long after its last failure a channel is worth one more try, though nothing else goes there.
WELL_AGAIN = timedelta(hours=1)
# So long a channel that refused a notice gets no other one.
REFUSED_FOR = timedelta(days=1)
_OPEN = [state.value for state in OPEN_STATES]
_READY = [DeliveryState.WAITING.value, DeliveryState.UNKNOWN.value]


def due(now: datetime) -> QuerySet[Delivery]:
    """What may be sent now, whatever its channel says.

    A change or a reply waits for the message it belongs to, and for those before it: the last
    change must be the one that stays.
    """
    before = Delivery.objects.filter(
        target=OuterRef("target"), pk__lt=OuterRef("pk"), state__in=_OPEN
    )
    return Delivery.objects.filter(
        Q(target__isnull=True) | Q(target__state=DeliveryState.SENT) & ~Exists(before),
        state__in=_READY,
        next_attempt_at__lte=now,
        expires_at__gt=now,
    )


def due_in(channel_id: int, now: datetime) -> QuerySet[Delivery]:
    """What may be sent into one channel now, the oldest first."""
    return due(now).filter(channel=channel_id).order_by("pk")


def lost(now: datetime, channel_id: int | None = None) -> QuerySet[Delivery]:
    """What is being sent by somebody whose lease has ended."""
    found = Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__lte=now)
    return found if channel_id is None else found.filter(channel=channel_id)


def channels_with_work(now: datetime) -> list[int]:
    """The channels into which something can be sent now, the longest unserved first.

    Not those with the oldest message: two hundred that are at their limit would keep out the rest.
    """
    busy = Delivery.objects.filter(
        channel=OuterRef("channel"), state=DeliveryState.SENDING, lease_until__gt=now
    )
    found = (
        due(now)
        .filter(
            Q(channel__open_until__isnull=True) | Q(channel__open_until__lte=now),
            ~Exists(busy),
            channel__disabled_at__isnull=True,
        )
        .order_by()
        .values("channel")
        .annotate(served=Min("channel__tokens_at"))
        .order_by("served", "channel")
    )
    return list(found.values_list("channel", flat=True)[:MOST_AT_ONCE])


def expired(now: datetime) -> QuerySet[Delivery]:
    """What waits although its time is over."""
    return Delivery.objects.filter(state__in=_READY, expires_at__lte=now).order_by("pk")


def dead_in(channel_id: int) -> QuerySet[Delivery]:
    """What was given up in a channel, the oldest first."""
    return Delivery.objects.filter(channel=channel_id, state=DeliveryState.DEAD).order_by("pk")


def _failing(now: datetime, channel: str = "") -> Q:
    recently = now - WELL_AGAIN
    return Q(**{f"{channel}failures__gte": PATIENCE, f"{channel}last_error_at__gt": recently})


def healthy_channels(now: datetime) -> QuerySet[Channel]:
    """Shared channels that are on, do not fail at the moment and have refused no notice lately."""
    refused = Delivery.objects.filter(
        channel=OuterRef("pk"),
        kind=DeliveryKind.NOTICE,
        state=DeliveryState.DEAD,
        settled_at__gt=now - REFUSED_FOR,
    )
    return Channel.objects.filter(
        ~_failing(now), ~Exists(refused), disabled_at__isnull=True, person__isnull=True
    ).order_by("name")


def notices_stuck(now: datetime) -> QuerySet[Delivery]:
    """Notices in channels that do not work themselves, and dead ones that nobody has taken up."""
    said = Trouble.objects.filter(said_by=OuterRef("pk"))
    stuck = Q(channel__disabled_at__isnull=False) | _failing(now, "channel__")
    return Delivery.objects.filter(
        stuck & Q(state__in=_READY) | Q(Exists(said), state=DeliveryState.DEAD),
        kind=DeliveryKind.NOTICE,
    )


def troubles_unsaid(now: datetime) -> QuerySet[Trouble]:
    """What nobody was told of yet, the oldest first."""
    unsaid = Trouble.objects.filter(said_at__isnull=True, at__lte=now)
    return unsaid.select_related("channel", "channel__team").order_by("pk")


@dataclass(frozen=True, slots=True)
class Outbox:
    """How the outbox stands on the whole."""

    by_state: dict[str, int]
    oldest_unsent: datetime | None
    # The same without channels that somebody has to switch on again first.
    oldest_due: datetime | None
    last_digest_day: date | None


def outbox(now: datetime) -> Outbox:
    """The figures of the outbox, in a constant number of queries.

    A message that waits for one before it, or for its next attempt, is unsent all the same.
    """
    counted = Delivery.objects.order_by().values_list("state").annotate(n=Count("pk"))
    unsent = Delivery.objects.filter(state__in=_OPEN, created_at__lte=now)
    on = unsent.filter(channel__disabled_at__isnull=True)
    return Outbox(
        by_state=dict(counted),
        oldest_unsent=unsent.aggregate(at=Min("created_at"))["at"],
        oldest_due=on.aggregate(at=Min("created_at"))["at"],
        last_digest_day=Digest.objects.aggregate(day=Max("day"))["day"],
    )


def channels_off() -> Iterator[tuple[Channel, int]]:
    """Channels that are off, each with what waits in it; not those of people who left."""
    waiting = Count("deliveries", filter=Q(deliveries__state__in=_OPEN))
    off = Channel.objects.filter(disabled_at__isnull=False).exclude(person__is_active=False)
    for channel in off.annotate(n=waiting):
        yield channel, channel.n


@dataclass(frozen=True, slots=True)
class Unheard:
    """What keeps people from hearing what comes due: shared channels off, messages given up."""

    channels_off: int
    given_up: int


def unheard() -> Unheard:
    """What somebody who sets up channels has to see to; two queries."""
    return Unheard(
        channels_off=Channel.objects.filter(disabled_at__isnull=False, person=None).count(),
        given_up=Delivery.objects.filter(state=DeliveryState.DEAD).count(),
    )


def channel_counts(now: datetime) -> dict[str, int]:
    """How many channels are on, resting after failures or at their service's wish, and off."""
    resting = Q(open_until__gt=now)
    off = Q(disabled_at__isnull=False)
    return Channel.objects.aggregate(
        on=Count("pk", filter=~off & ~(resting & Q(open_until__isnull=False))),
        resting=Count("pk", filter=~off & resting),
        off=Count("pk", filter=off),
    )


def given_up_untold(channel_ids: Collection[int]) -> dict[int, int]:
    """How many messages died in each of these channels since that was last told of; one query."""
    told = Trouble.objects.filter(
        channel=OuterRef("channel"), key__startswith=DEAD, said_at__isnull=False
    )
    found = (
        Delivery.objects.filter(channel__in=channel_ids, state=DeliveryState.DEAD)
        .alias(told_at=Subquery(told.order_by("-said_at").values("said_at")[:1]))
        .filter(Q(told_at=None) | Q(settled_at__gt=F("told_at")))
    )
    return dict(found.order_by().values_list("channel").annotate(n=Count("pk")))

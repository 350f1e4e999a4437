"""The log of deliveries: what was sent where, what waits, and what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.fields.json import KT

from accounts.selectors import User
from alerts.domain.access import MANAGES
from alerts.domain.states import OPEN_STATES, DeliveryState
from alerts.models import Attempt, Channel, Delivery
from common import clock
from common.errors import NotFound

WEEK = timedelta(days=7)
_OPEN = [state.value for state in OPEN_STATES]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a reader of the log looks for; empty values ask for nothing."""

    search: str = ""
    states: tuple[str, ...] = ()
    kind: str = ""
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """How the outbox stands."""

    waiting: int = 0
    dead: int = 0
    sent_lately: int = 0
    oldest_unsent: datetime | None = None
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class LogPage:
    """A part of the log, newest first, and where its neighbours begin; None where none is."""

    rows: Sequence[Delivery]
    newer_than: int | None
    older_than: int | None


def deliveries_visible(viewer: User) -> QuerySet[Delivery]:
    """Deliveries of shared channels and of the viewer's own; of all for an operator."""
    found = Delivery.objects.select_related("channel", "channel__team")
    if viewer.may(MANAGES):
        return found
    return found.filter(Q(channel__person=None) | Q(channel__person=viewer))


def deliveries_found(*, viewer: User, wanted: LogFilter) -> QuerySet[Delivery]:
    """The log, newest first."""
    found = deliveries_visible(viewer)
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.channel_id is not None:
        found = found.filter(channel=wanted.channel_id)
    if wanted.search:
        # Numbers instead of a join, so that PostgreSQL can use its index of words.
        named = Channel.objects.filter(name__icontains=wanted.search).order_by()
        numbers = list(named.values_list("pk", flat=True))
        found = found.filter(Q(search_text__icontains=wanted.search) | Q(channel__in=numbers))
    return found.order_by("-pk").annotate(title=KT("message__title")).defer("message", "remote")


def log_page(
    rows: QuerySet[Delivery], *, older_than: int | None, newer_than: int | None, size: int
) -> LogPage:
    """The part of the log before or after a message; its beginning where neither is given.

    The last page costs what the first one does, and nobody counts the rows.
    """
    if newer_than is not None and older_than is None:
        found = list(rows.filter(pk__gt=newer_than).order_by("pk")[: size + 1])
        shown = found[:size][::-1]
        has_newer, has_older = len(found) > size, rows.filter(pk__lte=newer_than).exists()
    else:
        found = list((rows if older_than is None else rows.filter(pk__lt=older_than))[: size + 1])
        shown = found[:size]
        has_older = len(found) > size
        has_newer = older_than is not None and rows.filter(pk__gte=older_than).exists()
    return LogPage(
        rows=shown,
        newer_than=shown[0].pk if shown and has_newer else None,
        older_than=shown[-1].pk if shown and has_older else None,
    )


def delivery_get(delivery_id: int, viewer: User) -> Delivery:
    """One delivery that the viewer may see. Raises NotFound."""
    found = (
        deliveries_visible(viewer)
        .select_related("target", "digest", "digest__team")
        .filter(pk=delivery_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such delivery; it may have been deleted by age.")
    return found


def attempts_of(delivery: Delivery) -> Sequence[Attempt]:
    """Every try at a delivery, the newest first."""
    return list(delivery.tries.order_by("-number"))


def followers_of(delivery: Delivery) -> Sequence[Delivery]:
    """What changed this message or answered below it later."""
    found = delivery.followers.select_related("channel").order_by("pk")
    return list(found.annotate(title=KT("message__title")).defer("message", "remote"))


def traffic(viewer: User) -> Traffic:
    """How the outbox stands, for what the viewer may see: two queries that read an index each."""
    visible = deliveries_visible(viewer)
    found = visible.filter(state__in=[*_OPEN, DeliveryState.DEAD.value]).aggregate(
        waiting=Count("pk", filter=Q(state__in=_OPEN)),
        unknown=Count("pk", filter=Q(state=DeliveryState.UNKNOWN)),
        dead=Count("pk", filter=Q(state=DeliveryState.DEAD)),
        oldest_unsent=Min("created_at", filter=Q(state__in=_OPEN)),
    )
    return Traffic(**found, sent_lately=visible.filter(sent_at__gt=clock.now() - WEEK).count())

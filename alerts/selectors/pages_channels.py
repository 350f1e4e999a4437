"""What the pages of channels read, in a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.selectors import User, teams_led_by
from alerts.domain.access import MANAGES
from alerts.domain.standing import Standing, standing_of
from alerts.domain.states import OPEN_STATES
from alerts.models import Channel, Delivery, Route
from alerts.selectors.channels import channels_visible, kind_known, place_shown
from common import clock


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel in a list."""

    channel: Channel
    kind: str
    place: str
    standing: Standing
    rules: int
    waiting: int
    may_manage: bool


def channel_standing(channel: Channel) -> Standing:
    """How the channel stands now."""
    return standing_of(
        disabled_at=channel.disabled_at,
        open_until=channel.open_until,
        last_sent_at=channel.last_sent_at,
        last_error_at=channel.last_error_at,
        now=clock.now(),
    )


def channels_found(*, viewer: User, search: str = "") -> QuerySet[Channel]:
    """The channels that the viewer may see and whose name or team matches, by name."""
    found = channels_visible(viewer)
    if search:
        found = found.filter(
            Q(name__icontains=search) | Q(kind__icontains=search) | Q(team__name__icontains=search)
        )
    return found


def channels_troubled(viewer: User) -> QuerySet[Channel]:
    """Those of the visible channels that are off, or whose last sign is a failure.

    Not those of people who left.
    """
    troubled = Q(disabled_at__isnull=False) | Q(failures__gt=0) | Q(open_until__gt=clock.now())
    return channels_visible(viewer).filter(troubled).exclude(person__is_active=False)


def channel_lines(channels: Iterable[Channel], *, viewer: User) -> Sequence[ChannelLine]:
    """The channels as a list shows them: four queries for however many."""
    rows = list(channels)
    numbers = [row.pk for row in rows]
    waiting = _counts(
        Delivery.objects.filter(
            channel__in=numbers, state__in=[state.value for state in OPEN_STATES]
        )
    )
    rules = _counts(Route.objects.filter(channel__in=numbers, switched_on_at__isnull=False))
    led, manages = teams_led_by(viewer), viewer.may(MANAGES)
    return [
        ChannelLine(
            channel=row,
            kind=kind_label(row),
            place=place_shown(row),
            standing=channel_standing(row),
            rules=rules.get(row.pk, 0),
            waiting=waiting.get(row.pk, 0),
            may_manage=manages or row.person_id == viewer.pk or row.team_id in led,
        )
        for row in rows
    ]


def kind_label(channel: Channel) -> str:
    """What the channel's service is called; its stored name where this version knows it no more."""
    kind = kind_known(channel)
    return kind.label if kind else channel.kind


def routes_into(channel: Channel) -> Sequence[Route]:
    """Every rule that names this channel, switched on or not, by name."""
    return list(Route.objects.filter(channel=channel).select_related("team", "repository"))


def _counts(rows: "QuerySet[Delivery] | QuerySet[Route]") -> dict[int, int]:
    found = rows.order_by().values_list("channel").annotate(n=Count("pk"))
    return dict(found)

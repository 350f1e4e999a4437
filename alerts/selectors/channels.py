"""Channels: which there are, who may see them, and what of their settings may be shown."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.selectors import User
from alerts.channels.email import Email
from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from alerts.domain.access import MANAGES
from alerts.models import Channel, Route
from common.connection_settings import ShownValue
from common.connection_settings import values_shown as shown
from common.errors import NotFound


def channels_visible(viewer: User | None = None) -> QuerySet[Channel]:
    """The channels by name: the shared ones, and those of `viewer`; all of them for an operator."""
    channels = Channel.objects.select_related("team", "person", "created_by").order_by("name")
    if viewer is None:
        return channels.filter(person=None)
    if viewer.may(MANAGES):
        return channels
    return channels.filter(Q(person=None) | Q(person=viewer))


def channels_all() -> QuerySet[Channel]:
    """Every channel by name, people's own included."""
    return Channel.objects.select_related("team", "person", "created_by").order_by("name")


def channel_get(channel_id: int, viewer: User | None = None) -> Channel:
    """The channel, or NotFound; with a `viewer` also when it is somebody else's own."""
    channels = channels_all() if viewer is None else channels_visible(viewer)
    channel = channels.filter(pk=channel_id).first()
    if channel is None:
        raise NotFound(f"There is no channel {channel_id}.")
    return channel


def channel_by_name(name: str) -> Channel:
    """The channel with this name, or NotFound."""
    channel = channels_all().filter(name=name).first()
    if channel is None:
        raise NotFound(f"There is no channel “{name[:100]}”.")
    return channel


def channel_by_key(kind: str, key: str) -> Channel | None:
    """The channel of a kind behind the address that its service sends answers to, or None."""
    return channels_all().filter(kind=kind, key=key).first()


def kind_known(channel: Channel) -> ChannelKind | None:
    """The channel's kind; None for one that this version does not know any more."""
    return KINDS.get(channel.kind)


def answers_url(channel: Channel) -> str:
    """Where the service sends what is pressed below a message; empty without buttons."""
    kind = kind_known(channel)
    if kind is None or not kind.abilities.buttons:
        return ""
    return f"{settings.BASE_URL}/chat/{channel.kind}/{channel.key}/actions"


def options_now(channel: Channel) -> Mapping[str, str]:
    """The settings that are no secret.

    A person's own mail goes to the address that their account has now, empty for none: the one
    that was stored may be somebody else's by then.
    """
    options: Mapping[str, str] = channel.options
    if channel.kind == Email.name and channel.person is not None:
        return {**options, "to": channel.person.email}
    return options


def values_shown(channel: Channel) -> Sequence[ShownValue]:
    """The settings in the order of the form, secrets masked."""
    kind = kind_known(channel)
    if kind is None:
        return []
    return shown(kind.fields, options_now(channel), channel.secret)


def place_shown(channel: Channel) -> str:
    """Where messages go, in words without a secret."""
    kind = kind_known(channel)
    return kind.shown(options_now(channel)) if kind else f"unknown kind “{channel.kind}”"


def routes_switched_on(channel: Channel) -> Sequence[str]:
    """The names of the rules that speak into a channel now."""
    found = Route.objects.filter(channel=channel, switched_on_at__isnull=False)
    return list(found.order_by("name").values_list("name", flat=True))

"""Channels and kinds of channels as JSON; of a secret only whether it is set."""

from datetime import datetime
from typing import Any

from alerts.channels.kind import ChannelKind
from alerts.models import Channel
from alerts.selectors.channels import place_shown, values_shown


def channel_document(channel: Channel) -> dict[str, Any]:
    """One channel. The address for answers is not in it: it is told to who may change it."""
    return {
        "id": channel.pk,
        "name": channel.name,
        "kind": channel.kind,
        "place": place_shown(channel),
        "team": channel.team.slug if channel.team else None,
        "person": channel.person.username if channel.person else None,
        "is_on": channel.is_on,
        "disabled_at": _moment(channel.disabled_at),
        "disabled_reason": channel.disabled_reason,
        "settings": {
            one.field.name: {"is_set": one.is_set} if one.field.is_secret else one.text
            for one in values_shown(channel)
        },
        "failures": channel.failures,
        "open_until": _moment(channel.open_until),
        "last_sent_at": _moment(channel.last_sent_at),
        "last_error": channel.last_error,
        "last_error_at": _moment(channel.last_error_at),
        "created_at": _moment(channel.created_at),
        "updated_at": _moment(channel.updated_at),
    }


def kind_document(kind: ChannelKind) -> dict[str, Any]:
    """One kind of channel: what it can do, what it asks for, and how to get that."""
    return {
        "kind": kind.name,
        "label": kind.label,
        "is_for_admins": kind.is_for_admins,
        "edits": kind.abilities.edits,
        "threads": kind.abilities.threads,
        "buttons": kind.abilities.buttons,
        "mentions": kind.abilities.mentions,
        "is_idempotent": kind.abilities.is_idempotent,
        "per_second": kind.rate.per_second,
        "burst": kind.rate.burst,
        "steps": list(kind.steps),
        "settings": [one.document() for one in kind.fields],
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None

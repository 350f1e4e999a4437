"""Channels: made, changed, switched off and on, deleted."""

import secrets
from collections.abc import Collection, Mapping

from django.db import IntegrityError, transaction

from accounts import selectors as accounts_selectors
from accounts.selectors import User
from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from alerts.domain.access import MANAGES_UNGUARDED
from alerts.models import Channel
from alerts.selectors.channels import routes_switched_on
from alerts.services.opening import reach_of
from alerts.services.permits import (
    require_channel_manager,
    require_manager,
    require_own_mailbox,
    require_own_settings,
)
from common import clock
from common.connection_settings import (
    Values,
    accept,
    opened_if_possible,
    require_secrets_anew,
    sealed,
)
from common.errors import Denied, NotFound, Refused, Stale

# Bytes of randomness in the address for answers.
KEY_BYTES = 24
LONGEST_NAME = 100
LONGEST_REASON = 500
# Only these are written: whoever delivers counts in the other columns at the same time.
_SETTINGS = ("name", "options", "secret", "failures", "open_until", "updated_at")
_SWITCH = ("disabled_at", "disabled_reason", "updated_at")


def channel_create(
    *,
    actor: User,
    kind: str,
    name: str,
    values: Mapping[str, str],
    team_id: int | None = None,
    person_id: int | None = None,
) -> Channel:
    """Make a channel, switched on; of a team, of a person, or neither.

    Denied to whoever may not speak for the team or the person. Refused with the field at fault,
    which is "kind", "name", "team", "person" or one of the kind's own.
    """
    if person_id is None:
        require_manager(actor, team_id)
    elif team_id is not None:
        raise Refused("A channel belongs to a team or to a person, not to both.", "team")
    else:
        require_channel_manager(actor, Channel(person_id=person_id))
    known = _kind(kind)
    _require_admin_for(known, actor)
    _refuse_strangers(team_id, person_id)
    require_own_mailbox(person_id, known.name, values)
    with reach_of(Channel(person_id=person_id)):
        accepted = _accepted(known, values, {})
    now = clock.now()
    channel = Channel(
        kind=known.name,
        name=_name(name),
        team_id=team_id,
        person_id=person_id,
        options=accepted.options,
        secret=sealed(accepted.secret),
        key=secrets.token_urlsafe(KEY_BYTES),
        created_at=now,
        created_by=actor,
        updated_at=now,
        tokens=known.rate.burst,
        tokens_at=now,
    )
    try:
        with transaction.atomic():
            channel.save(force_insert=True)
    except IntegrityError:
        raise _taken(channel.name) from None
    return channel


def channel_update(
    *,
    actor: User,
    channel_id: int,
    name: str | None = None,
    values: Mapping[str, str] | None = None,
    cleared: Collection[str] = (),
) -> Channel:
    """Change a channel's name, its settings, or both.

    A setting that is not given, and a secret that is empty, stay as they are; `cleared` names
    secrets that are forgotten, of those that the kind can do without. Where an address changes to
    which secrets are sent, they have to be given again.
    """
    # Before the transaction: the service itself may be asked.
    found = _found(channel_id)
    require_channel_manager(actor, found)
    accepted = None
    if values is not None or cleared:
        accepted = _changed(found, actor, values or {}, cleared)
    with transaction.atomic():
        channel = _locked(channel_id)
        require_channel_manager(actor, channel)
        if name is not None:
            channel.name = _name(name)
        if accepted is not None:
            if (channel.options, channel.secret) != (found.options, found.secret):
                raise Stale("Somebody else has just changed this channel; look at it again.")
            channel.options, channel.secret = accepted.options, sealed(accepted.secret)
            # What failed, failed with the settings before.
            channel.failures, channel.open_until = 0, None
        channel.updated_at = clock.now()
        try:
            with transaction.atomic():
                channel.save(update_fields=_SETTINGS)
        except IntegrityError:
            raise _taken(channel.name) from None
    return channel


def channel_enable(*, actor: User, channel_id: int) -> Channel:
    """Let messages go out again, those that have waited first."""
    with transaction.atomic():
        channel = _locked(channel_id)
        require_channel_manager(actor, channel)
        _require_admin_for(_kind(channel.kind), actor)
        channel.disabled_at, channel.disabled_reason = None, ""
        channel.failures, channel.open_until = 0, None
        channel.updated_at = clock.now()
        channel.save(update_fields=(*_SWITCH, "failures", "open_until"))
    return channel


def channel_disable(*, actor: User, channel_id: int, reason: str = "") -> Channel:
    """Send nothing more until somebody enables the channel; what is due waits and is seen to."""
    with transaction.atomic():
        channel = _locked(channel_id)
        require_channel_manager(actor, channel)
        if channel.is_on:
            channel.disabled_at = clock.now()
            words = " ".join(reason.split()) or f"Switched off by {actor}."
            channel.disabled_reason = words[:LONGEST_REASON]
            channel.updated_at = clock.now()
            channel.save(update_fields=_SWITCH)
    return channel


def channel_delete(*, actor: User, channel_id: int) -> None:
    """Forget a channel with its rules, its messages and what was said in it.

    Refused while a rule that is switched on speaks into it.
    """
    with transaction.atomic():
        channel = _locked(channel_id)
        require_channel_manager(actor, channel)
        if names := routes_switched_on(channel):
            raise Refused(
                f"The rule “{names[0]}” speaks into this channel; switch it off or give it "
                "another channel first."
            )
        channel.delete()


def _found(channel_id: int) -> Channel:
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise NotFound(f"There is no channel {channel_id}.")
    return channel


def _locked(channel_id: int) -> Channel:
    channel = Channel.objects.select_for_update().filter(pk=channel_id).first()
    if channel is None:
        raise NotFound(f"There is no channel {channel_id}.")
    return channel


def _kind(name: str) -> ChannelKind:
    if name not in KINDS:
        raise Refused(f"There is no kind of channel “{name[:40]}”.", "kind")
    return KINDS[name]


def _require_admin_for(kind: ChannelKind, actor: User) -> None:
    if kind.is_for_admins and not actor.may(MANAGES_UNGUARDED):
        raise Denied(
            f"{kind.label} needs the role “{MANAGES_UNGUARDED.label}”: it goes past the guards "
            "that the other kinds keep."
        )


def _name(name: str) -> str:
    found = " ".join(name.split())
    if not found:
        raise Refused("Give the channel a name.", "name")
    if len(found) > LONGEST_NAME:
        raise Refused(f"The name may have {LONGEST_NAME} characters.", "name")
    if not found.isprintable():
        raise Refused("The name holds a character that cannot be shown.", "name")
    return found


def _taken(name: str) -> Refused:
    return Refused(f"There is a channel “{name}” already.", "name")


def _refuse_strangers(team_id: int | None, person_id: int | None) -> None:
    """Refuse a team or a person that is not there: the database would tell only in the end."""
    teams, people = accounts_selectors.teams_with_members(), accounts_selectors.active_people()
    if team_id is not None and not teams.filter(pk=team_id).exists():
        raise Refused("There is no such team.", "team")
    if person_id is not None and not people.filter(pk=person_id).exists():
        raise Refused("There is no such person, or they are deactivated.", "person")


def _changed(
    channel: Channel, actor: User, values: Mapping[str, str], cleared: Collection[str]
) -> Values:
    """The settings after a change. Raises Refused."""
    kind = _kind(channel.kind)
    _require_admin_for(kind, actor)
    require_own_settings(actor, channel)
    require_own_mailbox(channel.person_id, kind.name, values)
    _require_clearable(kind, values, cleared)
    stored = opened_if_possible(channel.secret)
    before = {name: text for name, text in stored.items() if name not in cleared}
    require_secrets_anew(kind.fields, values, channel.options, before)
    kept = {**channel.options, **before}
    with reach_of(channel):
        return _accepted(kind, values, kept)


def _require_clearable(
    kind: ChannelKind, values: Mapping[str, str], cleared: Collection[str]
) -> None:
    """Refuse to forget what is no secret, what is needed, or what is given at the same time."""
    fields = {one.name: one for one in kind.fields}
    for name in cleared:
        one = fields.get(name)
        if one is None or not one.is_secret:
            raise Refused(f"{kind.label} has no secret “{name[:40]}”.", "cleared")
        if one.is_required:
            raise Refused(f"{one.label} is needed: replace it instead.", name)
        if values.get(name, "").strip():
            raise Refused(f"Give {one.label} anew or have it forgotten, not both.", name)


def _accepted(kind: ChannelKind, values: Mapping[str, str], kept: Mapping[str, str]) -> Values:
    """What is given over what is kept, looked at by the kind. Raises Refused."""

    def settle(chosen: Mapping[str, str]) -> Mapping[str, str]:
        kind.check(chosen)
        return kind.settled(chosen)

    return accept(kind.fields, values, kept, label=kind.label, settle=settle)

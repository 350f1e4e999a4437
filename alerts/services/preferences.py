"""What a person wants to be told besides what their teams read in common, and where."""

from collections.abc import Mapping

from django.db import transaction

from accounts.selectors import User
from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from alerts.domain.access import LOOKS
from alerts.models import Channel, Preference
from alerts.services.channels import channel_create, channel_update
from alerts.services.permits import EMAIL, own_address
from common import clock
from common.errors import Denied, Refused


def preference_update(
    *,
    user: User,
    channel_kind: str,
    address: str,
    own_debts: bool,
    escalations: bool,
    mentions: bool,
) -> Preference:
    """Store a person's choice, with the channel that it takes.

    `channel_kind` empty: no channel of their own. `address` is the one setting of the kind: for
    e-mail that of their account and no other, so that nobody has somebody else's mailbox filled;
    empty keeps the channel of this kind as it is. Raises Refused with the field at fault.
    """
    if not user.may(LOOKS):
        raise Denied(f"This needs the role “{LOOKS.label}”.")
    if own_debts and not channel_kind:
        raise Refused("Choose where you want to be told of your debts.", "channel_kind")
    # Outside the transaction: the service itself may be asked.
    channel = _channel(user, channel_kind, address.strip()) if channel_kind else None
    with transaction.atomic():
        preference, _ = Preference.objects.update_or_create(
            user=user,
            defaults={
                "channel": channel,
                "own_debts": own_debts,
                "escalations": escalations,
                "mentions": mentions,
                "updated_at": clock.now(),
            },
        )
    return preference


def _channel(user: User, kind_name: str, address: str) -> Channel:
    """The person's channel of this kind, made or changed where an address is given."""
    kind = KINDS.get(kind_name)
    if kind is None:
        raise Refused(f"There is no kind of channel “{kind_name[:40]}”.", "channel_kind")
    if kind.name == EMAIL:
        address = own_address(user, address, "address")
    channel = Channel.objects.filter(person=user, kind=kind.name).order_by("pk").first()
    if not address:
        if channel is None:
            raise Refused(f"Give the address for {kind.label}.", "address")
        return channel
    values = _values(kind, address)
    try:
        if channel is not None:
            return channel_update(actor=user, channel_id=channel.pk, values=values)
        return channel_create(
            actor=user,
            kind=kind.name,
            name=_free_name(user, kind),
            values=values,
            person_id=user.pk,
        )
    except Refused as refusal:
        # The form has one place for every setting of the kind.
        raise Refused(refusal.message, "address") from None


def _values(kind: ChannelKind, address: str) -> Mapping[str, str]:
    """The settings of a kind that one address says in full."""
    asked = [one.name for one in kind.fields if one.is_required and not one.default]
    if len(asked) != 1:
        raise Refused(
            f"{kind.label} takes more than one setting: make a channel of your own first, then "
            "choose it here without an address.",
            "channel_kind",
        )
    return {asked[0]: address}


def _free_name(user: User, kind: ChannelKind) -> str:
    """A name that no channel has: "ann (E-mail)"."""
    name = f"{user.username} ({kind.label})"
    taken = set(Channel.objects.filter(name__startswith=name).values_list("name", flat=True))
    number = 1
    while (found := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return found

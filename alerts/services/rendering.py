"""The last step before a message goes out: what may not be stored is filled in."""

from collections.abc import Mapping
from dataclasses import replace

from alerts.channels.registry import KINDS
from alerts.domain.messages import ANSWER_LABELS, Mention, Message, Offer, Row
from alerts.models import Channel
from alerts.selectors.identities import chat_ids
from alerts.services.links import Offered, Purpose, offer_token, offer_url
from alerts.services.workspaces import workspace_of


def message_for_sending(message: Message, channel: Channel) -> Message:
    """The message with answers to press and people to call, for this channel.

    At most one query. Raises CannotOpen when no key fits the channel's secret.
    """
    accounts = _accounts(message, channel)
    return replace(
        message,
        call=tuple(_called(one, accounts) for one in message.call),
        rows=tuple(_row(row, channel, accounts) for row in message.rows),
    )


def _accounts(message: Message, channel: Channel) -> Mapping[str, str]:
    """By handle, the chat accounts of those whom the message calls."""
    mentions = [*message.call, *(row.mention for row in message.rows if row.mention)]
    kind = KINDS.get(channel.kind)
    if not mentions or kind is None or not kind.abilities.mentions:
        return {}
    return chat_ids(
        {one.handle for one in mentions},
        kind=channel.kind,
        workspace=workspace_of(channel),
        by_name=kind.calls_by_name,
    )


def _called(mention: Mention, accounts: Mapping[str, str]) -> Mention:
    return replace(mention, chat_id=accounts.get(mention.handle, ""))


def _row(row: Row, channel: Channel, accounts: Mapping[str, str]) -> Row:
    return replace(
        row,
        mention=_called(row.mention, accounts) if row.mention else None,
        offers=_offers(row, channel),
    )


def _offers(row: Row, channel: Channel) -> tuple[Offer, ...]:
    kind = KINDS.get(channel.kind)
    has_buttons = kind is not None and kind.abilities.buttons
    offers = []
    for answer in row.answers:
        offered = Offered(row.item_id, row.due_on, answer, channel.pk, channel.person_id)
        # Whoever holds one is believed, so none goes where nothing can be pressed.
        token = offer_token(offered, purpose=Purpose.BUTTON) if has_buttons else ""
        offers.append(Offer(answer, ANSWER_LABELS[answer], token, offer_url(offered)))
    return tuple(offers)

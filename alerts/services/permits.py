"""Who may set up channels and rules: operators, and the lead of a team for the team."""

from collections.abc import Mapping

from accounts import selectors as accounts_selectors
from accounts.selectors import User
from alerts.domain.access import MANAGES
from alerts.models import Channel
from common.errors import Denied, Refused

# The kind whose address may be anybody's, and so has to be proved to be the person's.
EMAIL = "email"


def may_manage(actor: User, team_id: int | None) -> bool:
    """Whether the person may set up what a team is told; without a team, what nobody's is."""
    if actor.may(MANAGES):
        return True
    return actor.is_active and team_id is not None and accounts_selectors.is_lead(actor, team_id)


def require_manager(actor: User, team_id: int | None) -> None:
    """Refuse whoever may not set up what this team is told. Raises Denied."""
    if not may_manage(actor, team_id):
        whom = "or the lead of the team" if team_id is not None else "for what is no team's own"
        raise Denied(f"This needs the role “{MANAGES.label}”, {whom}.")


def may_manage_channel(actor: User, channel: Channel) -> bool:
    """Whether the person may change this channel: their own or, as a manager, a shared one."""
    if channel.person_id is not None:
        return actor.is_active and (channel.person_id == actor.pk or actor.may(MANAGES))
    return may_manage(actor, channel.team_id)


def require_channel_manager(actor: User, channel: Channel) -> None:
    """Refuse whoever may not change this channel. Raises Denied."""
    if not may_manage_channel(actor, channel):
        raise Denied(
            f"This needs the role “{MANAGES.label}”, or to be the lead of the channel's team."
            if channel.person_id is None
            else "Only the person whose channel this is may change it, or an operator."
        )


def require_own_settings(actor: User, channel: Channel) -> None:
    """Refuse whoever would lead a person's own channel elsewhere, operators too. Raises Denied.

    What is sent there is the person's to read, and its links act in the person's name.
    """
    if channel.person_id is not None and channel.person_id != actor.pk:
        raise Denied("Only the person whose channel this is may say where it leads.")


def own_address(person: User, address: str, field: str) -> str:
    """The e-mail address of a person's account, where `address` is that or empty.

    An admin gave it to the account; any other could be somebody else's mailbox. Raises Refused.
    """
    if not person.email:
        raise Refused("Your account has no e-mail address; an admin can add it.", field)
    if address and address.casefold() != person.email.casefold():
        raise Refused(
            f"What concerns you alone goes to the address of your account, {person.email}.", field
        )
    return person.email


def require_own_mailbox(person_id: int | None, kind: str, values: Mapping[str, str]) -> None:
    """Refuse a personal e-mail channel that goes anywhere but to the person. Raises Refused."""
    if person_id is None or kind != EMAIL or not values.get("to", "").strip():
        return
    for person in accounts_selectors.people_by_id({person_id}):
        own_address(person, values["to"].strip(), "to")

"""Linking a chat account at a service that brings nothing back.

Displace puts a code before the account, and its person enters it on their own page. Where that
can be done in private it proves that the account is theirs. Where it cannot, everybody in the room
reads the code, and who asked for it: enough to be called by name, which is all that such a link is
good for, and not enough to take an account from somebody.
"""

import re
from dataclasses import dataclass

from accounts.selectors import User
from alerts.channels.kind import Account
from alerts.channels.registry import KINDS
from alerts.domain.messages import Message
from alerts.models import Channel, ChatIdentity
from alerts.selectors.identities import channels_linking, user_behind
from alerts.services.delivering import code_send
from alerts.services.identities import CODE_LIFETIME, account_mark, code_make, identity_link
from alerts.services.workspaces import workspace_of
from common.errors import Refused


@dataclass(frozen=True, slots=True)
class _Place:
    """A chat account, and the channel through which it is reached."""

    channel: Channel
    account: Account
    workspace: str
    chat_id: str

    def mark(self, user: User) -> str:
        return account_mark(
            user=user, kind=self.channel.kind, workspace=self.workspace, chat_id=self.chat_id
        )


def account_code_send(*, user: User, channel_id: int, chat_id: str) -> None:
    """Put a code before a chat account that the person says is theirs.

    Raises Refused with the field at fault, "channel" or "chat_id", also when the service took
    nothing.
    """
    place = _place(user, channel_id, chat_id)
    code = code_make(user=user, account=place.mark(user))
    minutes = int(CODE_LIFETIME.total_seconds() // 60)
    name = user.get_full_name() or user.get_username()
    message = Message(
        title="Is this your account?",
        lead=f"{name} ({user.get_username()}) says so, and wants to be called here by name.",
        facts=(
            f"If you are {name}, enter the code on your alerts page within {minutes} minutes.",
            "If you are not, there is nothing to do: keep the code to yourself.",
        ),
    )
    sent = code_send(
        channel=place.channel, chat_id=place.chat_id, message=message, line=f"The code: {code}"
    )
    if not sent.is_sent:
        raise Refused(f"The code was not taken there: {sent.said}", "chat_id")


def account_link(*, user: User, channel_id: int, chat_id: str, code: str) -> ChatIdentity:
    """Join the account to the person by the code that was put before it.

    Raises Refused with the field at fault, which may be "code".
    """
    place = _place(user, channel_id, chat_id)
    return identity_link(
        code=code,
        kind=place.channel.kind,
        workspace=place.workspace,
        chat_id=place.chat_id,
        chat_name=place.chat_id,
        account=place.mark(user),
    )


def _place(user: User, channel_id: int, chat_id: str) -> _Place:
    channel = channels_linking().filter(pk=channel_id).first()
    account = KINDS[channel.kind].account if channel is not None else None
    if channel is None or account is None:
        raise Refused("Choose the channel in which you want to be called.", "channel")
    found = chat_id.strip().removeprefix("@")
    if not re.fullmatch(account.pattern, found):
        raise Refused(f"This is no account there. {account.label}: {account.help}", "chat_id")
    workspace = workspace_of(channel)
    holder = user_behind(kind=channel.kind, workspace=workspace, chat_id=found)
    if holder == user:
        raise Refused("This account is linked to you already.", "chat_id")
    if holder is not None and not account.is_private:
        raise Refused("This account is linked to somebody else, who can unlink it.", "chat_id")
    return _Place(channel, account, workspace, found)

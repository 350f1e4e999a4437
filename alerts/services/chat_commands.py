"""Commands that people type in a room, answered in one text."""

from dataclasses import dataclass

from django.conf import settings

from accounts.selectors import User
from alerts.domain.chat_commands import HELP, PREFIX, Command, Word, parse
from alerts.domain.messages import Answer
from alerts.selectors.identities import user_behind
from alerts.selectors.own_debts import own_open_debts
from alerts.services.answers import answer_give
from alerts.services.identities import chat_account_unlink, identity_link
from common import clock
from common.errors import DisplaceError
from ledger.domain.terms import Timing
from ledger.domain.texts import day_words
from ledger.selectors import RegisterRow, debt_by_reference

MOST_LISTED = 10
MOST_TITLE = 80
ANSWERS = {
    Word.ACKNOWLEDGE: Answer.ACKNOWLEDGE,
    Word.SNOOZE: Answer.SNOOZE,
    Word.EXTEND: Answer.EXTEND,
    Word.START: Answer.START_REPAYMENT,
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """A chat account that typed something, and the channel where it did."""

    kind: str
    workspace: str
    chat_id: str
    chat_name: str
    channel_id: int | None


def command_run(
    *,
    text: str,
    kind: str,
    workspace: str,
    chat_id: str,
    chat_name: str,
    channel_id: int | None,
) -> str | None:
    """Do what a line of chat asks and return the answer, plain text; None when it is no command.

    Whoever calls this vouches for `chat_id`: the service itself said who typed the text. Titles of
    debts stand in the answer as they are; the channel escapes them.
    """
    speaker = Speaker(kind, workspace, chat_id, chat_name, channel_id)
    try:
        command = parse(text, today=clock.today())
        return None if command is None else _answer(command, speaker)
    except DisplaceError as error:
        return error.message


def how_to_link() -> str:
    """What somebody reads whom we do not know."""
    return (
        "I do not know who you are in Displace. Sign in there, open Alerts, “For me”, press “Link "
        f"a chat account” and type the code here within 10 minutes: {PREFIX} link CODE"
    )


def _answer(command: Command, speaker: Speaker) -> str:
    if command.word is Word.HELP:
        return HELP
    if command.word is Word.LINK:
        return _link(command, speaker)
    if command.word is Word.UNLINK:
        return _unlink(speaker)
    user = user_behind(kind=speaker.kind, workspace=speaker.workspace, chat_id=speaker.chat_id)
    if user is None:
        return how_to_link()
    if command.word is Word.LIST:
        return _listed(user)
    return _given(command, user, speaker)


def _given(command: Command, user: User, speaker: Speaker) -> str:
    item = debt_by_reference(command.reference)
    given = answer_give(
        user=user,
        item_id=item.pk,
        due_on=item.due_on,
        answer=ANSWERS[command.word],
        via=speaker.kind,
        channel_id=speaker.channel_id,
        until=command.day if command.word is Word.SNOOZE else None,
        new_date=command.day if command.word is Word.EXTEND else None,
        reason=command.reason,
    )
    return f"{item.reference}: {given.said}"


def _link(command: Command, speaker: Speaker) -> str:
    identity = identity_link(
        code=command.code,
        kind=speaker.kind,
        workspace=speaker.workspace,
        chat_id=speaker.chat_id,
        chat_name=speaker.chat_name,
    )
    user = identity.user
    return (
        f"From now on you speak here as {user} ({user.username}). "
        f"If that is not you, write: {PREFIX} unlink"
    )


def _unlink(speaker: Speaker) -> str:
    was_linked = chat_account_unlink(
        kind=speaker.kind, workspace=speaker.workspace, chat_id=speaker.chat_id
    )
    if was_linked:
        return "I have forgotten who you are in Displace."
    return "I did not know who you are in Displace."


def _listed(user: User) -> str:
    rows = own_open_debts(user, most=MOST_LISTED + 1)
    if not rows:
        return "You and your teams owe nothing."
    lines = [_line(row) for row in rows[:MOST_LISTED]]
    if len(rows) > MOST_LISTED:
        lines.append(f"More: {settings.BASE_URL}/debts/")
    return "\n".join(lines)


def _line(row: RegisterRow) -> str:
    word = "expired on" if row.timing is Timing.EXPIRED else "due on"
    title = row.item.title
    title = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1] + "…"
    return f"{row.item.reference} {title}: {word} {day_words(row.item.due_on)}"

"""Buttons below a message: what a press does at once, and what it asks for first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from accounts.selectors import User
from alerts.channels.formats.asking import Asked
from alerts.domain.answering import NEEDS_DAY
from alerts.domain.chat_commands import day_of
from alerts.domain.messages import Answer
from alerts.models import Channel
from alerts.selectors.identities import user_behind
from alerts.services.answers import Given
from alerts.services.identities import identity_link
from alerts.services.links import (
    Purpose,
    ReadOffer,
    channel_offering,
    offer_answer,
    offer_token,
    read_token,
)
from alerts.services.workspaces import workspace_of
from common import clock
from common.errors import DisplaceError, Refused
from ledger.selectors import debt_get

# The fields of a form, by the names under which the ledger refuses them.
CODE, UNTIL, DUE_ON, REASON = "code", "until", "due_on", "reason"
# Of a chat account's name, in a token.
MOST_NAME = 64
DAY_FIELDS: Mapping[Answer, str] = {Answer.SNOOZE: UNTIL, Answer.EXTEND: DUE_ON}


@dataclass(frozen=True, slots=True)
class Presser:
    """The chat account that the service says has pressed or sent something in a channel."""

    channel: Channel
    chat_id: str
    chat_name: str


@dataclass(frozen=True, slots=True)
class Form:
    """What has to be asked first. `token` belongs to this chat account alone."""

    token: str
    answer: Answer
    reference: str
    title: str
    due_on: date
    # Nobody knows yet whose account it is.
    needs_code: bool

    def asked(self) -> Asked:
        """The form as a service shows it."""
        return Asked(
            token=self.token,
            heading=f"{self.reference} {self.title}",
            due_on=self.due_on,
            asks_until=self.answer is Answer.SNOOZE,
            asks_date=self.answer is Answer.EXTEND,
            asks_code=self.needs_code,
            today=clock.today(),
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a press or a form; `field` is the part to be mended."""

    text: str
    is_done: bool
    field: str = ""


def button_press(*, presser: Presser, token: str) -> Form | Said:
    """Do what a button offers, or return the form for what is missing."""
    try:
        read = _read(presser, token, Purpose.BUTTON)
        user = _user(presser)
        if user is None or read.offered.answer in NEEDS_DAY:
            return _form(presser, read, needs_code=user is None)
        return _said(read, offer_answer(read=read, user=user, via=presser.channel.kind))
    except DisplaceError as error:
        return Said(error.message, is_done=False)


def form_submit(*, presser: Presser, token: str, values: Mapping[str, str]) -> Said:
    """Do what a form asked for; who was unknown is linked by the code in it first."""
    try:
        read = _read(presser, token, Purpose.FORM)
        if read.offered.chat_id != presser.chat_id:
            raise Refused("This form was opened by somebody else.")
        # The code is used up once; a date that has to be mended must not ask for another one.
        user = _user(presser) or _linked(presser, read, values.get(CODE, ""))
        return _said(read, _given(presser, read, user, values))
    except Refused as refusal:
        return Said(refusal.message, is_done=False, field=refusal.field or "")
    except DisplaceError as error:
        return Said(error.message, is_done=False)


def _given(presser: Presser, read: ReadOffer, user: User, values: Mapping[str, str]) -> Given:
    day = _day(read.offered.answer, values)
    return offer_answer(
        read=read,
        user=user,
        via=presser.channel.kind,
        until=day if read.offered.answer is Answer.SNOOZE else None,
        new_date=day if read.offered.answer is Answer.EXTEND else None,
        reason=values.get(REASON, ""),
    )


def _day(answer: Answer, values: Mapping[str, str]) -> date | None:
    field = DAY_FIELDS.get(answer)
    if field is None:
        return None
    try:
        return day_of(values.get(field, "").strip(), clock.today())
    except Refused as refusal:
        raise Refused(refusal.message, field) from None


def _read(presser: Presser, token: str, purpose: Purpose) -> ReadOffer:
    """The offer, if it was made where this answer can come from. Raises Refused."""
    read = read_token(token, purpose=purpose)
    offering = channel_offering(read.offered)
    # One app may speak in several channels, and sends every answer to one address.
    is_same_app = offering.pk == presser.channel.pk or (
        offering.kind == presser.channel.kind
        and workspace_of(offering) == workspace_of(presser.channel)
    )
    if not is_same_app:
        raise Refused("This was offered in another place.")
    return read


def _user(presser: Presser) -> User | None:
    return user_behind(
        kind=presser.channel.kind,
        workspace=workspace_of(presser.channel),
        chat_id=presser.chat_id,
    )


def _linked(presser: Presser, read: ReadOffer, code: str) -> User:
    return identity_link(
        code=code,
        kind=presser.channel.kind,
        workspace=workspace_of(presser.channel),
        chat_id=presser.chat_id,
        # The name that the button was pressed under comes first: at Mattermost a form is sent by
        # whoever filled it in, who could write any name there, and later be called by it.
        chat_name=read.offered.chat_name or presser.chat_name,
    ).user


def _form(presser: Presser, read: ReadOffer, *, needs_code: bool) -> Form:
    item = debt_get(read.offered.item_id)
    name = presser.chat_name[:MOST_NAME]
    bound = replace(read.offered, chat_id=presser.chat_id, chat_name=name)
    token = offer_token(bound, purpose=Purpose.FORM, expires_at=read.expires_at)
    answer = read.offered.answer
    return Form(token, answer, item.reference, item.title, item.due_on, needs_code)


def _said(read: ReadOffer, given: Given) -> Said:
    reference = debt_get(read.offered.item_id).reference
    return Said(f"{reference}: {given.said}", given.is_done, given.field)

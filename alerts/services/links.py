"""Signed answers: what a button or a link stands for, for whom, how long, and once only.

Nothing is stored until one is used. Three purposes are signed apart, so that a link which a whole
room can read is no use where a button's word is taken for the person who pressed it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from accounts.selectors import User, active_people
from alerts.domain.messages import Answer
from alerts.models import Channel
from alerts.selectors.channels import channel_get
from alerts.selectors.once import was_used
from alerts.services.answers import Given, answer_give
from alerts.services.once import use_again, use_once
from common import clock
from common.errors import Denied, NotFound, Refused

LIFETIME = timedelta(days=14)
LONGEST_TOKEN = 1_500
_USE = "alerts.offer"


class Purpose(StrEnum):
    """Where a token may be presented; the names are salts."""

    LINK = "alerts.offer.link"
    BUTTON = "alerts.offer.button"
    # A form that a chat service shows between the button and the answer: bound to who pressed.
    FORM = "alerts.offer.form"


@dataclass(frozen=True, slots=True)
class Offered:
    """One answer that somebody may give. `person_id`: only they; None: whoever is known."""

    item_id: int
    due_on: date
    answer: Answer
    channel_id: int
    person_id: int | None = None
    # The chat account that asked for a form, and its name: not every service repeats it.
    chat_id: str = ""
    chat_name: str = ""


@dataclass(frozen=True, slots=True)
class ReadOffer:
    """An offer as a token held it."""

    offered: Offered
    expires_at: datetime

    @property
    def mark(self) -> str:
        """The same for a button, the form that it opens, and the link beside it."""
        one = self.offered
        parts = (one.item_id, one.due_on, one.answer, one.channel_id, one.person_id)
        return ":".join(str(part) for part in (*parts, self.expires_at.timestamp()))


def offer_token(offered: Offered, *, purpose: Purpose, expires_at: datetime | None = None) -> str:
    """Sign an offer; it stands for `LIFETIME` unless told otherwise."""
    expiry = expires_at or clock.now() + LIFETIME
    value = [
        offered.item_id,
        offered.due_on.toordinal(),
        offered.answer.value,
        offered.channel_id,
        offered.person_id,
        offered.chat_id,
        offered.chat_name,
        int(expiry.timestamp()),
    ]
    return signing.Signer(salt=purpose.value).sign_object(value)


def offer_url(offered: Offered) -> str:
    """The page that asks whether to give the answer."""
    token = offer_token(offered, purpose=Purpose.LINK)
    return settings.BASE_URL + reverse("answers:answer", args=[token])


def read_token(token: str, *, purpose: Purpose) -> ReadOffer:
    """What a token offers. Raises Refused for one that is not ours or has run out."""
    try:
        if len(token) > LONGEST_TOKEN:
            raise ValueError("longer than any of ours")
        # UnicodeEncodeError, a ValueError: the signature is compared as ASCII bytes.
        value: list[Any] = signing.Signer(salt=purpose.value).unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise Refused(
            "This answer was not offered by Displace; it may have been cut off."
        ) from None
    item_id, day, answer, channel_id, person_id, *account, expires_at = value
    expiry = datetime.fromtimestamp(expires_at, tz=clock.now().tzinfo)
    if expiry <= clock.now():
        raise Refused(
            f"This answer was offered more than {LIFETIME.days} days ago; use a newer message."
        )
    offered = Offered(
        item_id, date.fromordinal(day), Answer(answer), channel_id, person_id, *account
    )
    return ReadOffer(offered, expiry)


def channel_offering(offered: Offered) -> Channel:
    """The channel that the offer was made in. Raises Refused when it stands no longer."""
    try:
        channel = channel_get(offered.channel_id)
    except NotFound:
        raise Refused("The channel that this was offered in does not exist any more.") from None
    if channel.person_id != offered.person_id:
        raise Refused("The channel that this was offered in belongs to somebody else by now.")
    return channel


def person_offered(offered: Offered, *, signed_in: User | None) -> User | None:
    """Who acts by a link: the person it was sent to, else who is signed in; None: nobody known.

    Raises Refused when the person is gone, and Denied for somebody else who is signed in.
    """
    if offered.person_id is None:
        return signed_in
    person = active_people().filter(pk=offered.person_id).first()
    if person is None:
        raise Refused("The person whom this was sent to is not active any more.")
    if signed_in is not None and signed_in.pk != person.pk:
        raise Denied("This link was sent to somebody else. Sign out, or answer on the debt's page.")
    return person


def offer_answer(
    *,
    read: ReadOffer,
    user: User,
    via: str,
    until: date | None = None,
    new_date: date | None = None,
    reason: str = "",
    may_approve: bool = True,
) -> Given:
    """Give the answer that a token offers, once for each person.

    An answer that the ledger refuses leaves the token as it was, so that it can be mended.
    """
    offered = read.offered
    if offered.person_id not in (None, user.pk):
        raise Denied("This was offered to somebody else.")
    value = f"{read.mark}:{user.pk}"
    with transaction.atomic():
        if not use_once(purpose=_USE, value=value, forget_at=read.expires_at):
            return Given("You have answered to this already.", is_done=False)
        given = answer_give(
            user=user,
            item_id=offered.item_id,
            due_on=offered.due_on,
            answer=offered.answer,
            via=via,
            channel_id=offered.channel_id,
            until=until,
            new_date=new_date,
            reason=reason,
            may_approve=may_approve,
        )
        if not given.is_done:
            use_again(purpose=_USE, value=value)
    return given


def offer_is_used(*, read: ReadOffer, user: User) -> bool:
    """Whether this person has given the answer."""
    return was_used(purpose=_USE, value=f"{read.mark}:{user.pk}")

"""Ending what a person alone is told, from a message itself and without signing in.

Mailbox providers press it for their users (RFC 8058), so it acts by POST alone, and at once. It
can only make quiet, and is taken back on the person's own page: so it does not run out.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.selectors import User, active_people
from alerts.models import Channel, Preference
from common import clock
from common.errors import Refused

_SALT = "alerts.stop"
LONGEST_TOKEN = 200


def stop_url(channel: Channel) -> str:
    """Where the person of this channel ends it; empty for a shared one."""
    if channel.person_id is None:
        return ""
    token = signing.Signer(salt=_SALT).sign_object([channel.pk, channel.person_id])
    return settings.BASE_URL + reverse("answers:stop", args=[token])


def person_stopping(token: str) -> User:
    """Whose messages a token ends. Raises Refused for one that is not ours."""
    return _read(token)[1]


def personal_stop(*, token: str) -> User:
    """Tell the person nothing more in that channel of theirs; calls by name stay as they chose."""
    channel_id, person = _read(token)
    Preference.objects.filter(user=person, channel=channel_id).update(
        own_debts=False, escalations=False, updated_at=clock.now()
    )
    return person


def _read(token: str) -> tuple[int, User]:
    try:
        if len(token) > LONGEST_TOKEN:
            raise ValueError("longer than any of ours")
        # UnicodeEncodeError, a ValueError: the signature is compared as ASCII bytes.
        channel_id, person_id = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise Refused("This address is not one of ours; it may have been cut off.") from None
    person = active_people().filter(pk=person_id).first()
    if person is None:
        raise Refused("The person whom this was sent to is not active any more.")
    return channel_id, person

"""Within what a person's chat account is unique, and whose word on it counts.

A channel's settings are chosen by whoever manages it, who could therefore claim to speak for any
server and have any of its people say anything. So a link to a person counts only where the answer
is proved by the same secret as when it was made. Kinds without such a secret have no answers, or
ones that an admin vouches for.
"""

from django.utils.crypto import salted_hmac

from alerts.channels.registry import KINDS
from alerts.models import Channel
from alerts.services.opening import settings_of

# Characters of the proof's fingerprint, in hexadecimal.
MOST_PROOF = 16
MOST_PLACE = 180


def workspace_of(channel: Channel) -> str:
    """The workspace under which links to people are kept for this channel.

    Raises CannotOpen when no key fits the channel's secret.
    """
    kind = KINDS.get(channel.kind)
    if kind is None:
        return ""
    if not kind.proved_by:
        return kind.workspace(channel.options)
    values = settings_of(channel)
    secret = values.get(kind.proved_by) or f"channel {channel.pk}"
    proof = salted_hmac("alerts.workspace", secret, algorithm="sha256").hexdigest()
    return f"{kind.workspace(values)[:MOST_PLACE]} {proof[:MOST_PROOF]}"

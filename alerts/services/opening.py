"""A channel's settings with its secrets opened: only at the moment of use, never kept."""

from contextlib import AbstractContextManager

from alerts.models import Channel
from alerts.selectors.channels import answers_url, options_now
from common import http
from common.connection_settings import opened
from common.errors import Refused

# Beside the settings of the kind: where the service sends what is pressed below a message.
ANSWERS_URL = "answers_url"


def settings_of(channel: Channel) -> dict[str, str]:
    """What `ChannelKind` takes. Raises CannotOpen when no key fits the secret.

    Refused where a person's mail has no address to go to any more.
    """
    options = options_now(channel)
    if "to" in options and not options["to"]:
        raise Refused("The person's account has no e-mail address; an admin can add it.", "to")
    return {**options, **opened(channel.secret), ANSWERS_URL: answers_url(channel)}


def reach_of(channel: Channel) -> AbstractContextManager[None]:
    """Where a channel's messages may go: a person's own reaches no allowed network as a whole.

    Everybody may have one, and read there what a server answers.
    """
    return http.reach(has_networks=channel.person_id is None)

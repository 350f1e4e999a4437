"""Every kind of channel by its name, in the order in which a person is offered them."""

from collections.abc import Mapping

from alerts.channels.apprise import Apprise
from alerts.channels.discord import Discord
from alerts.channels.email import Email
from alerts.channels.google_chat import GoogleChat
from alerts.channels.kind import ChannelKind
from alerts.channels.matrix import Matrix
from alerts.channels.mattermost import Mattermost
from alerts.channels.mattermost_webhook import MattermostWebhook
from alerts.channels.rocket_chat import RocketChat
from alerts.channels.slack import Slack
from alerts.channels.slack_webhook import SlackWebhook
from alerts.channels.teams import Teams
from alerts.channels.webhook import Webhook
from alerts.channels.zulip import Zulip

_ALL: tuple[ChannelKind, ...] = (
    Slack(),
    SlackWebhook(),
    Teams(),
    Mattermost(),
    MattermostWebhook(),
    Discord(),
    GoogleChat(),
    Zulip(),
    RocketChat(),
    Matrix(),
    Email(),
    Webhook(),
    Apprise(),
)
KINDS: Mapping[str, ChannelKind] = {kind.name: kind for kind in _ALL}

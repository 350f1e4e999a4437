"""The addresses that chat services call, below /chat/; a redirect would lose the body."""

from django.urls import re_path

from alerts.web import mattermost, slack

app_name = "chat"
urlpatterns = [
    re_path(r"^slack/(?P<key>[\w-]{1,64})/actions/?$", slack.actions, name="slack"),
    re_path(r"^mattermost/(?P<key>[\w-]{1,64})/actions/?$", mattermost.actions, name="mattermost"),
    re_path(
        r"^mattermost/(?P<key>[\w-]{1,64})/dialog/?$", mattermost.dialog, name="mattermost_dialog"
    ),
]

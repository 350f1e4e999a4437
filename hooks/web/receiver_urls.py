"""The address of an endpoint, below /webhooks/; a redirect would lose the body, so both forms."""

from django.urls import re_path

from hooks.web.receiver import receive

app_name = "webhooks"
urlpatterns = [
    re_path(
        r"^(?P<kind>github|gitlab|gitea|forgejo|bitbucket|displace)/(?P<key>[\w-]{1,64})/?$",
        receive,
        name="receive",
    ),
]

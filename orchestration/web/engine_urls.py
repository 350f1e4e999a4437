"""The addresses that engines call, below /engines/; a redirect would lose the body."""

from django.urls import re_path

from orchestration.web import callbacks, state_backend

app_name = "engines"
_KEY = r"[0-9a-f-]{36}"
_NAME = r"[a-z0-9-]{1,40}"
urlpatterns = [
    re_path(
        rf"^state/(?P<environment_key>{_KEY})/(?P<resource_name>{_NAME})/?$",
        state_backend.state,
        name="state",
    ),
    re_path(
        r"^reports/(?P<target_key>[\w-]{1,64})/"
        rf"(?P<run_key>{_KEY})/(?P<resource_name>{_NAME})/(?P<token>[0-9a-f]{{64}})/?$",
        callbacks.report,
        name="report",
    ),
]

"""The server that takes e-mail; without one, none is sent and no channel for it can be made."""

from displace.env import BadSetting
from displace.settings.environment import environment

__all__ = [
    "DEFAULT_FROM_EMAIL",
    "EMAIL_BACKEND",
    "EMAIL_HOST",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_HOST_USER",
    "EMAIL_PORT",
    "EMAIL_TIMEOUT",
    "EMAIL_USE_SSL",
    "EMAIL_USE_TLS",
    "HAS_EMAIL",
]

_server = environment.mail_server("DISPLACE_EMAIL_URL")
_sender = environment.mailbox("DISPLACE_EMAIL_FROM")
if _server and not _sender:
    raise BadSetting(
        "DISPLACE_EMAIL_FROM is not set; with DISPLACE_EMAIL_URL, set it to the address that "
        "messages come from, such as debt@example.org"
    )

HAS_EMAIL = _server is not None
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _server.host if _server else ""
EMAIL_PORT = _server.port if _server else 0
EMAIL_HOST_USER = _server.user if _server else ""
EMAIL_HOST_PASSWORD = _server.password if _server else ""
EMAIL_USE_SSL = _server.is_tls if _server else False
EMAIL_USE_TLS = _server.is_starttls if _server else False
# For each step of the conversation (seconds).
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _sender or "displace@localhost"

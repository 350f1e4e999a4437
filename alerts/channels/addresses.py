"""Settings that are addresses, looked at before anything is sent.

Whether an address may be spoken to at all is decided by the guarded client, on every connection.
"""

import re
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from alerts.channels.kind import Settings
from common.connection_settings import BadSettings

# Shorter parts of an address are words (characters).
LEAST_TOKEN = 8
# Those of the services' own addresses that are as long; their refusals use them, too.
_WORDS = frozenset({
    "automations", "directtriggers", "messages", "powerautomate", "services", "triggers",
    "webhooks", "workflows",
})  # fmt: skip


def required_url(settings: Settings, field: str, *, example: str) -> SplitResult:
    """The parts of the address in a setting. Raises BadSettings with an example."""
    text = settings.get(field, "")
    try:
        parts = urlsplit(text)
        _ = parts.port  # read for its check of the number
    except ValueError:
        raise BadSettings(f"The address is malformed; it looks like {example}.", field) from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadSettings(f"Give the whole address, such as {example}.", field)
    if parts.username is not None or parts.password is not None:
        raise BadSettings("The address holds a user name; give it without.", field)
    if any(one.isspace() or not one.isprintable() for one in text):
        raise BadSettings("The address holds a space; copy it again.", field)
    return parts


def base(settings: Settings, field: str) -> str:
    """The address of a server without the slash at its end."""
    return settings[field].rstrip("/")


def host(settings: Settings, field: str) -> str:
    """The host of an address, with its port where it has one: what may be shown of it."""
    try:
        return urlsplit(settings.get(field, "")).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def hidden_parts(url: str) -> tuple[str, ...]:
    """An address and whatever in it could be a token: kept out of words that a service says.

    As it stands there and with its percent signs read; the longest first, so that no part of one
    is left over.
    """
    parts = urlsplit(url)
    pieces = [one for text in (parts.path, parts.query) for one in re.split(r"[/?&=;,]", text)]
    found = {form for one in pieces for form in (one, unquote(one), unquote_plus(one))}
    tokens = {one for one in found if len(one) >= LEAST_TOKEN} - _WORDS
    return (url, *sorted(tokens, key=len, reverse=True))

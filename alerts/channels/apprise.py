"""Apprise: the administrator's way to services that no other kind serves.

It guards against nothing (addresses, redirects, sizes), tells no refusal from a failure, passes no
Retry-After on and knows no idempotency id. So only an administrator sets it up, it runs in a
process of its own with a time limit and without files, and whatever fails there counts as unknown.
"""

import re
from urllib.parse import unquote, urlsplit

from alerts.channels.fitting import fitted
from alerts.channels.formats.outline import outline
from alerts.channels.kind import Abilities, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import cleaned
from alerts.channels.text import plain, size
from alerts.domain.messages import Envelope, Message, Receipt
from common.adapters import child
from common.connection_settings import BadSettings, Field

MODULE = "alerts.adapters.apprise_process"
# Below the lease of a delivery: IRC alone may take half of this to sign in.
SECONDS = 60.0
CHECK_SECONDS = 20.0
# What a service takes only in parts is sent part by part, for IRC with a sign-in for each (bytes).
MOST_TEXT = 3000
# Shorter parts of an address are words (characters).
LEAST_TOKEN = 4
_SCHEME = re.compile(r"[a-z][a-z0-9]{1,30}")
# What speaks to the screen, the log or the lamp of the machine that it runs on.
_LOCAL = frozenset({"blink1", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
# Services behind Apprise ring for a name after @, and some for what stands in angle brackets.
_CALLS = re.compile(r"@(?=[^\s\u200b])")
_BRACKETS = str.maketrans({"<": "\u2039", ">": "\u203a"})


class Apprise(ChannelKind):
    name = "apprise"
    label = "Apprise"
    is_for_admins = True
    fields = (
        Field(
            "url", "Apprise URL", "One service, as appriseit.com describes it.", is_secret=True,
            placeholder="ircs://user:password@irc.example.org/#payments?join=yes",
        ),
    )  # fmt: skip
    # It waits a second or more in itself for most services.
    rate = Rate(per_second=0.5, burst=1)
    abilities = Abilities()
    steps = (
        "Look whether another kind serves the place: it will tell refusals apart and try again.",
        "Find the service at appriseit.com/services and put its URL together.",
        (
            "Bear in mind that Apprise may reach any address, inside your network too; nobody but "
            "an administrator can set up or change this channel."
        ),
    )

    def check(self, settings: Settings) -> None:
        url = settings["url"]
        if not _SCHEME.fullmatch(_scheme(url)):
            raise BadSettings("An Apprise URL begins with a service's name and ://.", "url")
        if _scheme(url) in _LOCAL:
            raise BadSettings("This would speak to the machine that Displace runs on.", "url")
        try:
            found = child.ask(
                MODULE, {"action": "check", "url": url, "seconds": CHECK_SECONDS},
                seconds=CHECK_SECONDS,
            )  # fmt: skip
        except child.ChildFailed:
            raise BadSettings("Apprise could not look at this URL.", "url") from None
        if not found.get("is_known"):
            raise BadSettings("Apprise knows no such service, or the URL is incomplete.", "url")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        url = settings["url"]
        question = {
            "action": "send",
            "url": url,
            "title": _quiet(plain(message.title, 200)),
            "body": body(message, envelope),
            "seconds": SECONDS,
        }
        try:
            found = child.ask(MODULE, question, seconds=SECONDS)
        except child.ChildFailed as error:
            raise SendError(f"Apprise failed. {error}", is_outcome_unknown=True) from error
        if not found.get("is_known"):
            raise SendError(
                "Apprise knows this service no more; correct the URL.", disables_channel=True
            )
        said = cleaned(str(found.get("said", "")), secrets=_secrets(url))
        if not found.get("is_sent"):
            # Apprise says only that something failed; it may have been the last of three parts.
            raise SendError(
                f"Apprise could not send. It says: {said}" if said else "Apprise could not send.",
                is_outcome_unknown=True,
                said=said,
            )
        return Receipt(said=said or "Apprise has sent it.")

    def shown(self, settings: Settings) -> str:
        scheme = _scheme(settings.get("url", ""))
        return f"Apprise ({scheme})" if _SCHEME.fullmatch(scheme) else "Apprise"


def body(message: Message, envelope: Envelope) -> str:
    """Plain text that rings nobody, short enough to be sent in parts within the time."""
    return fitted(
        message,
        lambda one: _quiet(outline(one, envelope, has_title=False)),
        lambda found: size(found) <= MOST_TEXT,
    )


def _quiet(text: str) -> str:
    return _CALLS.sub("@\u200b", text.translate(_BRACKETS))


def _scheme(url: str) -> str:
    return url.partition("://")[0] if "://" in url else ""


def _secrets(url: str) -> tuple[str, ...]:
    """The address and all in it that could be a password: what Apprise says never shows them."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url,)
    pieces = re.split(r"[/?&=:@#]", f"{parts.netloc}/{parts.path}/{parts.query}/{parts.fragment}")
    # Many services have a token where others have a host; a host has a dot.
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    host = host if "." in host else ""
    hidden = {one for piece in pieces for one in (piece, unquote(piece)) if len(one) >= LEAST_TOKEN}
    return (url, *sorted(hidden - {host}, key=len, reverse=True))

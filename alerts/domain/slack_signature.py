"""Whether a request was sent by Slack for an app whose signing secret we know.

Slack signs "v0:<time>:<body>" with HMAC-SHA256 (docs.slack.dev, "Verifying requests from Slack").
"""

import hmac
import re
from datetime import timedelta

# How far Slack's time of signing may be from ours, either way.
TOLERANCE = timedelta(minutes=5)
_UNIX = re.compile(r"[0-9]{1,12}")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The header X-Slack-Signature for a body."""
    content = _bytes(f"v0:{timestamp}:") + body
    return "v0=" + hmac.digest(_bytes(secret), content, "sha256").hex()


def refusal(secret: str, *, timestamp: str, given: str, body: bytes, now: float) -> str:
    """Why the request is not believed, as a sentence; empty when it is.

    Takes any header text whatsoever. `now` is in seconds since 1970.
    """
    if not secret:
        return "This channel has no signing secret, so no answer can be believed."
    if not _UNIX.fullmatch(timestamp):
        return "X-Slack-Request-Timestamp is missing or no number of seconds."
    if abs(now - int(timestamp)) > TOLERANCE.total_seconds():
        return "The signature is older or newer than 5 minutes; check the clock of this machine."
    # Bytes on both sides: compare_digest raises on text that is not ASCII.
    if not hmac.compare_digest(_bytes(given), _bytes(signature(secret, timestamp, body))):
        return "The signature is wrong: the signing secret is not that of the app."
    return ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")

"""Signatures as Standard Webhooks has them (standardwebhooks.com): made and checked."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

# What it asks of a secret (bytes).
LEAST_SECRET, MOST_SECRET = 24, 64
PREFIX = "whsec_"
# What a clock may be off by, either way.
TOLERANCE_SECONDS = 300


class BadSecret(ValueError):
    """That is no secret of Standard Webhooks; the message says how one looks."""


def key_of(secret: str) -> bytes:
    """The bytes of a secret. Raises BadSecret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST_SECRET <= len(key) <= MOST_SECRET:
        raise BadSecret(
            f"A secret is {PREFIX} and {LEAST_SECRET} to {MOST_SECRET} bytes in base64."
        )
    return key


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, time stamp and body. Raises BadSecret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode("ascii")


def is_genuine(
    secret: str, message_id: str, timestamp: str, signatures: str, body: bytes, *, now: datetime
) -> bool:
    """Whether one of the signatures is right and the time stamp is of these minutes."""
    if not message_id or not timestamp.isascii() or not timestamp.isdigit():
        return False
    stamp = int(timestamp[:15])
    if abs(now.timestamp() - stamp) > TOLERANCE_SECONDS:
        return False
    expected = signature(secret, message_id, stamp, body)
    found = [
        hmac.compare_digest(one.encode(), expected.encode()) for one in signatures.split()[:10]
    ]
    return any(found)

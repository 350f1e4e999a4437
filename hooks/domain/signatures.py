"""Whether an event was really sent by whoever knows the secret.

Everything here is computed over the raw bytes of the body, compares in constant time, and takes
any header text whatsoever: a header that makes no sense is a wrong signature, never an error.

Sources: GitHub "Validating webhook deliveries"; GitLab "Webhooks" (secret token, signing token);
Standard Webhooks specification 1.0; Gitea and Forgejo "Webhooks"; Bitbucket Cloud and Data Center
"Manage webhooks" (X-Hub-Signature).
"""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hooks.domain.kinds import Kind

# How far the sender's time of signing may be from ours, either way (Standard Webhooks asks 5 min).
TOLERANCE = timedelta(minutes=5)
# Bytes of randomness in a secret that we make.
SECRET_BYTES = 32
STANDARD_PREFIX = "whsec_"
# Of a secret that somebody brings along.
SHORTEST_SECRET, LONGEST_SECRET = 16, 200
OWN_SECRET = re.compile(rf"[\x21-\x7e]{{{SHORTEST_SECRET},{LONGEST_SECRET}}}")

_UNIX = re.compile(r"[0-9]{1,12}")
_PREFIX_SHA256 = "sha256="
# A sender that rotates its own key sends several signatures, not hundreds.
_MOST_SIGNATURES = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is empty when the signature is right, else a sentence for whoever set it up."""

    reason: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the event may be believed."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Signed:
    """What arrived: header names in lower case, the raw body, and when (seconds since 1970)."""

    headers: Mapping[str, str]
    body: bytes
    at: float

    def header(self, name: str) -> str:
        """The header's text without spaces around it; empty when it was not sent."""
        return self.headers.get(name, "").strip()


def new_secret(kind: Kind) -> str:
    """Make a secret in the form that the sender's settings take."""
    if kind is Kind.GITLAB:  # the one form serves as a signing token and as a secret token
        random = secrets.token_bytes(SECRET_BYTES)
        return STANDARD_PREFIX + base64.b64encode(random).decode("ascii")
    return secrets.token_urlsafe(SECRET_BYTES)


def refused_secret(secret: str) -> str:
    """Why a secret that somebody brings along cannot be used; empty when it can."""
    if OWN_SECRET.fullmatch(secret):
        return ""
    return (
        f"A secret has {SHORTEST_SECRET} to {LONGEST_SECRET} visible ASCII characters and no "
        "space; leave the field empty to have one made."
    )


def verify(
    kind: Kind, *, headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: datetime
) -> Verdict:
    """Check an event against the secrets that are valid now."""
    lowered = {name.lower(): text for name, text in headers.items()}
    return _CHECKS[kind](Signed(lowered, body, now.timestamp()), keys)


def _hub(header: str, prefix: str) -> Callable[[Signed, Sequence[str]], Verdict]:
    """A check of "prefix + HMAC-SHA256 of the body in hexadecimal" in one header."""

    def check(signed: Signed, keys: Sequence[str]) -> Verdict:
        given = signed.header(header)
        if not given:
            return _missing(header)
        if not given.lower().startswith(prefix):
            return Verdict(f"The header {header} does not begin with “{prefix}”.")
        return _hex_verdict(given[len(prefix) :], keys, signed.body)

    return check


def _gitlab(signed: Signed, keys: Sequence[str]) -> Verdict:
    """The signing token when it was used; a wrong signature is not saved by a right token."""
    if signed.header("webhook-signature"):
        return _standard(signed, keys)
    token = signed.header("x-gitlab-token")
    if not token:
        return _missing("X-Gitlab-Token, or webhook-signature,")
    return _verdict(any(_same(token, key) for key in keys))


def _forgejo(signed: Signed, keys: Sequence[str]) -> Verdict:
    name = "x-forgejo-signature"
    return _hub(name if signed.header(name) else "x-gitea-signature", "")(signed, keys)


def _standard(signed: Signed, keys: Sequence[str]) -> Verdict:
    """Standard Webhooks: "v1,<base64>" of HMAC(key, "<id>.<timestamp>.<body>"), several allowed."""
    stale = _stale(signed, signed.header("webhook-timestamp"), "webhook-timestamp")
    if stale:
        return stale
    start = f"{signed.header('webhook-id')}.{signed.header('webhook-timestamp')}."
    content = _bytes(start) + signed.body
    wanted = [
        base64.b64encode(hmac.digest(_standard_key(key), content, "sha256")).decode("ascii")
        for key in keys
    ]
    given = signed.header("webhook-signature").split()[:_MOST_SIGNATURES]
    candidates = [one.removeprefix("v1,") for one in given if one.startswith("v1,")]
    return _verdict(_any_same(candidates, wanted))


def _displace(signed: Signed, keys: Sequence[str]) -> Verdict:
    """Our own: t=<unix>,v1=<hexadecimal HMAC(secret, "<t>." + body)>."""
    header = signed.header("x-displace-signature")
    if not header:
        return _missing("X-Displace-Signature")
    parts = [part.strip().partition("=") for part in header.split(",")[: _MOST_SIGNATURES + 1]]
    moment = next((value for name, _, value in parts if name == "t"), "")
    stale = _stale(signed, moment, "t")
    if stale:
        return stale
    content = _bytes(f"{moment}.") + signed.body
    given = [value for name, _, value in parts if name == "v1"]
    return _verdict(_any_same([one.lower() for one in given], _hexes(keys, content)))


def _stale(signed: Signed, moment: str, name: str) -> Verdict | None:
    if not _UNIX.fullmatch(moment):
        return Verdict(f"The time of signing ({name}) is missing or no number of seconds.")
    if abs(signed.at - int(moment)) > TOLERANCE.total_seconds():
        return Verdict(
            "The signature is older or newer than 5 minutes; check the clocks of both machines."
        )
    return None


def _standard_key(secret: str) -> bytes:
    try:
        text = secret.removeprefix(STANDARD_PREFIX)
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return _bytes(secret)  # brought along in another form: the text itself is the key


def _hex_verdict(given: str, keys: Sequence[str], content: bytes) -> Verdict:
    return _verdict(_any_same([given.lower()], _hexes(keys, content)))


def _hexes(keys: Sequence[str], content: bytes) -> list[str]:
    return [hmac.digest(_bytes(key), content, "sha256").hex() for key in keys]


def _any_same(given: Iterable[str], wanted: Sequence[str]) -> bool:
    return any(_same(one, right) for one in given for right in wanted)


def _same(given: str, right: str) -> bool:
    # Bytes on both sides: compare_digest raises on text that is not ASCII.
    return hmac.compare_digest(_bytes(given), _bytes(right))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _verdict(is_right: bool) -> Verdict:
    if is_right:
        return Verdict()
    return Verdict("The signature is wrong: the secret there is not the one that was given here.")


def _missing(header: str) -> Verdict:
    return Verdict(f"The header {header} is missing; enter the secret where the webhook is set up.")


_CHECKS: Mapping[Kind, Callable[[Signed, Sequence[str]], Verdict]] = {
    Kind.GITHUB: _hub("x-hub-signature-256", _PREFIX_SHA256),
    Kind.GITLAB: _gitlab,
    Kind.GITEA: _hub("x-gitea-signature", ""),
    Kind.FORGEJO: _forgejo,
    Kind.BITBUCKET: _hub("x-hub-signature", _PREFIX_SHA256),
    Kind.DISPLACE: _displace,
}

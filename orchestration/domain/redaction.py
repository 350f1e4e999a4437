"""Taking secrets out of what a program says before anybody sees it."""

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Iterable

HIDDEN = "[hidden]"
# Shorter ones stand in ordinary words too; we never make such a secret ourselves.
SHORTEST = 4
# Fewer signs of base64 stand in other words too.
_SHORTEST_INSIDE = 8
# At which programs break lines of base64.
_WIDTHS = (60, 64, 76)
_URL_SAFE = str.maketrans("+/", "-_")


# Colours, titles and other orders to a terminal; then whatever else is not printed.
_ORDERS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?")
_UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(text: str) -> str:
    """A text that says to a terminal what it says on a page, and that every database takes.

    Do it before secrets are taken out: one with an order in its middle is not found.
    """
    return _UNPRINTED.sub("", _ORDERS.sub("", text))


class Redactor:
    """Replaces every known secret, also in quotes, as JSON, in an address, and in base64.

    A secret of several lines is hidden line by line, since programs speak in lines.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms: set[str] = set()
        for secret in secrets:
            for line in {secret, *secret.splitlines()}:
                if len(line) >= SHORTEST:
                    forms |= _forms(line)
        # The longest first, so that no part of one stays behind.
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text


def _forms(secret: str) -> set[str]:
    raw = secret.encode()
    as_json = json.dumps(secret)[1:-1]
    plain = {
        secret,
        as_json,
        json.dumps(as_json)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        # In single quotes, of a shell, of YAML and SQL.
        secret.replace("'", "'\"'\"'"),
        secret.replace("'", "'\\''"),
        secret.replace("'", "''"),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        raw.hex(),
        raw.hex().upper(),
    }
    return plain | {form for text in _base64_forms(raw) for form in _wrapped(text)}


def _base64_forms(raw: bytes) -> set[str]:
    """Also of a longer text that the secret is a part of, such as user:password.

    Three bytes become four signs, so it depends on where the secret begins; signs that its
    neighbours have a share in are left out.
    """
    found = {base64.b64encode(raw).decode().rstrip("=")}
    for before in range(3):
        first = (0, 2, 3)[before]
        whole = (before + len(raw)) // 3 * 4 + ((before + len(raw)) % 3)
        inside = base64.b64encode(bytes(before) + raw).decode()[first:whole]
        if len(inside) >= _SHORTEST_INSIDE:
            found.add(inside)
    return found | {one.translate(_URL_SAFE) for one in found}


def _wrapped(text: str) -> set[str]:
    """The text, and its lines where a program breaks lines."""
    lines = {
        text[start : start + width]
        for width in _WIDTHS
        if len(text) > width
        for start in range(0, len(text), width)
    }
    return {text, *(line for line in lines if len(line) >= _SHORTEST_INSIDE)}

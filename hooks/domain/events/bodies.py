"""From the bytes of a body to a JSON document, whatever the bytes are."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

# Beyond this a body is not read: an event is only a prompt, and a look at the tip says more.
LARGEST_READ = 1024 * 1024

FORM = "application/x-www-form-urlencoded"


class Unreadable(Exception):
    """The body is not a JSON object; the message is a phrase that says what it is."""


def body_document(body: bytes, content_type: str) -> Mapping[str, Any]:
    """Return the JSON object in a body. GitHub also sends it as the field `payload` of a form.

    Raises Unreadable.
    """
    if len(body) > LARGEST_READ:
        raise Unreadable("larger than 1 MB")
    if content_type.split(";", maxsplit=1)[0].strip().lower() == FORM:
        body = _form_payload(body)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(document, dict):
        raise Unreadable("not a JSON object")
    return document


def _form_payload(body: bytes) -> bytes:
    try:
        fields = parse_qs(body, max_num_fields=20)
    except ValueError:
        return b""
    return fields.get(b"payload", [b""])[0]


def text_at(document: Any, *names: str) -> str:
    """Return the text at a path of names, or an empty one where anything else stands."""
    found = value_at(document, *names)
    return found if isinstance(found, str) else ""


def value_at(document: Any, *names: str) -> Any:
    """Return what stands at a path of names, or None."""
    for name in names:
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


def objects_at(document: Any, *names: str) -> list[Mapping[str, Any]]:
    """Return the objects of the list at a path of names; anything else is left out."""
    found = value_at(document, *names)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

"""A chain of hashes: each link covers its payload and the link before it.

Changing, dropping, inserting or reordering a payload breaks every later link, so an
append-only history can be checked from its rows alone.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

# The link before the first one.
GENESIS = "0" * 64


class Link(NamedTuple):
    """One stored entry of a chain, in order."""

    previous_hash: str
    payload: object
    hash: str


def canonical_json(value: object) -> str:
    """One text for equal values: sorted keys, no white space, times in UTC, decimals as text.

    Raises TypeError for a type that has no canonical form, and ValueError for NaN and
    infinity.
    """
    return json.dumps(
        _canonical(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def link(previous_hash: str, payload: object) -> str:
    """The SHA-256 (hexadecimal) of the previous link and the payload."""
    text = f"{previous_hash}\n{canonical_json(payload)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def first_broken(links: Iterable[Link]) -> int | None:
    """The position (from 0) of the first entry that does not fit, or None when all do."""
    previous = GENESIS
    for position, entry in enumerate(links):
        if entry.previous_hash != previous or entry.hash != link(previous, entry.payload):
            return position
        previous = entry.hash
    return None


def _canonical(value: object) -> object:
    # datetime is a date, and bool is an int: the order of the cases matters.
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            if value.tzinfo is None:
                raise TypeError("a time without a zone has no canonical form")
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case Mapping():
            return {_key(key): _canonical(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray):
            return [_canonical(item) for item in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("the keys of a canonical object are text")
    return key

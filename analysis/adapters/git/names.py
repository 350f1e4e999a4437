"""Bytes that git stores, as text that any database can hold."""

import re

from analysis.adapters.git.errors import UnknownRevision

_OBJECT_ID = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")


def printable_path(raw: bytes) -> str:
    r"""The path as text. Git's paths are bytes; those that are not UTF-8 are shown as `\xe9`.

    Objects are read by id, never by path, so the way back to bytes is not needed. The result is
    the same on every run, which is what identity needs, and holds no lone surrogates, which
    PostgreSQL and UTF-8 output refuse.
    """
    return raw.decode("utf-8", "backslashreplace")


def text_of(raw: bytes) -> str:
    """A name or message as text: broken bytes become U+FFFD, NUL disappears."""
    return raw.decode("utf-8", "replace").replace("\0", "")


def object_id(text: str) -> str:
    """The text if it is a full object id; so it can be neither an option nor a range."""
    if not _OBJECT_ID.match(text):
        raise UnknownRevision(f"{text!r:.60} is not a full object id; resolve the name first.")
    return text

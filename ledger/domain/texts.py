"""Texts that people enter, before they are stored."""

import re
from datetime import date

from common.errors import Refused

# Control and bidirectional characters, with which a text can read other than it is.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def line(value: str, field: str, most: int) -> str:
    """One line of text: inner white space becomes single spaces."""
    return paragraph(" ".join(value.split()), field, most)


def paragraph(value: str, field: str, most: int = 10_000) -> str:
    """Text of several lines, its ends stripped; Refused when it is too long or hides characters."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if found := FORBIDDEN.search(value):
        raise Refused(
            f"The {words(field)} holds the character U+{ord(found[0]):04X}; remove it.", field
        )
    if len(value) > most:
        raise Refused(f"The {words(field)} has at most {most:,} characters.", field)
    return value


def day_words(day: date) -> str:
    """ "3 Mar 2027", as pages show dates."""
    return f"{day.day} {day:%b %Y}"


def words(field: str) -> str:
    return field.replace("_", " ")

"""Handles: the short names under which a user or a team owns something."""

import re

MAX_LENGTH = 64
# Written in annotations as `owner=payments`, so no space, "@", "=" or comma.
PATTERN = re.compile(rf"[a-z0-9](?:[a-z0-9._-]{{0,{MAX_LENGTH - 2}}}[a-z0-9])?")
RULE = (
    "lower-case letters, digits, dots, hyphens and underscores, "
    f"beginning and ending with a letter or digit, at most {MAX_LENGTH} characters"
)


def is_handle(text: str) -> bool:
    return PATTERN.fullmatch(text) is not None

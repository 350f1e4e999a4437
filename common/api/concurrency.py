"""Optimistic locking: the ETag of a thing is its version; If-Match names the one that was read."""

import re

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from common.api.exceptions import PreconditionRequired
from common.errors import Stale

TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
TAGS = re.compile(rf"\s*{TAG}(?:\s*,\s*{TAG})*\s*")
ONE_TAG = re.compile(TAG)
CHANGED = "It has changed since you read it: read it again, then decide."


def etag(version: int) -> str:
    """The value of the ETag header for a version."""
    return f'"{version}"'


def expected_version(request: Request, current: int, *, is_required: bool = False) -> int | None:
    """Return the version that the service must still find, or None when any will do.

    Raises Stale when If-Match does not name `current`, and PreconditionRequired when the header
    is missing although `is_required`. A weak tag (`W/"3"`) names nothing: If-Match compares
    strongly (RFC 9110, 13.1.1).
    """
    header = request.headers.get("If-Match")
    if header is None:
        if is_required:
            raise PreconditionRequired
        return None
    if header.strip() == "*":
        return None
    if not TAGS.fullmatch(header):
        raise ParseError("If-Match holds the value of an ETag header, quotation marks included.")
    if etag(current) not in ONE_TAG.findall(header):
        raise Stale(CHANGED)
    return current

"""Secrets that are shown once and stored only as a hash.

They are long and random, so a plain fast hash is enough: there is nothing to guess.
"""

import hashlib

TOKEN_PREFIX = "dsp_"  # noqa: S105 - marks a token, is not one
# Of randomness, in every secret.
SECRET_BYTES = 32
# Characters of a token that are kept readable, so that people can tell tokens apart.
SHOWN_LENGTH = len(TOKEN_PREFIX) + 6


def digest(secret: str) -> str:
    """The SHA-256 of a secret, in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

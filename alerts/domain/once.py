"""The names of things that may happen once only."""

import hashlib


def mark_of(purpose: str, value: str) -> str:
    """What is stored in the place of `value`: nobody can use it."""
    return hashlib.sha256(f"{purpose}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()

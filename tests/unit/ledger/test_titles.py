"""The title of a debt is the first sentence of its annotation."""

import pytest

from ledger.domain.reconciliation import title_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("carts live in process memory", "Carts live in process memory"),
        ("carts live in memory. They are lost on restart.", "Carts live in memory"),
        ("is this fast enough? Nobody measured", "Is this fast enough?"),
        ("carts, e.g. those of guests, are lost. 3 a day", "Carts, e.g. those of guests, are lost"),
        ("version 1.2 is pinned", "Version 1.2 is pinned"),
        ("and so on... Later", "And so on..."),
        ("two  words\n apart", "Two words apart"),
        ("élan is missing", "Élan is missing"),
        ("ßtrange", "Sstrange"),
        (".", "."),
        ("x" * 120, "X" + "x" * 119),
        ("x" * 121, "X" + "x" * 118 + "…"),
        ("word " * 24 + "end", ("word " * 24).strip().capitalize() + "…"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert title_of(text) == title
    assert len(title) <= 120

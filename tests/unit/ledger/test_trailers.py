"""Debt in commit messages, also in those that a forge has squashed."""

from datetime import date

from ledger.domain.trailers import Trailer, TrailerKind, trailers_in

SQUASHED = """Add the cart (#12)

* first try

Debt: carts, owner=payments [2027-03-01]: carts live in memory

* second try

Debt-Paid: tax: the rate is in the database
Debt-Extend: hosts [2027-05-01]: the supplier is late\r
Debt-Paid: queue

Co-authored-by: Ann <ann@example.org>
"""


def test_all_blocks_are_read() -> None:
    assert trailers_in(SQUASHED) == [
        Trailer(TrailerKind.DEBT, "carts", "payments", date(2027, 3, 1), "carts live in memory"),
        Trailer(TrailerKind.PAID, "tax", text="the rate is in the database"),
        Trailer(TrailerKind.EXTEND, "hosts", "", date(2027, 5, 1), "the supplier is late"),
        Trailer(TrailerKind.PAID, "queue"),
    ]


def test_what_is_malformed_or_indented_is_no_trailer() -> None:
    message = """  Debt-Paid: indented
Debt-Paid: Not An Id
Debt-Extend: hosts [2027-02-30]: no such day
Debt-Extend: hosts [2027-02-28]
Debt: carts, owner=@core [2027-03-01]: x
Debt: carts [2027-03-01]: x
see Debt-Paid: carts
Debt-Paid:"""
    assert trailers_in(message) == []


def test_a_flood_is_cut() -> None:
    assert len(trailers_in("Debt-Paid: carts\n" * 10_000)) == 100

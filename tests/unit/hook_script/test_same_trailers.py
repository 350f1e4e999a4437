"""The hook script calls bad exactly those trailers that the server would not read."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.domain.trailers import trailers_in
from tests.builders import hook_script

SCRIPT: Any = hook_script.load()
NAMES = (
    "Debt", "Debt-Paid", "Debt-Extend", "debt", "DEBT-PAID", "Debt Paid", "Debt_Extend",
    "Debtpaid", " Debt", "\tDebt-Paid", "Debts", "Technical Debt", "Fixes",
)  # fmt: skip
VALUES = (
    "", "carts", "Carts", "c", "c\u0430rts", "carts,", ", owner=payments", ",owner=@pay",
    ", owner=Pay", " [2027-03-01]", " [2027-02-30]", " [27-3-1]", "[2027-03-01]", ":", ": why",
    ":why", " : why it takes longer", "  ", "\t", "\r",
)  # fmt: skip
LINES = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from((":", ": ", ":\t", " :", "")),
    st.lists(st.sampled_from(VALUES), max_size=5).map("".join),
).map("".join)
MESSAGES = st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=6).map("\n".join)
GOOD = "x\n\nDebt: carts, owner=pay [2027-03-01]: carts in memory\nDebt-Paid: carts\r\n"


@settings(max_examples=1_500, deadline=None)
@given(MESSAGES)
@example(GOOD + "Debt-Extend: carts [2027-03-01]: why")
def test_every_line_that_was_meant_is_read_or_explained(message: str) -> None:
    meant = list(SCRIPT.MEANT.finditer(message))
    bad = SCRIPT.bad_trailers(message)
    assert len(meant) - len(bad) == len(trailers_in(message))


def test_good_ones_say_nothing() -> None:
    assert len(trailers_in(GOOD)) == 2
    assert SCRIPT.bad_trailers(GOOD) == []

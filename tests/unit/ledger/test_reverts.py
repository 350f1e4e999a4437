"""Which commit a revert is about, and what it means for the trailers of that commit."""

from datetime import date

from ledger.domain.reverts import (
    Undoing,
    ids_in,
    reverted_by,
    undoing_of,
)
from ledger.domain.trailers import (
    Act,
    Trailer,
    TrailerKind,
    acts_of_undoing,
    bad_trailers_in,
    line_of,
    rewritten,
    still_owed,
    trailers_in,
)

A, B, C = "a" * 40, "b" * 40, "c" * 40


def says(sha: str, more: str = "") -> str:
    return f'Revert "it"\n\nThis reverts commit {sha}{more}.\n'


def test_what_git_and_forges_write() -> None:
    assert reverted_by(says(A, f", reversing\nchanges made to {B}")) == [A]
    assert reverted_by(f"* one\n{says(A)}* two\n{says(B[:7])}{says(A)}") == [A, B[:7]]
    assert reverted_by("This reverts commit abc.\nsee This reverts commit " + A) == []


def test_chains_are_followed_to_the_commit_at_stake() -> None:
    messages = {A: "add", B: says(A), C: says(B)}

    def look_up(sha: str) -> tuple[str, str] | None:
        return (sha, messages[sha]) if sha in messages else None

    assert undoing_of("d", A, look_up) == Undoing("d", A, True, "add")
    assert undoing_of("d", B, look_up) == Undoing("d", A, False, "add")
    assert undoing_of("d", C, look_up) == Undoing("d", A, True, "add")
    assert undoing_of("d", "e" * 40, look_up) is None
    messages[A] = says(C)
    assert undoing_of("d", A, look_up) is None  # a circle, made up by hand


def test_ids_of_marks_in_lines() -> None:
    assert ids_in(["+# DEBT(carts, owner=a)", "// DEBT ( tax-rate,", "see DEBT: x"]) == {
        "carts",
        "tax-rate",
    }


def test_what_is_nearly_a_trailer_is_told() -> None:
    message = """Debt: carts, owner=core [2027-03-01]: fine
Debt-Paid: fine
Debt-paid: carts
Debt Extend: carts [2027-03-01]: x
Debt: the carts are slow
Debt-Extend: carts [2027-02-30]: x
Debt: carts, owner=@core [2027-03-01]: x
Debt-Paid:
Debtor: nobody
see Debt-paid: carts
"""
    assert [(bad.kind.value, bad.reason.split(" ")[0]) for bad in bad_trailers_in(message)] == [
        ("Debt-Paid", "Write"),
        ("Debt-Extend", "Write"),
        ("Debt", "This"),
        ("Debt-Extend", "The"),
        ("Debt", "Write"),
        ("Debt-Paid", "This"),
    ]
    assert [line_of(trailer) for trailer in trailers_in(message)] == message.splitlines()[:2]


def act(text: str, commit: str = A, *, is_undone: bool = False) -> Act:
    (trailer,) = trailers_in(text)
    return Act(trailer, commit, "Ann", commit, is_undone)


DEBT = "Debt: carts, owner=core [2027-03-01]: x"
PAID = "Debt-Paid: carts"


def test_undoing_is_told_of_every_trailer() -> None:
    found = acts_of_undoing(Undoing(B, A, True, f"{DEBT}\n{PAID}"), "Ann")
    assert [(one.commit, one.source, one.is_undone) for one in found] == [(B, A, True)] * 2
    assert found[0].trailer == Trailer(TrailerKind.DEBT, "carts", "core", date(2027, 3, 1), "x")


def test_what_a_whole_history_still_owes() -> None:
    extend = "Debt-Extend: carts [2027-05-01]: late"
    assert still_owed([act(DEBT), act(extend)]) == (act(DEBT), act(extend))
    assert still_owed([act(DEBT), act(PAID)]) == ()
    assert still_owed([act(DEBT), act(PAID, B), act(PAID, B, is_undone=True)]) == (act(DEBT),)
    assert still_owed([act(DEBT), act(DEBT, B, is_undone=True)]) == ()
    assert still_owed([act(PAID), act(extend)]) == ()


def test_a_force_push() -> None:
    rebased = act(DEBT, B)
    assert rewritten([act(DEBT)], [rebased]) == ()
    assert rewritten([], [rebased]) == (rebased,)
    (back,) = rewritten([act(DEBT)], [])
    assert (back.is_undone, back.trailer) == (True, rebased.trailer)
    undone = act(DEBT, C, is_undone=True)
    assert rewritten([act(DEBT), undone], [rebased]) == (rebased,)
    assert rewritten([act(DEBT)], [rebased, undone]) == (undone,)
    assert rewritten([act(DEBT), undone], []) == ()
    (again,) = rewritten([undone], [])
    assert again.is_undone is False


def test_a_force_push_leaves_what_an_older_commit_says_too() -> None:
    again = act(DEBT.replace("x", "y"), B)
    assert rewritten([again], [], [act(DEBT)]) == ()
    assert rewritten([again], [], [act(DEBT), act(DEBT, C, is_undone=True)]) != ()

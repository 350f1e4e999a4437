"""Debt whose bringing was taken back is rolled back; taken back once more, it is there again."""

from typing import Any

import pytest

from ledger import selectors, services
from ledger.models import DebtItem
from tests.builders.git_history import History
from tests.integration.ledger.conftest import CARTS, accept, carts

EMPTY = "items = []\n"
TAX = CARTS.replace("carts", "tax")


def revert(shop: History, sha: str, files: dict[str, str | None], more: str = "") -> str:
    shop.commit(f'Revert "it"\n\nThis reverts commit {sha}{more}.\n', files)
    return shop.head


def tax() -> DebtItem:
    return DebtItem.objects.get(slug="tax")


@pytest.fixture
def bringing(shop: History, analyse: Any) -> str:
    analyse()
    shop.commit("add the tax", {"shop/tax.py": f"{TAX}rate = 19\n", "shop/tax_test.py": "x = 1\n"})
    brought = shop.head
    analyse()
    return brought


def test_a_revert_rolls_back_and_a_revert_of_it_brings_back(
    shop: History, analyse: Any, approver: Any, bringing: str
) -> None:
    accept(tax(), approver)
    taken_back = revert(shop, bringing, {"shop/tax.py": None})
    analyse()
    assert (tax().state, tax().closed_from, tax().present) == ("rolled_back", "active", False)
    assert tax().resolution == ""
    assert selectors.debt_detail(tax().pk).evidence[-1].reference == taken_back
    shop.commit(
        f'Reapply "it"\n\nThis reverts commit {taken_back}.\n', {"shop/tax.py": f"{TAX}rate = 19\n"}
    )
    analyse()
    assert (tax().state, tax().closed_from, tax().present) == ("active", "", True)
    assert not selectors.history_verify().breaks


def test_the_revert_of_a_merge_rolls_back(shop: History, analyse: Any) -> None:
    analyse()
    shop.branch("topic").commit("tax", {"shop/tax.py": f"{TAX}rate = 19\n"})
    shop.commit("more", {"shop/tax.py": f"{TAX}rate = 20\n"})
    first = shop.switch("main").commit("aside", {"shop/aside.py": "x = 1\n"}).head
    merge = shop.merge("topic").head
    analyse()
    revert(shop, merge, {"shop/tax.py": None}, f", reversing\nchanges made to {first}")
    analyse()
    assert tax().state == "rolled_back"
    assert carts().state == "proposed"


def test_a_revert_without_its_message_is_known_by_what_it_does(
    shop: History, analyse: Any, bringing: str
) -> None:
    shop.commit("go on", {"shop/other.py": "y = 2\n"})
    shop.commit("we do not want this", {"shop/tax.py": None, "shop/tax_test.py": None})
    analyse()
    assert tax().state == "rolled_back"


MOVED = TAX.replace("carts live", "the tax lives")
WITH, WITHOUT = f"{TAX}rate = 19\n", "rate = 0\n"
# Commits after the one that brought the mark: what each says (%s: the one before) and leaves.
PAST = "This reverts commit %s."
HISTORIES: dict[str, tuple[list[tuple[str, str | None]], str]] = {
    "edited and put back": ([("edit", MOVED), ("undo", WITH), ("drop", None)], "rolled_back"),
    "edited, then exactly taken away": ([("edit", MOVED), ("drop", None)], "repaid"),
    "dropped, brought back, dropped": (
        [("drop", None), (PAST, WITH), ("drop", None)],
        "rolled_back",
    ),
    "dropped, reverted twice": ([("drop", None), (PAST, WITH), (PAST, None)], "rolled_back"),
    "paid, brought back, paid": ([("pay", WITHOUT), (PAST, WITH), ("pay", WITHOUT)], "repaid"),
    "paid, brought anew, dropped": (
        [("pay", None), ("anew", MOVED), ("drop", None)],
        "rolled_back",
    ),
    "paid, brought anew, paid": ([("drop", None), ("anew", MOVED), ("pay", WITHOUT)], "repaid"),
    "reverted, brought anew, paid": ([(PAST, None), ("anew", MOVED), ("pay", WITHOUT)], "repaid"),
}


@pytest.mark.parametrize("is_grouped", [False, True], ids=["in-turn", "grouped"])
@pytest.mark.parametrize("name", HISTORIES)
def test_what_a_removal_means_does_not_depend_on_how_commits_are_pushed(
    shop: History, analyse: Any, name: str, is_grouped: bool
) -> None:
    analyse()
    shop.commit("add the tax", {"shop/tax.py": WITH})
    analyse()
    commits, state = HISTORIES[name]
    for message, content in commits:
        said = message % shop.head if message is PAST else message
        shop.commit(said, {"shop/tax.py": content})
        if not is_grouped:
            analyse()
    analyse()
    assert tax().state == state
    assert not selectors.history_verify().breaks


def test_a_rebased_mark_that_is_paid_in_the_same_push_is_paid(
    shop: History, analyse: Any, bringing: str
) -> None:
    shop.move("main", shop.sha("main^")).commit("first", {"shop/x.py": "x = 1\n"})
    shop.commit("add the tax", {"shop/tax.py": WITH, "shop/tax_test.py": "x = 1\n"})
    shop.commit("pay", {"shop/tax.py": WITHOUT})
    analyse()
    assert (tax().state, tax().resolution) == ("repaid", "removed")


def test_code_that_merely_goes_is_removed(shop: History, analyse: Any, bringing: str) -> None:
    shop.commit("drop the tax", {"shop/tax.py": "rate = 0\n"})
    analyse()
    assert (tax().state, tax().resolution) == ("repaid", "removed")


def test_taking_back_a_payment_and_paying_again_is_a_payment(
    shop: History, analyse: Any, approver: Any, bringing: str
) -> None:
    accept(tax(), approver)
    services.debt_start_repayment(actor=approver, item_id=tax().pk)
    paid = shop.commit("pay", {"shop/tax.py": "rate = 0\n"}).head
    analyse()
    assert (tax().state, tax().resolution) == ("repaid", "paid")
    back = revert(shop, paid, {"shop/tax.py": f"{TAX}rate = 19\n"})
    analyse()
    assert tax().state == "repaying"
    revert(shop, back, {"shop/tax.py": "rate = 0\n"})
    analyse()
    assert (tax().state, tax().resolution) == ("repaid", "paid")


def test_a_message_that_names_no_known_commit_means_nothing(
    shop: History, analyse: Any, bringing: str
) -> None:
    shop.git("tag", "cafecafe", bringing)
    for name in ("d" * 40, "cafecafe"):
        revert(shop, name, {f"shop/{name[0]}.py": "x = 1\n"})
    shop.commit("drop", {"shop/tax.py": "rate = 0\n"})
    analyse()
    assert tax().resolution == "removed"


def test_a_commit_that_only_moved_the_mark_did_not_bring_it(
    shop: History, analyse: Any, bringing: str
) -> None:
    moved = shop.rename("shop/tax.py", "shop/vat.py").head
    analyse()
    revert(shop, moved, {"shop/vat.py": "rate = 0\n"})
    analyse()
    assert tax().resolution == "removed"


def test_a_force_push_without_the_commit_that_brought_it_rolls_back(
    shop: History, analyse: Any, bringing: str
) -> None:
    shop.move("main", shop.sha("main^")).commit("another way", {"shop/x.py": "x = 1\n"})
    analyse()
    assert tax().state == "rolled_back"
    assert carts().state == "proposed"

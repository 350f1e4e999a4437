"""Which trees are applied when heads arrive late, are rewritten, or change branches."""

from typing import Any

import pytest

from analysis import selectors as analysis_selectors
from ledger import services
from ledger.models import DebtItem, Registration
from tests.builders.git_history import History
from tests.integration.ledger.conftest import CARTS, carts


def test_an_older_tree_that_arrives_late_is_left_alone(shop: History, analyse: Any) -> None:
    old = analyse()
    shop.commit("drop", {"shop/cart.py": "items = []\n"})
    analyse()
    outcome = services.annotations_register(snapshot_id=old)
    assert not outcome.applied
    assert carts().state == "repaid"


def test_a_rewritten_branch_counts_at_its_tip(shop: History, analyse: Any) -> None:
    first = shop.head
    shop.commit("more", {"shop/more.py": "x = 1\n"})
    old = analyse()
    shop.git("update-ref", "refs/heads/main", first)
    shop.commit("another way", {"shop/cart.py": "items = []\n"})
    analyse()
    assert carts().state == "repaid"
    assert not services.annotations_register(snapshot_id=old).applied


def registered() -> tuple[str, str]:
    return Registration.objects.values_list("branch", "head").get()


def test_a_renamed_branch_goes_on(shop: History, analyse: Any) -> None:
    analyse()
    known = carts()
    shop.branch("trunk").default("trunk").delete_branch("main")
    analyse()
    services.registrations_sweep()
    assert registered() == ("trunk", shop.head)
    assert carts().version == known.version
    shop.commit("drop", {"shop/cart.py": "items = []\n"})
    analyse()
    assert registered() == ("trunk", shop.head)
    assert carts().resolution == "removed"
    shop.move("trunk", shop.sha("trunk^")).commit("another way", {"shop/cart.py": CARTS})
    analyse()
    assert (carts().state, registered()) == ("proposed", ("trunk", shop.head))


@pytest.mark.parametrize("history", ["older", "diverged", "unrelated"])
def test_a_switched_default_branch_closes_nothing(
    shop: History, analyse: Any, history: str, caplog: pytest.LogCaptureFixture
) -> None:
    start = shop.head
    shop.commit("mark", {"shop/tax.py": CARTS.replace("carts", "tax")})
    analyse()
    shown = registered()
    shop.orphan("next") if history == "unrelated" else shop.branch("next", at_commit=start)
    if history != "older":
        shop.commit("go another way", {"shop/more.py": "x = 1\n"})
    shop.default("next")
    (before,) = (head.snapshot_id for head in analysis_selectors.default_heads())
    analyse()
    services.annotations_register(snapshot_id=before)
    services.registrations_sweep()
    assert set(DebtItem.objects.values_list("slug", "state", "present")) == {
        ("carts", "proposed", True),
        ("tax", "proposed", True),
    }
    assert registered() == shown
    assert f"merge main at {shown[1][:12]}" in caplog.text


def test_a_switched_default_branch_counts_once_the_old_one_is_merged(
    shop: History, analyse: Any
) -> None:
    start = shop.head
    shop.commit("mark", {"shop/tax.py": CARTS.replace("carts", "tax")})
    analyse()
    shop.branch("next", at_commit=start).commit("drop", {"shop/cart.py": "items = []\n"})
    shop.default("next")
    analyse()
    assert carts().state == "proposed"
    shop.merge("main")
    analyse()
    assert registered() == ("next", shop.head)
    assert carts().resolution == "removed"
    assert DebtItem.objects.get(slug="tax").state == "proposed"

"""A repayment is verified against what a snapshot of the real repository shows."""

from collections.abc import Callable
from typing import Any

import pytest

from common.errors import Refused
from ledger import selectors, services
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.terms import EvidenceKind
from ledger.models import DebtItem
from tests.builders.git_history import History
from tests.integration.ledger.conftest import accept, carts

MEASURED = EvidenceDraft(EvidenceKind.MEASUREMENT, "", "the test of the shop passes")
BRANCHES = "def total(a, b, c):\n    if a and b:\n        return 1\n    return 2 if c else 3\n"


def paid(analyse: Callable[[], int], shop: History, approver: Any, condition: str) -> DebtItem:
    """The debt of the shop, accepted and then paid with the annotation's leaving."""
    analyse()
    item = services.debt_describe(actor=approver, item_id=carts().pk, exit_condition=condition)
    accept(item, approver)
    services.debt_start_repayment(actor=approver, item_id=item.pk)
    shop.commit("pay", {"shop/__init__.py": "", "shop/cart.py": BRANCHES})
    analyse()
    repaid: DebtItem = carts()
    assert repaid.state == "repaid"
    return repaid


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("annotation absent", "The mark is no longer in the default branch."),
        ("complexity < 5", "The complexity of shop/cart.py is 4 at"),
        ("complexity of gone.py < 5", "The complexity of gone.py is 0 at"),
        ("no cycle", "shop/cart.py is in no cycle at"),
    ],
)
def test_a_condition_that_holds_is_verified_with_its_figure(
    analyse: Any, shop: History, approver: Any, condition: str, sentence: str
) -> None:
    item = paid(analyse, shop, approver, condition)
    item = services.debt_verify(actor=approver, item_id=item.pk, evidence=MEASURED)
    assert item.state == "verified"
    note = selectors.debt_detail(item.pk).evidence[-1].note
    assert note.startswith("the test of the shop passes\n")
    assert sentence in note
    assert not selectors.history_verify().breaks


def test_a_condition_that_does_not_hold_is_refused_with_its_figure(
    analyse: Any, shop: History, approver: Any
) -> None:
    item = paid(analyse, shop, approver, "complexity < 4")
    with pytest.raises(Refused, match=r"is 4 at .*; at most 3 is promised") as refusal:
        services.debt_verify(actor=approver, item_id=item.pk, evidence=MEASURED)
    assert refusal.value.field == "evidence"
    seen = EvidenceDraft(EvidenceKind.REVIEWER, "", "good enough")
    assert services.debt_verify(actor=approver, item_id=item.pk, evidence=seen).state == "verified"

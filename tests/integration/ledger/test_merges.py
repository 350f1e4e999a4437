"""A commit that is named as a repayment is looked up in the default branch."""

from typing import Any

import pytest
from django.db import connection

from analysis import services as analysis_services
from common.errors import Refused
from ledger import selectors, services
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.terms import EvidenceKind
from tests.builders.git_history import History
from tests.integration.ledger.conftest import accept, carts


@pytest.fixture
def repaying(analyse: Any, approver: Any) -> Any:
    analyse()
    accept(carts(), approver)
    return services.debt_start_repayment(actor=approver, item_id=carts().pk)


NAMED = [EvidenceKind.MERGE_COMMIT, EvidenceKind.TRAILER]


@pytest.mark.parametrize("kind", NAMED)
def test_a_commit_that_git_does_not_know_repays_nothing(
    shop: History, repaying: Any, contributor: Any, kind: EvidenceKind
) -> None:
    shop.git("tag", "cafecafe", shop.head)
    for reference in ("deadbee", "d" * 40, "cafecafe"):
        with pytest.raises(Refused, match="has no commit") as refusal:
            services.debt_repay(
                actor=contributor, item_id=repaying.pk, evidence=EvidenceDraft(kind, reference)
            )
        assert refusal.value.field == "reference"
    assert carts().state == "repaying"


@pytest.mark.parametrize("kind", NAMED)
def test_a_commit_outside_the_default_branch_repays_nothing(
    shop: History, analyse: Any, repaying: Any, contributor: Any, kind: EvidenceKind
) -> None:
    shop.branch("topic").commit("pay", {"shop/cart.py": "items = []\n"})
    aside = shop.head
    shop.switch("main").commit("go on", {"shop/more.py": "x = 1\n"})
    analyse()
    with pytest.raises(Refused, match="not in the default branch") as refusal:
        services.debt_repay(
            actor=contributor, item_id=repaying.pk, evidence=EvidenceDraft(kind, aside[:12])
        )
    assert refusal.value.field == "reference"
    shop.merge("topic")
    analyse()
    assert carts().state == "repaid"


@pytest.mark.parametrize("kind", NAMED)
def test_a_commit_of_the_default_branch_repays_and_is_kept_whole(
    shop: History, analyse: Any, repaying: Any, contributor: Any, kind: EvidenceKind
) -> None:
    paid = shop.head
    shop.commit("go on", {"shop/more.py": "x = 1\n"})
    analyse()
    named = EvidenceDraft(kind, paid[:7].upper())
    item = services.debt_repay(actor=contributor, item_id=repaying.pk, evidence=named)
    assert item.state == "repaid"
    assert selectors.debt_detail(item.pk).evidence[0].reference == paid
    assert not selectors.history_verify().breaks


@pytest.mark.django_db(transaction=True)
def test_git_is_asked_while_no_row_is_locked(
    shop: History, repaying: Any, contributor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_locked: list[bool] = []
    resolve = analysis_services.commit_resolve

    def watched(**arguments: Any) -> str:
        is_locked.append(connection.in_atomic_block)
        return resolve(**arguments)

    monkeypatch.setattr(analysis_services, "commit_resolve", watched)
    named = EvidenceDraft(EvidenceKind.MERGE_COMMIT, shop.head)
    services.debt_repay(actor=contributor, item_id=repaying.pk, evidence=named)
    assert is_locked == [False]
    assert carts().state == "repaid"

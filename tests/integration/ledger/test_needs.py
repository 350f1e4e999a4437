"""What infrastructure a plan needs: kept in the history, and asked about before closing."""

import json
from typing import Any

import pytest
from django.db import connection

from common import hashchain
from common.errors import Refused
from ledger import services
from ledger.adapters import append_only
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.exchange import archives
from ledger.domain.history import event_body, event_hash
from ledger.domain.plans import MilestoneDraft, PlanDraft, needs_of
from ledger.domain.terms import EvidenceKind, Need
from ledger.models import DebtEvent, DebtItem, Plan
from ledger.selectors import history_verify, obligations
from ledger.selectors.archive import archive_lines
from tests.integration.ledger.conftest import complete, in_days

STEPS = (MilestoneDraft("store chosen", in_days(20)),)
NEEDED = PlanDraft("Move the carts", STEPS, (Need.POSTGRESQL, Need.REDIS))


def told(plan: PlanDraft) -> dict[str, Any]:
    return complete(plan=plan)


def test_a_plan_says_what_it_needs_and_its_history_knows(contributor: Any) -> None:
    item = services.debt_record(actor=contributor, **told(NEEDED))
    assert item.needs == ["postgresql", "redis"]
    assert Plan.objects.get(item=item).needs == ["postgresql", "redis"]
    assert DebtEvent.objects.get(item=item).payload["plan"]["needs"] == ["postgresql", "redis"]
    assert history_verify().breaks == ()
    assert archives.check(archive_lines()).breaks == ()

    DebtItem.objects.filter(pk=item.pk).update(needs=["queue"])
    assert "needs is ['queue']" in str(history_verify().breaks[0])


def test_a_new_plan_that_does_not_speak_of_needs_keeps_them(contributor: Any) -> None:
    item = services.debt_record(actor=contributor, **told(NEEDED))
    described = services.debt_describe(
        actor=contributor, item_id=item.pk, plan=PlanDraft("Another way", STEPS)
    )
    assert described.needs == ["postgresql", "redis"]
    described = services.debt_describe(
        actor=contributor, item_id=item.pk, plan=PlanDraft("None of it", STEPS, ())
    )
    assert described.needs == []
    assert [row.needs for row in Plan.objects.filter(item=item)] == [
        ["postgresql", "redis"], ["postgresql", "redis"], [],
    ]  # fmt: skip
    assert history_verify().breaks == ()


def test_a_history_from_before_there_were_needs_still_holds(contributor: Any) -> None:
    item = services.debt_record(actor=contributor, **complete())
    event = DebtEvent.objects.get(item=item)
    del event.payload["plan"]["needs"]
    event.hash = event_hash(
        hashchain.GENESIS,
        event_body(
            key=item.key.hex,
            sequence=1,
            kind=event.type,
            at=event.at,
            actor_id=event.actor_id,
            actor_name=event.actor_name,
            payload=event.payload,
        ),
    )
    append_only.lift(connection)
    DebtEvent.objects.filter(pk=event.pk).update(payload=event.payload, hash=event.hash)
    DebtItem.objects.filter(pk=item.pk).update(history_head=event.hash)

    assert history_verify().breaks == ()
    lines = list(archive_lines())
    assert archives.check(lines).breaks == ()
    # As an older version wrote it: neither the fields nor the rows know of needs.
    older = json.loads("".join(lines))
    del older["items"][0]["fields"]["needs"]
    del older["items"][0]["series"]["plan"][0]["needs"]
    assert archives.check([json.dumps(older)]).breaks == ()


def test_words_become_needs_once_and_in_order() -> None:
    assert needs_of([" redis", "postgresql", "redis", ""]) == (Need.POSTGRESQL, Need.REDIS)
    with pytest.raises(Refused) as refusal:
        needs_of(["redis", "mainframe"])
    assert refusal.value.field == "needs"
    assert "'mainframe' is nothing to need; use postgresql, " in refusal.value.message


@pytest.fixture
def owed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What some other part of the product says has to be settled."""
    sentences = ["checkout-db still stands.", "load-test still stands."]
    monkeypatch.setattr(obligations, "_obligations", [])
    obligations.obligation(lambda _item: sentences)
    return sentences


def test_nothing_is_verified_before_what_is_owed_is_settled(
    active: Any, contributor: Any, approver: Any, owed: list[str]
) -> None:
    services.debt_start_repayment(actor=contributor, item_id=active.pk)
    evidence = EvidenceDraft(EvidenceKind.ANNOTATION_LEFT, "", "")
    DebtItem.objects.filter(pk=active.pk).update(present=False)
    services.debt_repay(actor=contributor, item_id=active.pk, evidence=evidence)
    reviewed = EvidenceDraft(EvidenceKind.REVIEWER, "", "looked at it")
    with pytest.raises(Refused) as refusal:
        services.debt_verify(actor=approver, item_id=active.pk, evidence=reviewed)
    assert refusal.value.message == "checkout-db still stands. load-test still stands."
    assert refusal.value.field == "obligations"
    owed.clear()
    done = services.debt_verify(actor=approver, item_id=active.pk, evidence=reviewed)
    assert done.state == "verified"


def test_nor_written_off_or_rejected(
    contributor: Any, approver: Any, owed: list[str], active: Any
) -> None:
    fresh = services.debt_record(actor=contributor, **complete())
    for step, item in ((services.debt_write_off, active), (services.debt_reject, fresh)):
        with pytest.raises(Refused, match="checkout-db still stands"):
            step(actor=approver, item_id=item.pk, reason="no use")
    # The code has gone all the same: that is no decision that could wait.
    gone = services.debt_roll_back(actor=approver, item_id=active.pk, reason="reverted")
    assert gone.state == "rolled_back"

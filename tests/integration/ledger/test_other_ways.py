"""Steps taken by commits, trees and imports end like those that people take, or are refused alike.

What people do by page, API and command is compared in tests/functional/paths.
"""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from common.errors import Refused
from ledger import selectors, services
from ledger.domain.estimates import Interest
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.exchange.formats import Format
from ledger.domain.exchange.results import ImportOrder
from ledger.domain.terms import EvidenceKind
from ledger.models import DebtItem, ExtensionRequest, TrailerNotice
from ledger.selectors.item_state import fields_of
from tests.builders.git_history import History
from tests.integration.ledger.conftest import DUE, accept, complete, in_days

# What tells one debt from another, and when it came into the register.
IDENTITY = {"slug", "title", "text", "annotation", "path", "recorded_at"}
SLUGS = ("one", "two")


def mark(slug: str) -> str:
    return f"# DEBT({slug}, owner=payments) [{DUE}]: {slug} lives in memory\n"


def commit(shop: History, message: str, **files: str) -> str:
    shop.commit(message, {f"shop/{name}.py": text for name, text in files.items()})
    return shop.head


@pytest.fixture
def marked(shop: History, analyse: Callable[[], int]) -> History:
    """Two debts that say the same in two files."""
    commit(shop, "take two shortcuts", **{slug: mark(slug) for slug in SLUGS})
    analyse()
    return shop


def debt(slug: str) -> DebtItem:
    return DebtItem.objects.select_related("repository").get(slug=slug)


def ended(slug: str) -> dict[str, Any]:
    """What is stored of a debt, apart from what tells it from the other."""
    item = debt(slug)
    detail = selectors.debt_detail(item.pk)
    return {
        "fields": {k: v for k, v in fields_of(item).items() if k not in IDENTITY},
        "promises": [(row.kind, row.due_on, row.reason) for row in detail.commitments],
        "evidence": [(row.kind, row.reference, row.note) for row in detail.evidence],
        "events": [event.type for event in detail.events],
    }


def test_a_trailer_pays_like_a_person(
    marked: History, analyse: Callable[[], int], approver: Any
) -> None:
    for slug in SLUGS:
        accept(debt(slug), approver)
    sha = commit(marked, "Pay\n\nDebt-Paid: one: moved to the database\n", other="x = 1\n")
    analyse()
    two = debt("two").pk
    services.debt_start_repayment(actor=approver, item_id=two)
    evidence = EvidenceDraft(EvidenceKind.TRAILER, sha, "moved to the database")
    services.debt_repay(actor=approver, item_id=two, evidence=evidence)
    assert ended("one") == ended("two")
    assert debt("one").state == "repaid"
    assert not selectors.history_verify().breaks


def test_a_trailer_is_refused_where_a_person_is(
    marked: History, analyse: Callable[[], int], approver: Any
) -> None:
    """Proposed debt cannot be paid by either; the commit's author is told."""
    sha = commit(marked, "Pay\n\nDebt-Paid: one: moved\n", other="x = 1\n")
    analyse()
    with pytest.raises(Refused, match="only repaying debt"):
        services.debt_repay(
            actor=approver,
            item_id=debt("one").pk,
            evidence=EvidenceDraft(EvidenceKind.TRAILER, sha, "moved"),
        )
    assert debt("one").version == 1
    assert "not accepted yet" in TrailerNotice.objects.get().reason


def test_a_trailer_extends_nothing_until_somebody_who_may_agrees(
    marked: History, analyse: Callable[[], int], approver: Any, admin: Any
) -> None:
    for slug in SLUGS:
        accept(debt(slug), approver)
    later = in_days(120)
    commit(marked, f"Wait\n\nDebt-Extend: one [{later}]: the store is late\n", other="x = 1\n")
    analyse()
    assert debt("one").extensions == 0
    interest = Interest.of(1, 2, 3)
    services.extension_accept(
        actor=approver, request_id=ExtensionRequest.objects.get().pk, interest=interest
    )
    services.debt_extend(
        actor=approver, item_id=debt("two").pk, due_on=later, reason="the store is late",
        interest=interest,
    )  # fmt: skip
    assert ended("one") == ended("two")


def test_a_tree_pays_what_is_being_repaid_as_a_person_does(
    marked: History, analyse: Callable[[], int], approver: Any
) -> None:
    """The annotation's leaving is merge evidence whoever names it; only the event's name tells."""
    for slug in SLUGS:
        accept(debt(slug), approver)
        services.debt_start_repayment(actor=approver, item_id=debt(slug).pk)
    commit(marked, "pay", one="x = 1\n")
    analyse()
    one = debt("one")
    assert (one.state, one.resolution, one.present) == ("repaid", "paid", False)
    with pytest.raises(Refused, match="still in the default branch"):
        services.debt_repay(
            actor=approver, item_id=debt("two").pk,
            evidence=EvidenceDraft(EvidenceKind.ANNOTATION_LEFT),
        )  # fmt: skip


def test_a_tree_accepts_extends_and_gives_up_nothing(
    marked: History, analyse: Callable[[], int], approver: Any
) -> None:
    """What a rescan says of accepted or given up debt is a difference to look at, no decision."""
    accept(debt("one"), approver)
    services.debt_write_off(actor=approver, item_id=debt("one").pk, reason="the shop closes")
    accept(debt("two"), approver)
    before = {slug: ended(slug) for slug in SLUGS}
    moved = mark("two").replace(DUE, in_days(150).isoformat()).replace("payments", "sales")
    commit(marked, "say something else", one=mark("one") + "x = 1\n", two=moved)
    analyse()
    assert ended("one") == before["one"]
    after = ended("two")
    assert after["promises"] == before["two"]["promises"]
    assert (debt("two").state, debt("two").owner) == ("active", "payments")
    assert len(selectors.debt_detail(debt("two").pk).annotation_differs) == 2


def imported(actor: Any, **cells: str) -> Any:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cells))
    writer.writeheader()
    writer.writerow(cells)
    order = ImportOrder(Format.CSV, text.getvalue().encode())
    return services.file_import(actor=actor, order=order, is_dry_run=False)


CELLS = {"title": "carts live in memory", "owner": "payments"}


def test_an_import_records_like_a_person_and_never_more_than_a_proposal(contributor: Any) -> None:
    due_on = in_days(60)
    report = imported(contributor, **CELLS, due_on=due_on.isoformat())
    assert len(report.created) == 1
    by_import = DebtItem.objects.get()
    by_hand = services.debt_record(actor=contributor, **CELLS, due_on=due_on)
    left, right = fields_of(by_import), fields_of(by_hand)
    differing = {name for name in left if left[name] != right[name]}
    assert differing <= {"origin", "recorded_at"}
    assert by_import.state == "proposed"


@pytest.mark.parametrize(
    "cells",
    [
        {**CELLS, "due_on": in_days(-1).isoformat()},
        {**CELLS, "owner": "Not A Handle", "due_on": in_days(60).isoformat()},
        {**CELLS, "title": "", "due_on": in_days(60).isoformat()},
        {**CELLS, "severity": "awful", "due_on": in_days(60).isoformat()},
    ],
)
def test_an_import_is_refused_in_the_words_that_a_person_gets(
    contributor: Any, cells: dict[str, str]
) -> None:
    report = imported(contributor, **cells)
    assert not DebtItem.objects.exists()
    given = {**complete(), **cells, "due_on": in_days(0)}
    if cells["due_on"] < in_days(0).isoformat():
        given["due_on"] = in_days(-1)
    with pytest.raises(Refused) as refusal:
        services.debt_record(actor=contributor, **given)
    assert refusal.value.message in [one.reason for one in report.refused]

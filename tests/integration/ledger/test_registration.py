"""Annotations in real repositories become debts, and stay the same debts."""

from datetime import date
from typing import Any

import pytest

from accounts.domain.roles import Role
from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from common.errors import Refused
from ledger import selectors, services
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.terms import EvidenceKind
from ledger.models import DebtItem, Registration
from tests.builders.git_history import History
from tests.integration.ledger.conftest import CARTS, DUE, IMPACT, accept, carts, in_days


def problems() -> list[tuple[str, str, int, str]]:
    return [(row.kind, row.path, row.line, row.reason) for row in selectors.rejected_annotations()]


def test_an_annotation_becomes_a_proposed_debt(analyse: Any) -> None:
    analyse()
    item = carts()
    assert item.state == "proposed"
    assert item.text == "carts live in process memory and are lost on restart"
    assert item.title == "Carts live in process memory and are lost on restart"
    assert (item.owner, item.severity, item.origin) == ("payments", "high", "annotation")
    assert item.due_on == item.first_due_on == date.fromisoformat(DUE)
    assert (item.path, item.line, item.end_line) == ("shop/cart.py", 1, 2)
    assert item.present is True
    detail = selectors.debt_detail(item.pk)
    assert [row.due_on for row in detail.commitments] == [item.due_on]
    assert detail.events[0].actor_name == "system"
    assert not selectors.history_verify().breaks


def test_what_an_annotation_gives_is_taken(shop: History, analyse: Any) -> None:
    shop.commit(
        "mark",
        {
            "shop/tax.py": f"# DEBT(tax, owner=payments, cost=2-3-5d, ref=SHOP-1,\n"
            f'#   impact="{IMPACT}", plan="ask the tax office", exit="no rate in code")'
            f" [{DUE}]: the rate is in code\n"
        },
    )
    analyse()
    item = DebtItem.objects.get(slug="tax")
    assert (item.impact, item.impact_level) == (IMPACT, 2)
    assert (item.external_reference, item.exit_condition) == ("SHOP-1", "no rate in code")
    assert float(item.principal) == 25.33
    assert selectors.debt_detail(item.pk).plan.summary == "ask the tax office"
    assert not selectors.history_verify().breaks


def test_a_bad_mark_is_listed_to_who_wrote_it(shop: History, analyse: Any) -> None:
    bad = "a = 1\n# DEBT(Bad_Id) [2027-02-30]: no owner and no such day\n"
    shop.commit("a bad mark", {"shop/bad.py": bad}, author="Bea <bea@example.org>")
    shop.commit("below it", {"shop/bad.py": f"{bad}b = 2\n"}, author="Cem <cem@example.org>")
    analyse()
    (row,) = selectors.rejected_annotations()
    assert (row.path, row.line, row.author) == ("shop/bad.py", 2, "Bea")
    shop.commit("above it", {"shop/bad.py": f"import shop\n{bad}b = 2\n"}, author="Cem <c@x.org>")
    analyse()
    (row,) = selectors.rejected_annotations()
    assert (row.line, row.author) == (3, "Bea")


def test_registering_again_changes_nothing(shop: History, analyse: Any) -> None:
    snapshot = analyse()
    before = carts()
    outcome = services.annotations_register(snapshot_id=snapshot)
    assert not outcome.applied
    Registration.objects.update(head="")
    assert services.annotations_register(snapshot_id=snapshot).events == 0
    assert carts().version == before.version


def test_moves_renames_and_edits_are_free(shop: History, analyse: Any) -> None:
    analyse()
    number = carts().pk
    shop.commit("write above", {"shop/cart.py": f"import shop\n\n{CARTS}items = []\n"})
    analyse()
    assert (carts().pk, carts().line, carts().end_line) == (number, 3, 3)
    shop.rename("shop/cart.py", "shop/basket.py")
    analyse()
    assert (carts().pk, carts().path) == (number, "shop/basket.py")
    assert carts().state == "proposed"
    assert carts().text == "carts live in process memory"
    assert not selectors.history_verify().breaks


def test_lines_that_merely_shift_are_no_event(shop: History, analyse: Any) -> None:
    analyse()
    before = carts().version
    content = f"import shop\n{CARTS}#   and are lost on restart\nitems = []\n"
    shop.commit("write above", {"shop/cart.py": content})
    analyse()
    assert (carts().version, carts().line) == (before, 2)


def test_an_annotation_that_left_closes_as_removed(shop: History, analyse: Any) -> None:
    analyse()
    shop.commit("drop the cart", {"shop/cart.py": "items = []\n"})
    analyse()
    item = carts()
    assert (item.state, item.resolution, item.closed_from) == ("repaid", "removed", "proposed")
    assert item.present is False
    evidence = selectors.debt_detail(item.pk).evidence
    assert (evidence[0].kind, evidence[0].reference) == ("annotation_left", shop.head)


def test_the_same_id_back_is_as_it_was_before(shop: History, analyse: Any) -> None:
    analyse()
    shop.commit("drop", {"shop/cart.py": None, "shop/other.py": "x = 1\n"})
    analyse()
    shop.commit("bring back", {"shop/other.py": CARTS})
    analyse()
    item = carts()
    assert (item.state, item.path, item.present, item.resolution) == (
        "proposed",
        "shop/other.py",
        True,
        "",
    )
    assert not selectors.history_verify().breaks


def test_repaying_debt_that_leaves_the_branch_is_paid_and_relapses(
    shop: History, analyse: Any, approver: Any
) -> None:
    analyse()
    accept(carts(), approver)
    services.debt_start_repayment(actor=approver, item_id=carts().pk)
    shop.commit("pay", {"shop/cart.py": "items = []\n"})
    analyse()
    assert (carts().state, carts().resolution) == ("repaid", "paid")
    seen = EvidenceDraft(EvidenceKind.MEASUREMENT, "", "the annotation is gone")
    services.debt_verify(actor=approver, item_id=carts().pk, evidence=seen)
    shop.commit("relapse", {"shop/cart.py": CARTS})
    analyse()
    assert (carts().state, carts().repaid_on) == ("repaying", None)


def test_no_measurement_verifies_a_debt_that_is_still_marked(
    shop: History, analyse: Any, approver: Any
) -> None:
    analyse()
    accept(carts(), approver)
    services.debt_start_repayment(actor=approver, item_id=carts().pk)
    merged = EvidenceDraft(EvidenceKind.MERGE_COMMIT, shop.head)
    services.debt_repay(actor=approver, item_id=carts().pk, evidence=merged)
    measured = EvidenceDraft(EvidenceKind.MEASUREMENT, "", "the annotation is gone")
    with pytest.raises(Refused, match="still stands in the default branch"):
        services.debt_verify(actor=approver, item_id=carts().pk, evidence=measured)
    seen = EvidenceDraft(EvidenceKind.REVIEWER, "", "the mark names another place now")
    assert services.debt_verify(actor=approver, item_id=carts().pk, evidence=seen).state == (
        "verified"
    )


@pytest.mark.parametrize("step", ["reject", "write off", "repay"])
def test_a_human_decision_beats_a_rescan(
    shop: History, analyse: Any, approver: Any, step: str
) -> None:
    analyse()
    item = carts()
    if step == "reject":
        services.debt_reject(actor=approver, item_id=item.pk, reason="is wanted")
    elif step == "write off":
        accept(item, approver)
        services.debt_write_off(actor=approver, item_id=item.pk, reason="closes anyway")
    else:
        accept(item, approver)
        services.debt_start_repayment(actor=approver, item_id=item.pk)
        paid = EvidenceDraft(EvidenceKind.MERGE_COMMIT, shop.head)
        services.debt_repay(actor=approver, item_id=item.pk, evidence=paid)
    decided = carts()
    shop.commit("go on", {"shop/more.py": "x = 1\n"})
    analyse()
    assert (carts().state, carts().version) == (decided.state, decided.version)


def test_what_a_person_changed_is_not_overwritten(
    shop: History, analyse: Any, contributor: Any
) -> None:
    analyse()
    services.debt_describe(
        actor=contributor, item_id=carts().pk, owner="core", title="Carts", due_on=in_days(50)
    )
    edited = CARTS.replace("payments", "sales").replace(DUE, in_days(70).isoformat())
    shop.commit("edit", {"shop/cart.py": edited.replace("sev=high", "sev=low")})
    analyse()
    item = carts()
    assert (item.owner, item.title, item.due_on) == ("core", "Carts", in_days(50))
    assert item.severity == "low"
    assert any("owner=sales" in text for text in selectors.debt_detail(item.pk).annotation_differs)


def test_an_edited_proposal_follows_and_keeps_its_first_date(shop: History, analyse: Any) -> None:
    analyse()
    later = in_days(120)
    shop.commit("edit", {"shop/cart.py": CARTS.replace(DUE, later.isoformat())})
    analyse()
    assert (carts().due_on, carts().first_due_on) == (later, date.fromisoformat(DUE))


def test_the_title_is_the_first_sentence_and_follows_an_edit(shop: History, analyse: Any) -> None:
    analyse()
    text = "carts vanish. Every restart of the shop empties them."
    shop.commit("edit", {"shop/cart.py": CARTS.replace("carts live in process memory", text)})
    analyse()
    assert (carts().title, carts().text) == ("Carts vanish", text)
    assert not selectors.history_verify().breaks


def test_no_annotation_extends_an_accepted_promise(
    shop: History, analyse: Any, approver: Any
) -> None:
    analyse()
    accept(carts(), approver)
    edited = CARTS.replace(DUE, in_days(900).isoformat()).replace("payments", "sales")
    shop.commit("edit", {"shop/cart.py": edited})
    analyse()
    item = carts()
    assert (item.due_on, item.owner) == (date.fromisoformat(DUE), "payments")
    assert len(selectors.debt_detail(item.pk).annotation_differs) == 2


def test_twins_are_an_error_and_change_nothing(shop: History, analyse: Any) -> None:
    analyse()
    before = carts()
    shop.commit("copy", {"shop/copy.py": CARTS.replace("payments", "sales")})
    analyse()
    assert DebtItem.objects.count() == 1
    assert (carts().version, carts().state) == (before.version, "proposed")
    assert [problem[:3] for problem in problems()] == [
        ("duplicate", "shop/cart.py", 1),
        ("duplicate", "shop/copy.py", 1),
    ]
    shop.commit("no copy", {"shop/copy.py": None})
    analyse()
    assert problems() == []


def test_a_broken_annotation_does_not_close_its_debt(shop: History, analyse: Any) -> None:
    analyse()
    shop.commit("break", {"shop/cart.py": CARTS.replace(DUE, "2027-02-30")})
    analyse()
    assert carts().state == "proposed"
    assert [problem[0] for problem in problems()] == ["malformed"]
    assert "does not exist" in problems()[0][3]


def test_only_comments_in_source_files_count(shop: History, analyse: Any) -> None:
    mark = f"DEBT(fake, owner=a) [{DUE}]: x"
    shop.commit(
        "mention",
        {
            "README.md": f"# {mark}\n",
            "notes.txt": f"# {mark}\n",
            "shop/doc.py": f'"""\n# {mark}\n"""\n',
            "vendor/lib.js": f"// {mark}\n",
            "shop/text.js": f'const text = "// {mark}";\n',
        },
    )
    analyse()
    assert [item.slug for item in DebtItem.objects.all()] == ["carts"]


def test_a_bare_mark_is_no_mistake(shop: History, analyse: Any) -> None:
    shop.commit("mark", {"shop/more.py": "# DEBT: one day\n"})
    analyse()
    assert problems() == []
    assert DebtItem.objects.count() == 1


def test_a_tree_that_cannot_be_read_closes_nothing(
    shop: History, analyse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse()
    shop.commit("drop", {"shop/cart.py": "items = []\n"})

    def broken(**_arguments: Any) -> Any:
        raise Refused("The mirror of this repository is incomplete; analyse it again.")

    monkeypatch.setattr(analysis_services, "tree_search", broken)
    analyse()
    assert carts().state == "proposed"
    monkeypatch.undo()
    assert services.registrations_sweep() == 1
    assert carts().state == "repaid"
    assert services.registrations_sweep() == 0


def test_another_revision_is_not_registered(shop: History, analyse: Any) -> None:
    first = shop.head
    shop.commit("drop", {"shop/cart.py": "items = []\n"})
    analyse()
    repository = analysis_selectors.repositories_list().get()
    snapshot = analysis_services.analyse_now(repository=repository, rev=first)
    assert not services.annotations_register(snapshot_id=snapshot).applied
    assert DebtItem.objects.count() == 0
    assert [debt["id"] for debt in selectors.snapshot_debts(snapshot_id=snapshot)] == ["carts"]


def test_a_manual_debt_meets_its_annotation(shop: History, analyse: Any, person: Any) -> None:
    repository = analysis_services.repository_register(location=str(shop.path))
    manual = services.debt_record(
        actor=person(Role.CONTRIBUTOR),
        title="Carts",
        owner="core",
        due_on=in_days(30),
        repository_id=repository.pk,
        slug="carts",
    )
    analyse()
    item = carts()
    assert (item.pk, item.owner, item.due_on) == (manual.pk, "core", in_days(30))
    assert (item.path, item.present, item.origin) == ("shop/cart.py", True, "manual")
    assert selectors.debts_by_path(repository.pk) == {"shop/cart.py": [item]}


HOSTILE = {
    "homoglyph": f"# DEBT(l\u0430st, owner=core) [{DUE}]: a Cyrillic letter\n",
    "full width": f"# DEBT(\uff4c\uff41\uff53\uff54, owner=core) [{DUE}]: wide letters\n",
    "bidirectional": f"# DEBT(last, owner=core) [{DUE}]: left \u202etfel\n",
    "no such day": "# DEBT(last, owner=core) [2027-02-30]: x\n",
    "megabytes": f"# DEBT(last, owner=core) [{DUE}]: {'x' * 10_000_000}\n",
    "twice a key": f"# DEBT(last, owner=core, owner=a) [{DUE}]: x\n",
}


def test_hostile_marks_are_told_and_the_rest_of_the_tree_counts(
    shop: History, analyse: Any
) -> None:
    analyse()
    files = {f"shop/{name.replace(' ', '_')}.py": text for name, text in HOSTILE.items()}
    shop.commit("bad", files, author="Bea <bea@example.org>")
    analyse()
    rows = selectors.rejected_annotations()
    assert sorted(row.path for row in rows) == sorted(files)
    assert {row.author for row in rows} == {"Bea"}
    assert all(len(row.text) <= 300 and "\u202e" not in row.text for row in rows)
    assert [item.slug for item in DebtItem.objects.all()] == ["carts"]
    assert carts().state == "proposed"
    shop.commit("good", dict.fromkeys(files, f"# DEBT(last, owner=core) [{DUE}]: x\n"))
    analyse()
    assert {row.kind for row in selectors.rejected_annotations()} == {"duplicate"}

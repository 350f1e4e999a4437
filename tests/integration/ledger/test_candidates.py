"""Unmarked TODOs in real repositories are followed, dismissed for good, and become debt."""

from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import selectors as analysis_selectors
from common.errors import Denied, Refused
from ledger import selectors, services
from ledger.domain.candidate_terms import CandidateState
from ledger.models import Candidate, DebtItem
from tests.builders.git_history import History
from tests.integration.ledger.conftest import carts, in_days

TAX = "rate = 19\n# TODO: the tax rate is in the code\ntotal = 0\n# FIXME: rounding\nend = 1\n"


@pytest.fixture
def scan(analyse: Any) -> Any:
    def run() -> services.CandidatesOutcome:
        return services.candidates_register(snapshot_id=analyse())

    return run


def rows() -> list[tuple[str, str, int, str, bool]]:
    found = Candidate.objects.order_by("pk")
    return list(found.values_list("kind", "path", "line", "state", "is_present"))


def dismiss(actor: Any, kind: str = "TODO") -> Candidate:
    candidate = Candidate.objects.get(kind=kind)
    services.candidates_dismiss(actor=actor, candidate_ids=[candidate.pk], reason="a note")
    return candidate


def test_only_changed_files_are_read_and_nothing_is_alarmed(shop: History, scan: Any) -> None:
    shop.commit("tax", {"shop/tax.py": TAX, "vendor/lib.py": TAX, "README.md": "# TODO: x\n"})
    first = scan()
    assert (first.read, first.new) == (2, 2)  # the file of the debt is looked at too
    assert rows() == [
        ("TODO", "shop/tax.py", 2, "open", True),
        ("FIXME", "shop/tax.py", 4, "open", True),
    ]
    assert DebtItem.objects.count() == 1
    assert selectors.rejected_annotations() == []
    shop.commit("more", {"shop/other.py": "x = 1\n# HACK: by hand\n"})
    second = scan()
    assert (second.read, second.new, second.known, second.gone) == (1, 1, 0, 0)
    (head,) = analysis_selectors.default_heads()
    assert not services.candidates_register(snapshot_id=head.snapshot_id).is_applied
    assert services.candidates_sweep() == 0


def test_dismissed_for_good(shop: History, scan: Any, contributor: Any) -> None:
    shop.commit("tax", {"shop/tax.py": TAX})
    scan()
    dismissed = dismiss(contributor)
    shop.commit("neighbours", {"shop/tax.py": f"import x\n\n{TAX.replace('total', 'sum')}"})
    scan()
    shop.rename("shop/tax.py", "shop/vat.py", content=f"import y\n{TAX.replace('end', 'last')}")
    scan()
    edited = TAX.replace("is in the code", "is in the code, still")
    shop.commit("edit", {"shop/vat.py": f"import y\n{edited.replace('end', 'last')}"})
    scan()
    shop.commit("move", {"shop/vat.py": "x = 1\n", "lib/money.py": f"z = 1\n{edited}"})
    scan()
    shop.commit("drop", {"lib/money.py": None})
    scan()
    shop.commit("back", {"lib/money.py": f"z = 1\n{edited}"})
    scan()
    after = Candidate.objects.get(kind="TODO")
    assert (after.pk, after.state, after.reason) == (dismissed.pk, "dismissed", "a note")
    assert (after.path, after.line, after.is_present) == ("lib/money.py", 3, True)
    assert after.decided_by == contributor


def test_what_cannot_be_told_apart_is_new(shop: History, scan: Any, contributor: Any) -> None:
    twins = "a = 1\n# TODO: same words here\nb = 1\n# TODO: same words here\nc = 1\n"
    shop.commit("twins", {"shop/t.py": twins})
    scan()
    first = Candidate.objects.get(ordinal=1)
    services.candidates_dismiss(actor=contributor, candidate_ids=[first.pk], reason="a note")
    shop.commit("one", {"shop/t.py": "x = 1\n# TODO: same words here\ny = 1\n"})
    outcome = scan()
    assert (outcome.new, outcome.gone) == (1, 2)
    assert Candidate.objects.filter(is_present=True).get().state == "open"


def test_a_promoted_candidate_is_proposed_debt_that_meets_its_mark(
    shop: History, analyse: Any, scan: Any, contributor: Any
) -> None:
    shop.commit("tax", {"shop/tax.py": TAX})
    scan()
    candidate = Candidate.objects.get(kind="TODO")
    values = {"title": "Tax", "owner": "core", "due_on": in_days(30), "slug": "tax"}
    item = services.candidate_promote(actor=contributor, candidate_id=candidate.pk, **values)
    assert (item.state, item.path, item.line, item.slug) == ("proposed", "shop/tax.py", 2, "tax")
    assert item.text == "the tax rate is in the code"
    candidate.refresh_from_db()
    assert (candidate.state, candidate.item_id) == ("promoted", item.pk)
    with pytest.raises(Refused, match="promoted this candidate already"):
        services.candidate_promote(actor=contributor, candidate_id=candidate.pk, **values)
    mark = f"# DEBT(tax, owner=core) [{in_days(30)}]: the tax rate is in the code"
    shop.commit("mark", {"shop/tax.py": TAX.replace("# TODO: the tax rate is in the code", mark)})
    scan()
    item.refresh_from_db()
    assert (item.present, item.line, DebtItem.objects.count()) == (True, 2, 2)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.is_present) == ("promoted", False)
    assert not selectors.history_verify().breaks


def test_a_refused_debt_leaves_its_candidate_open(
    shop: History, scan: Any, contributor: Any, person: Any
) -> None:
    shop.commit("tax", {"shop/tax.py": TAX})
    scan()
    candidate = Candidate.objects.get(kind="TODO")
    values = {"title": "Tax", "owner": "core", "due_on": in_days(30), "slug": "carts"}
    with pytest.raises(Refused, match="is taken"):
        services.candidate_promote(actor=contributor, candidate_id=candidate.pk, **values)
    viewer = person(Role.VIEWER)
    with pytest.raises(Denied):
        services.candidate_promote(actor=viewer, candidate_id=candidate.pk, **values)
    with pytest.raises(Denied):
        services.candidates_dismiss(actor=viewer, candidate_ids=[candidate.pk], reason="x")
    with pytest.raises(Refused, match="why"):
        services.candidates_dismiss(actor=contributor, candidate_ids=[candidate.pk], reason=" ")
    candidate.refresh_from_db()
    assert candidate.state == "open"


def test_a_dismissal_can_be_taken_back(shop: History, scan: Any, contributor: Any) -> None:
    shop.commit("tax", {"shop/tax.py": TAX})
    scan()
    candidate = dismiss(contributor)
    assert (
        services.candidates_dismiss(actor=contributor, candidate_ids=[candidate.pk], reason="again")
        == 0
    )
    assert services.candidate_restore(actor=contributor, candidate_id=candidate.pk).state == "open"
    with pytest.raises(Refused):
        services.candidate_restore(actor=contributor, candidate_id=candidate.pk)


def test_who_wrote_it_and_who_should_own_it(shop: History, scan: Any, contributor: Any) -> None:
    accounts_services.user_create(username="bea", role=Role.CONTRIBUTOR, email="bea@example.org")
    shop.commit("tax", {"shop/tax.py": TAX}, at="2026-02-03", author="Bea <BEA@example.org>")
    shop.commit("below", {"shop/tax.py": f"{TAX}more = 1\n"})
    scan()
    candidate = Candidate.objects.get(kind="TODO")
    services.candidates_blame(candidate_ids=[candidate.pk])
    candidate.refresh_from_db()
    assert (candidate.author, str(candidate.written_at)[:10]) == ("Bea", "2026-02-03")
    assert services.candidate_owner(candidate).handle == "bea"
    accounts_services.team_create(slug="money", name="Money")
    shop.commit("owners", {"CODEOWNERS": "/shop/tax.py @shop/money\n"})
    scan()
    candidate.refresh_from_db()
    assert services.candidate_owner(candidate).handle == "money"


def test_lists(shop: History, scan: Any, contributor: Any) -> None:
    shop.commit("tax", {"shop/tax.py": TAX, "shop/a.py": '# HACK: =HYPERLINK("x")\nx = 1\n'})
    scan()
    page = selectors.candidates_page(filter=selectors.CandidateFilter(), size=2)
    assert (page.total, page.pages, len(page.rows)) == (3, 2, 2)
    found = selectors.CandidateFilter(search="TAX rate")
    assert [row.kind for row in selectors.candidates_page(filter=found).rows] == ["TODO"]
    old = selectors.CandidateFilter(min_days=10)
    assert selectors.candidates_page(filter=old).total == 0
    dismiss(contributor)
    gone = selectors.CandidateFilter(state=CandidateState.DISMISSED)
    assert selectors.candidates_page(filter=gone).total == 1
    cells = [list(row) for row in selectors.candidates_csv(selectors.CandidateFilter(), "path")]
    assert [row[2] for row in cells] == ["path", "shop/a.py", "shop/tax.py"]
    assert cells[1][4].startswith("'=")
    assert selectors.open_candidates() == {carts().repository_id: 2}


def test_the_files_that_change_most_come_first(shop: History, scan: Any) -> None:
    hot = "def f(x):\n    # TODO: too many cases\n" + "".join(
        f"    if x == {n}:\n        return {n}\n" for n in range(20)
    )
    shop.commit("calm", {"shop/a.py": "# TODO: calm\nx = 1\n", "shop/z.py": hot})
    for number in range(5):
        shop.commit("change", {"shop/z.py": f"{hot}y = {number}\n"})
    scan()
    page = selectors.candidates_page(filter=selectors.CandidateFilter())
    assert [row.path for row in page.rows] == ["shop/z.py", "shop/a.py"]
    by_path = selectors.candidates_page(filter=selectors.CandidateFilter(), sort="path")
    assert [row.path for row in by_path.rows] == ["shop/a.py", "shop/z.py"]

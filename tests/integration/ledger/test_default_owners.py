"""CODEOWNERS of the default branch, read through Git, in the handles of the installation."""

from pathlib import Path

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from ledger import selectors, services
from ledger.domain.annotations import Annotation, Unregistered, marks_in
from ledger.models import DebtItem
from ledger.selectors.default_owners import default_owner, default_owners
from tests.builders.git_history import History

pytestmark = pytest.mark.django_db


def analysed(history: History) -> int:
    repository = analysis_services.repository_register(location=str(history.path))
    analysis_services.analyse_now(repository=repository)
    return repository.pk


def test_owners_are_mapped_to_teams_and_people(tmp_path: Path) -> None:
    accounts_services.team_create(slug="payments", name="Payments")
    accounts_services.user_create(username="ann", role=Role.VIEWER, email="Ann@example.org")
    history = History(tmp_path / "shop.git").commit(
        "begin",
        {
            "x.py": "",
            ".github/CODEOWNERS": (
                "* @ANN\n/billing/ @shop/Payments\n/docs/ ann@example.org\n/ops/ @stranger\n/no/\n"
            ),
            "CODEOWNERS": "* @nobody\n",
        },
    )
    owners = default_owners(analysed(history))
    assert owners.of("x.py").handle == "ann"
    assert owners.of("billing/tax.py").handle == "payments"
    assert owners.of("docs/index.md").handle == "ann"
    stranger = owners.of("ops/run.py")
    assert stranger.handle == ""
    assert "@stranger" in stranger.note
    assert "names nobody" in owners.of("no/x.py").note


def test_without_a_file_it_says_so(tmp_path: Path) -> None:
    number = analysed(History(tmp_path / "shop.git").commit("begin", {"x.py": ""}))
    assert "no CODEOWNERS" in default_owner(number, "x.py").note
    assert "Without a repository" in default_owner(None, "x.py").note
    unknown = default_owner(10**9, "x.py")
    assert (unknown.handle, unknown.note) == ("", "The repository has no CODEOWNERS.")


def test_an_annotation_without_an_owner_gets_one(tmp_path: Path) -> None:
    accounts_services.team_create(slug="payments", name="Payments")
    accounts_services.team_create(slug="core", name="Core")
    mark = "# DEBT({}, sev=high) [2099-01-31]: carts live in process memory\n"
    history = History(tmp_path / "shop.git").commit(
        "begin",
        {
            "billing/a.py": mark.format("carts"),
            "ops/b.py": mark.format("ops"),
            "other/c.py": mark.format("twin"),
            "other/d.py": mark.format("twin"),
            "other/e.py": "# DEBT(named, owner=web) [2099-01-31]: a page of its own\n",
            "CODEOWNERS": "/billing/ @shop/payments\n/other/ @shop/core\n/ops/ @stranger\n",
        },
    )
    number = analysed(history)
    services.registrations_sweep()
    assert dict(DebtItem.objects.values_list("slug", "owner")) == {
        "carts": "payments",
        "named": "web",
    }
    reasons = {row.path: row.reason for row in selectors.rejected_annotations(number)}
    assert reasons["ops/b.py"].startswith("Name who owns the debt: owner=team. CODEOWNERS names")
    assert "@stranger" in reasons["ops/b.py"]
    assert "also stands at" in reasons["other/c.py"]

    # Until its acceptance the debt follows the file.
    history.commit("move", {"CODEOWNERS": "* @shop/core\n"})
    analysed(history)
    services.registrations_sweep()
    assert DebtItem.objects.get(slug="carts").owner == "core"
    assert DebtItem.objects.get(slug="ops").owner == "core"
    assert selectors.history_verify().breaks == ()


def test_the_marks_of_a_change_get_the_same_owners(tmp_path: Path) -> None:
    accounts_services.team_create(slug="payments", name="Payments")
    history = History(tmp_path / "shop.git").commit(
        "begin", {"x.py": "", "CODEOWNERS": "/billing/ @shop/payments\n"}
    )
    number = analysed(history)
    line = b"# DEBT(carts, sev=high) [2099-01-31]: carts live in process memory\n"
    (mark,) = selectors.marks_owned(marks_in("billing/a.py", "python", line), number)
    assert isinstance(mark, Annotation)
    assert mark.owner == "payments"
    for path, repository in (("other/a.py", number), ("billing/a.py", None)):
        (mark,) = selectors.marks_owned(marks_in(path, "python", line), repository)
        assert isinstance(mark, Unregistered)
        assert mark.reason.startswith("Name who owns the debt")

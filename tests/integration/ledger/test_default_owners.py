"""CODEOWNERS of the default branch, read through Git, in the handles of the installation."""

from pathlib import Path

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from ledger.services.default_owners import default_owner, default_owners
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

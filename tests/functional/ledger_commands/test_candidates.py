"""Candidates, and the extensions that commits ask for, from the command line."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import services as accounts_services
from accounts.domain.roles import Role
from ledger import services
from ledger.models import Candidate, DebtItem
from tests.builders.git_history import History
from tests.integration.ledger.conftest import accept, analyse, carts, in_days, shop

__all__ = ["analyse", "shop"]


@pytest.fixture
def scanned(shop: History, analyse: Any) -> None:
    accounts_services.user_create(username="bea", role=Role.CONTRIBUTOR)
    shop.commit("tax", {"shop/tax.py": "# TODO: a \x1b[31m red\nx = 1\n# FIXME: b\ny = 2\n"})
    services.candidates_register(snapshot_id=analyse())


def test_listing_dismissing_and_promoting(
    scanned: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("debt", "candidates", "--repository", "shop")
    shown = capsys.readouterr().out
    assert "TODO   open" in shown
    assert "\x1b" not in shown
    call_command("debt", "candidates", "--kind", "FIXME", "--json")
    (row,) = json.loads(capsys.readouterr().out)["candidates"]
    assert (row["path"], row["line"], row["text"]) == ("shop/tax.py", 3, "b")
    todo = Candidate.objects.get(kind="TODO")
    call_command("debt", "dismiss", str(todo.pk), "--reason", "a note")
    todo.refresh_from_db()
    assert (todo.state, todo.reason) == ("dismissed", "a note")
    promotion = ["--title", "B", "--owner", "core", "--id", "bee"]
    with pytest.raises(CommandError, match="no date"):
        call_command("debt", "promote", str(row["id"]), *promotion, "--due", "soon")
    call_command("debt", "promote", str(row["id"]), *promotion, "--due", in_days(9).isoformat())
    assert DebtItem.objects.get(slug="bee").line == 3
    with pytest.raises(CommandError, match="promoted this candidate already"):
        call_command("debt", "promote", str(row["id"]), *promotion, "--due", "2099-01-01")


@pytest.mark.django_db(transaction=True)
def test_an_analysis_in_the_foreground_needs_no_worker_to_find_them(
    shop: History, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit("tax", {"shop/tax.py": "# TODO: a\nx = 1\n"})
    call_command("analyse", str(shop.path))
    capsys.readouterr()
    call_command("debt", "candidates", "--json")
    assert json.loads(capsys.readouterr().out)["total"] == 1


def test_deciding_on_extensions_that_commits_ask_for(
    shop: History, analyse: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts_services.user_create(username="bea", role=Role.CONTRIBUTOR)
    judge = accounts_services.user_create(username="ann", role=Role.APPROVER)
    analyse()
    accept(carts(), judge)
    trailers = "\n".join(f"Debt-Extend: carts [{in_days(n)}]: late" for n in (130, 140))
    shop.commit(f"x\n\n{trailers}\n", {"a.py": "x = 1\n"})
    analyse()
    capsys.readouterr()
    call_command("debt", "requests", "carts", "--json")
    first, second = json.loads(capsys.readouterr().out)["requests"]
    assert (first["debt"], first["due_on"]) == (carts().reference, in_days(130).isoformat())
    call_command("debt", "requests")
    assert f"-> {in_days(140)}" in capsys.readouterr().out
    price = ["--interest", "1", "2", "3"]
    accepting = ["debt", "accept-extension", str(first["id"]), *price, "--as"]
    with pytest.raises(CommandError, match="role approver"):
        call_command(*accepting, "bea")
    call_command(*accepting, "ann")
    assert carts().due_on == in_days(130)
    with pytest.raises(CommandError, match="accepted this request already"):
        call_command(*accepting, "ann")
    refusing = ["debt", "refuse-extension", str(second["id"]), "--reason", "once is enough"]
    call_command(*refusing, "--as", "ann", "--json")
    capsys.readouterr()
    call_command("debt", "requests", "--state", "refused", "--json")
    [refused] = json.loads(capsys.readouterr().out)["requests"]
    assert (refused["answer"], refused["decided_by"]) == ("once is enough", "ann")
    call_command("debt", "requests")
    assert capsys.readouterr().out == ""

"""Candidates and the requests of commits on their pages."""

from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from common import clock
from ledger import services
from ledger.models import Candidate, DebtItem, ExtensionRequest, TrailerNotice
from tests.builders.git_history import History
from tests.integration.ledger.conftest import accept, analyse, carts, in_days, shop

__all__ = ["analyse", "shop"]

XSS = "<script>alert(1)</script>"


@pytest.fixture
def users(db: None) -> dict[str, Any]:
    return {
        role.value: accounts_services.user_create(username=role.value, role=role) for role in Role
    }


@pytest.fixture
def scanned(shop: History, analyse: Any, users: Any) -> History:
    lines = "".join(f"x{n} = {n}\n# TODO: number {n} is by hand\n" for n in range(60))
    shop.commit("tax", {"shop/tax.py": f"# FIXME: {XSS}\n{lines}"})
    services.candidates_register(snapshot_id=analyse())
    return shop


def test_the_list_and_its_filters(client: Any, users: Any, scanned: Any) -> None:
    client.force_login(users["viewer"])
    page = client.get("/debts/candidates/").content.decode()
    assert "50 of 61" in page
    assert XSS not in page
    assert "&lt;script&gt;" in page
    assert "Dismiss the chosen" not in page
    found = client.get("/debts/candidates/?q=number+7&repository=shop&kind=TODO&sort=age")
    assert "number 7 is by hand" in found.content.decode()
    assert "6 of 6 candidates" in found.content.decode()
    for bad in ("state=x", "kind=x", "sort=x", "age=x", "repository=x"):
        answer = client.get(f"/debts/candidates/?{bad}")
        assert answer.status_code == 400
        assert "does not know" in answer.content.decode()
    assert client.get("/debts/candidates/?page=zzz&q=%00").status_code == 200
    assert "Nothing matches" in client.get("/debts/candidates/?age=365").content.decode()
    table = b"".join(client.get("/debts/candidates/export.csv?kind=FIXME").streaming_content)
    assert XSS in table.decode()
    assert client.get("/debts/candidates/export.csv?kind=x").status_code == 400


def test_dismissing_many(client: Any, users: Any, scanned: Any) -> None:
    ids = list(Candidate.objects.values_list("pk", flat=True)[:3])
    form = {"candidate": [*ids, "x"], "reason": "notes", "back": "/debts/candidates/?kind=TODO"}
    client.force_login(users["viewer"])
    client.post("/debts/candidates/dismiss/", form)
    assert not Candidate.objects.filter(state="dismissed").exists()
    client.force_login(users["contributor"])
    answer = client.post("/debts/candidates/dismiss/", form, follow=True)
    assert answer.redirect_chain[0][0] == "/debts/candidates/?kind=TODO"
    assert "3 candidates dismissed for good" in answer.content.decode()
    page = client.get("/debts/candidates/?state=dismissed").content.decode()
    assert "3 of 3" in page
    form["back"] = "https://elsewhere.example/"
    assert client.post("/debts/candidates/dismiss/", form)["Location"] == "/debts/candidates/"
    client.post(f"/debts/candidates/{ids[0]}/restore/")
    assert Candidate.objects.filter(state="dismissed").count() == 2


def test_promoting_one(client: Any, users: Any, scanned: Any) -> None:
    client.force_login(users["contributor"])
    candidate = Candidate.objects.get(text="number 7 is by hand")
    address = f"/debts/candidates/{candidate.pk}/"
    page = client.get(address).content.decode()
    assert 'value="number-7-is-by-hand"' in page
    assert "The repository has no CODEOWNERS." in page
    form = {
        "title": "Number 7", "owner": "core", "due_on": in_days(20).isoformat(),
        "severity": "low", "slug": "carts",
    }  # fmt: skip
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "is taken" in refused.content.decode()
    done = client.post(address, {**form, "slug": "seven"}, follow=True).content.decode()
    item = DebtItem.objects.get(slug="seven")
    assert item.reference in done
    assert f"DEBT(seven, owner=core) [{in_days(20)}]: number 7 is by hand" in done
    assert client.get("/debts/candidates/999999/").status_code == 404
    client.force_login(users["viewer"])
    assert client.post(address, form).status_code == 403


def test_the_empty_list_says_what_to_do(client: Any, users: Any) -> None:
    client.force_login(users["viewer"])
    assert "No code was read yet" in client.get("/debts/candidates/").content.decode()


def test_lines_of_commits_that_did_nothing(
    client: Any, users: Any, shop: History, analyse: Any
) -> None:
    analyse()
    shop.commit(f"x\n\nDebt-Paid: unknown: {XSS}\n", {"a.py": "x = 1\n"}, author="Bea <b@x.org>")
    analyse()
    client.force_login(users["viewer"])
    page = client.get("/debts/annotations/").content.decode()
    assert "There is no debt &#x27;unknown&#x27;" in page
    assert XSS not in page
    assert "Bea" in page
    notice = TrailerNotice.objects.get()
    assert client.post(f"/debts/annotations/{notice.pk}/settle/").status_code == 403
    client.force_login(users["contributor"])
    client.post(f"/debts/annotations/{notice.pk}/settle/")
    assert "Nothing to correct" in client.get("/debts/annotations/").content.decode()
    assert client.post("/debts/annotations/99999/settle/").status_code == 404


@pytest.fixture
def asked(shop: History, analyse: Any, users: Any) -> ExtensionRequest:
    analyse()
    accept(carts(), users["approver"])
    shop.commit(
        f"x\n\nDebt-Extend: carts [{in_days(140)}]: the supplier is late\n", {"a.py": "x = 1\n"}
    )
    analyse()
    return ExtensionRequest.objects.get()


PRICE = {"interest_p10": "1", "interest_p50": "2", "interest_p90": "3"}


def test_an_approver_accepts_what_a_commit_asks(client: Any, users: Any, asked: Any) -> None:
    item = carts()
    address = f"/debts/{item.reference}/extension-requests/{asked.pk}/"
    client.force_login(users["contributor"])
    assert "A commit asks for" in client.get(f"/debts/{item.reference}/").content.decode()
    assert "You cannot accept it" in client.get(address).content.decode()
    form = {"decision": "accept", "version": item.version, **PRICE}
    assert client.post(address, form).status_code == 403
    assert client.post(address, {"decision": "refuse", "reason": "no"}).status_code == 403
    client.force_login(users["approver"])
    assert client.post(address, {**form, "interest_p50": ""}).status_code == 422
    assert client.post(address, {**form, "version": "1"}).status_code == 409
    assert client.post(address, form).status_code == 302
    assert (carts().due_on, carts().extensions) == (in_days(140), 1)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("accepted", users["approver"])
    assert client.post(address, {**form, "version": carts().version}).status_code == 422
    assert carts().extensions == 1
    assert "A commit asks for" not in client.get(f"/debts/{item.reference}/").content.decode()


def test_an_approver_refuses_what_a_commit_asks(client: Any, users: Any, asked: Any) -> None:
    before = carts()
    address = f"/debts/{before.reference}/extension-requests/{asked.pk}/"
    client.force_login(users["approver"])
    assert client.post(address, {"decision": "refuse", "reason": ""}).status_code == 422
    assert client.post(address, {"decision": "refuse", "reason": "pay now"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("refused", "pay now")
    assert (carts().version, carts().due_on) == (before.version, before.due_on)
    assert "pay now" in client.get(address).content.decode()
    assert asked.decided_at <= clock.now()
    assert client.get(f"/debts/{before.reference}/extension-requests/999/").status_code == 404


def test_the_owner_cannot_grant_their_own_request(client: Any, users: Any, asked: Any) -> None:
    team = accounts_services.team_create(slug="payments", name="Payments")
    accounts_services.team_add_member(team=team, user=users["approver"])
    address = f"/debts/{carts().reference}/extension-requests/{asked.pk}/"
    client.force_login(users["approver"])
    form = {"decision": "accept", "version": carts().version, **PRICE}
    assert client.post(address, form).status_code == 403
    assert client.post(address, {"decision": "refuse", "reason": "no"}).status_code == 403
    asked.refresh_from_db()
    assert asked.state == "open"

"""Candidates and the extensions that commits ask for, over HTTP."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from accounts.domain.roles import Role
from ledger import services
from ledger.models import Candidate, ExtensionRequest
from tests.builders.git_history import History
from tests.functional.api.conftest import Api
from tests.integration.ledger.conftest import accept, analyse, carts, in_days, shop

__all__ = ["analyse", "shop"]


@pytest.fixture
def api(api: Callable[[Role], Api]) -> Callable[[Role], Api]:
    return cache(api)


def test_candidates_are_listed_dismissed_and_promoted(
    api: Any, shop: History, analyse: Any
) -> None:
    shop.commit("tax", {"shop/tax.py": "# TODO: a\nx = 1\n# FIXME: b\ny = 2\n# HACK: c\nz = 3\n"})
    services.candidates_register(snapshot_id=analyse())
    viewer, writer = api(Role.VIEWER), api(Role.CONTRIBUTOR)
    rows = viewer.get("candidates?repository=shop&page_size=2").json()
    assert [row["kind"] for row in rows["results"]] == ["TODO", "FIXME"]
    assert rows["next"]
    assert len(viewer.get("candidates?kind=HACK&kind=TODO&q=shop").json()["results"]) == 2
    for bad in ("state=x", "kind=x", "repository=x", "cursor=x", "other=1"):
        assert viewer.get(f"candidates?{bad}").status_code == 400, bad
    first, second, third = Candidate.objects.values_list("pk", flat=True).order_by("pk")
    body = {"candidates": [first], "reason": "a note"}
    assert viewer.post("candidates/dismiss", body).status_code == 403
    assert writer.post("candidates/dismiss", {**body, "candidates": []}).status_code == 400
    assert writer.post("candidates/dismiss", body).json() == {"dismissed": 1}
    assert writer.post("candidates/dismiss", body).json() == {"dismissed": 0}
    shown = viewer.get(f"candidates/{first}").json()
    assert (shown["state"], shown["reason"], shown["debt"]) == ("dismissed", "a note", None)
    assert writer.post(f"candidates/{first}/restore").json()["state"] == "open"
    debt = {"title": "B", "owner": "core", "due_on": in_days(9).isoformat(), "slug": "bee"}
    made = writer.post(f"candidates/{second}/promote", debt)
    assert made.status_code == 201, made.json()
    assert made.json()["path"] == "shop/tax.py"
    assert viewer.get(f"candidates/{second}").json()["debt"] == made.json()["reference"]
    assert writer.post(f"candidates/{second}/promote", debt).status_code in (409, 422)
    assert writer.post(f"candidates/{third}/promote", debt).status_code in (409, 422)
    assert viewer.get("candidates/99999").status_code == 404


def test_extensions_that_commits_ask_for(
    api: Any, shop: History, analyse: Any, django_user_model: Any
) -> None:
    analyse()
    approver = api(Role.APPROVER)
    accept(carts(), django_user_model.objects.get(role="approver"))
    trailers = "\n".join(f"Debt-Extend: carts [{in_days(n)}]: late" for n in (130, 140))
    shop.commit(f"x\n\n{trailers}\n", {"a.py": "x = 1\n"})
    analyse()
    rows = approver.get("extension-requests?debt=carts").json()["results"]
    assert [row["due_on"] for row in rows] == [in_days(n).isoformat() for n in (130, 140)]
    first, second = (row["id"] for row in rows)
    price = {"interest": {"p10": 1, "p50": 2, "p90": 3}}
    assert (
        api(Role.CONTRIBUTOR).post(f"extension-requests/{first}/accept", price).status_code == 403
    )
    done = approver.post(f"extension-requests/{first}/accept", price)
    assert done.status_code == 200, done.json()
    assert done.json()["due_on"] == in_days(130).isoformat()
    refused = approver.post(f"extension-requests/{second}/refuse", {"reason": "once is enough"})
    assert refused.json()["state"] == "refused"
    assert approver.get("extension-requests").json()["results"] == []
    assert ExtensionRequest.objects.filter(state="accepted").count() == 1
    assert approver.post(f"extension-requests/{second}/accept", price).status_code in (409, 422)
    assert approver.post("extension-requests/9999/accept", price).status_code == 404

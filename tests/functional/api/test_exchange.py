"""Imports and the export by API; people and teams; a new repository is analysed at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis.models import AnalysisRun
from ledger.domain.exchange import archives
from ledger.models import DebtItem
from tests.builders.git_history import History
from tests.functional.api.conftest import Api, complete, in_days
from tests.functional.api.test_access import assert_problem

WAIVERS = json.dumps([{"id": f"W{number}", "reason": "Later"} for number in range(3)])


def order(**changes: Any) -> dict[str, Any]:
    return {
        "format": "waivers",
        "content": WAIVERS,
        "file_name": "waivers.json",
        "owner": "payments",
        "due_on": in_days(30),
        **changes,
    }


def test_an_import_with_its_dry_run(contributor: Api) -> None:
    dry = contributor.post("imports", order(dry_run=True))
    assert dry.status_code == 200
    assert (dry.json()["counts"]["created"], DebtItem.objects.count()) == (3, 0)
    done = contributor.post("imports", order()).json()
    assert [one["reference"] for one in done["created"]] == [
        item.reference for item in DebtItem.objects.order_by("pk")
    ]
    again = contributor.post("imports", order()).json()
    assert (again["counts"]["created"], again["counts"]["unchanged"]) == (0, 3)
    less = contributor.post("imports", order(content='[{"id": "W1"}]')).json()
    assert [one["row"] for one in less["vanished"]] == ["", ""]


def test_an_import_that_is_sent_again_is_answered_again(contributor: Api) -> None:
    first = contributor.post("imports", order(), Idempotency_Key="k")
    second = contributor.post("imports", order(), Idempotency_Key="k")
    assert second["Idempotency-Replayed"] == "true"
    assert second.json() == first.json()


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"format": "xml"}, 400, "format"),
        ({"content": "{"}, 422, "content"),
        ({"content": ""}, 400, "content"),
        ({"content": "a\x00"}, 400, "content"),
        ({"file_name": "", "source": ""}, 422, "source"),
        ({"owner": "No Body"}, 422, "owner"),
        ({"due_on": "2020-01-01"}, 422, "due_on"),
        ({"repository": "none"}, 400, "repository"),
        ({"surprise": 1}, 400, "surprise"),
    ],
)
def test_an_order_that_cannot_be_taken(
    contributor: Api, changes: dict[str, Any], status: int, field: str
) -> None:
    response = contributor.post("imports", order(**changes))
    assert response.status_code == status
    assert field in response.json()["errors"]
    assert not DebtItem.objects.exists()


def test_a_viewer_exports_and_does_not_import(viewer: Api, contributor: Api) -> None:
    assert_problem(viewer.post("imports", order()), 403, "denied")
    contributor.post("debts", complete())
    response = viewer.get("export")
    assert response["Content-Type"] == "application/json"
    text = b"".join(response.streaming_content).decode()
    assert json.loads(text)["totals"]["items"] == 1
    assert archives.check(text.splitlines(keepends=True)).breaks == ()
    assert_problem(Api(None).get("export"), 401, "not-authenticated")


def test_people_and_teams(viewer: Api, person: Callable[..., Any]) -> None:
    bob = person(Role.CONTRIBUTOR, "bob")
    accounts_services.team_create(slug="core", name="Core", members=[bob])
    users = viewer.get("users").json()["results"]
    assert [one["username"] for one in users] == ["bob", "viewer"]
    assert viewer.get("users/bob").json() == {
        "username": "bob", "name": "bob", "role": "contributor", "is_active": True,
        "teams": ["core"],
    }  # fmt: skip
    assert viewer.get("teams").json()["results"] == [
        {"slug": "core", "name": "Core", "members": ["bob"]}
    ]
    assert viewer.get("teams/core").json()["name"] == "Core"
    assert_problem(viewer.get("users/nobody"), 404, "not-found")
    assert_problem(viewer.get("teams/nobody"), 404, "not-found")
    assert_problem(viewer.post("users", {}), 405, "method-not-allowed")


def test_pages_of_people(viewer: Api, person: Callable[..., Any]) -> None:
    for number in range(5):
        person(Role.VIEWER, f"p{number}")
    page = viewer.get("users?page_size=4").json()
    rest = viewer.get(page["next"]).json()
    names = [one["username"] for one in (*page["results"], *rest["results"])]
    assert names == ["p0", "p1", "p2", "p3", "p4", "viewer"]


def test_a_new_repository_is_analysed_at_once(operator: Api, shop: History) -> None:
    for _time in range(2):
        made = operator.post("repositories", {"url": str(shop.path)})
        assert made.status_code == 201
    (run,) = AnalysisRun.objects.all()
    assert run.state == AnalysisRun.State.QUEUED
    listed = operator.get(f"analyses?repository={made.json()['slug']}").json()["results"]
    assert [one["id"] for one in listed] == [run.pk]

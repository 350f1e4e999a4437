"""Repositories, analyses and snapshots over HTTP, on a real repository."""

from typing import Any

import pytest

from analysis.models import AnalysisRun, Repository, Snapshot
from analysis.services.snapshots import rows_delete
from common import clock
from tests.builders.git_history import History
from tests.functional.api.conftest import Api
from tests.functional.api.test_access import assert_problem


def rows(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def test_a_repository_is_registered_once(operator: Api, shop: History) -> None:
    response = operator.post("repositories", {"url": str(shop.path), "name": "The shop"})
    assert response.status_code == 201, response.content
    made = response.json()
    assert (made["slug"], made["name"], made["kind"]) == ("the-shop", "The shop", "local")
    assert made["current_snapshot"] is None
    assert operator.get(response["Location"]).json() == made
    assert operator.post("repositories", {"url": str(shop.path)}).json() == made
    assert rows(operator.get("repositories")) == [made]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/no/such/place", 422),
        ("ext::sh -c true", 422),
        ("--upload-pack=true", 422),
        ("", 400),
        (5, 400),
        ("x" * 1001, 400),
        ("/a\x00b", 400),
    ],
)
def test_a_place_that_cannot_be_used_is_refused(operator: Api, url: Any, status: int) -> None:
    response = operator.post("repositories", {"url": url})
    code = "refused" if status == 422 else "invalid"
    assert list(assert_problem(response, status, code)["errors"]) == ["url"]
    assert not Repository.objects.exists()


def test_a_token_in_an_address_is_never_shown(viewer: Api) -> None:
    Repository.objects.create(
        name="Secret",
        slug="secret",
        location="https://bot:tok3n@git.example.org/secret.git",
        kind="remote",
        created_at=clock.now(),
    )
    for response in (viewer.get("repositories"), viewer.get("repositories/secret")):
        assert b"tok3n" not in response.content
        assert b"https://bot:***@git.example.org/secret.git" in response.content


def test_an_analysis_is_asked_for_and_followed(
    operator: Api, contributor: Api, shop: History
) -> None:
    operator.post("repositories", {"url": str(shop.path)})
    response = contributor.post("repositories/shop/analyse")
    assert response.status_code == 202, response.content
    run = response.json()
    assert (run["state"], run["repository"], run["fraction"]) == ("queued", "shop", None)
    assert contributor.get(response["Location"]).json() == run
    again = contributor.post("repositories/shop/analyse", {"with_history": False})
    assert again.json()["id"] == run["id"]
    assert rows(contributor.get("analyses?repository=shop")) == [run]
    assert AnalysisRun.objects.count() == 1
    body = {"rev": "x", "with_history": "yes"}
    assert_problem(contributor.post("repositories/shop/analyse", body), 400, "invalid")


def test_a_snapshot_says_what_the_command_says(viewer: Api, analysed: Repository) -> None:
    [snapshot] = rows(viewer.get("snapshots?repository=shop"))
    assert viewer.get(f"snapshots/{snapshot['id']}").json() == snapshot
    document = viewer.get(f"snapshots/{snapshot['id']}/document").json()
    assert document["schema"] == 1
    shared = set(document["totals"]) & set(snapshot)
    assert {"files", "loc", "complexity", "nccd"} <= shared
    assert {name: document["totals"][name] for name in shared} == {
        name: snapshot[name] for name in shared
    }
    assert snapshot["cycles"] == document["cycles"] == [["shop.cart", "shop.prices"]]
    assert document["debts"] == []
    assert viewer.get("repositories/shop").json()["current_snapshot"] == snapshot["id"]


def test_the_lists_of_a_repository(viewer: Api, analysed: Repository) -> None:
    files = {row["path"]: row for row in rows(viewer.get("repositories/shop/files"))}
    assert list(files) == [
        "broken.py", "shop/__init__.py", "shop/cart.py", "shop/prices.py", "shop/rates.py",
    ]  # fmt: skip
    cart = files["shop/cart.py"]
    assert (cart["complexity"], cart["function_count"], cart["revisions"]) == (2, 1, 7)
    assert cart["error"] is None
    assert "syntax" in files["broken.py"]["error"]
    assert files["broken.py"]["complexity"] is None
    hotspots = [row["path"] for row in rows(viewer.get("repositories/shop/hotspots"))]
    assert hotspots[0] == "shop/cart.py"
    assert {"from": "shop.cart", "to": "shop.prices"} in rows(
        viewer.get("repositories/shop/dependencies")
    )
    modules = {row["name"]: row for row in rows(viewer.get("repositories/shop/modules"))}
    assert modules["shop.cart"]["cycle"] == 0
    [pair] = rows(viewer.get("repositories/shop/coupling"))
    assert (pair["a"], pair["b"], pair["shared"], pair["degree"]) == (
        "shop/cart.py", "shop/prices.py", 7, 100.0,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["files", "hotspots", "modules", "dependencies", "coupling"])
def test_each_list_is_paged(viewer: Api, analysed: Repository, name: str) -> None:
    whole = rows(viewer.get(f"repositories/shop/{name}"))
    following, found = f"repositories/shop/{name}?page_size=1", []
    while following:
        response = viewer.get(following)
        found += rows(response)
        assert len(found) <= len(whole), "a row came twice"
        following = response.json()["next"]
    assert whole
    assert found == whole


def test_a_repository_without_a_snapshot_has_empty_lists(operator: Api, shop: History) -> None:
    operator.post("repositories", {"url": str(shop.path)})
    assert rows(operator.get("repositories/shop/files")) == []


def test_a_repository_is_found_by_slug_and_by_id(viewer: Api, analysed: Repository) -> None:
    by_slug = viewer.get("repositories/shop").json()
    assert viewer.get(f"repositories/{analysed.pk}").json() == by_slug
    for key in ("none", "9" * 19, "9" * 18):
        assert_problem(viewer.get(f"repositories/{key}"), 404, "not-found")
        assert_problem(viewer.get(f"repositories/{key}/files"), 404, "not-found")


def test_an_old_snapshot_keeps_its_totals_only(viewer: Api, analysed: Repository) -> None:
    snapshot = Snapshot.objects.get()
    rows_delete([snapshot.pk])
    assert viewer.get(f"snapshots/{snapshot.pk}").status_code == 200
    assert_problem(viewer.get(f"snapshots/{snapshot.pk}/document"), 409, "conflict")
    assert_problem(viewer.get("snapshots/999/document"), 404, "not-found")
    assert_problem(viewer.get("analyses/999"), 404, "not-found")

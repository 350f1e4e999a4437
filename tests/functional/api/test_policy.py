"""The policy and its waivers over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from accounts.domain.roles import Role
from analysis.models import Repository
from common import clock
from tests.functional.api.conftest import Api, complete


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


@pytest.fixture
def api(api: Callable[[Role], Api]) -> Callable[[Role], Api]:
    """One program for each role, however often it is asked for."""
    return cache(api)


@pytest.fixture
def shop(db: None) -> Repository:
    return Repository.objects.create(
        name="Shop", slug="shop", location="/srv/git/shop.git", kind="local",
        default_branch="main", created_at=clock.now(),
    )  # fmt: skip


def test_the_default_is_told_and_changed_in_parts(api: Callable[..., Api]) -> None:
    admin, viewer = api(Role.ADMIN), api(Role.VIEWER)
    shown = viewer.get("policy")
    assert shown.status_code == 200
    assert shown.headers["ETag"] == '"0"'
    body = shown.json()
    assert body["longest_terms"] == {"high": 365, "medium": 180, "low": 90}
    assert body["in_force"]["expired_debt"] == "warn"

    announced = {"enforcement": "block", "effective_from": in_days(20)}
    change = {
        "ceiling_share": 0.2,
        "rules": {"expired_debt": {"enforcement": "warn", "announced": announced}},
        "note": "agreed in the review",
    }
    assert admin.patch("policy", change).status_code == 428
    assert viewer.patch("policy", change, If_Match='"0"').status_code == 403
    changed = admin.patch("policy", change, If_Match='"0"')
    assert changed.status_code == 200, changed.json()
    assert changed.json()["ceiling_share"] == 0.2
    assert changed.json()["rules"]["expired_debt"]["announced"] == announced
    assert changed.json()["rules"]["new_cycle"] == {"enforcement": "advise", "announced": None}
    assert admin.patch("policy", {"one_way_role": "approver"}, If_Match='"0"').status_code == 412

    [version] = viewer.get("policy/versions").json()["results"]
    assert (version["number"], version["note"]) == (1, "agreed in the review")
    assert viewer.get("policy/systems").json()["results"] == []


def test_limits_of_costs_are_changed_in_parts(api: Callable[..., Api]) -> None:
    admin = api(Role.ADMIN)
    assert admin.get("policy").json()["environment_costs"] == {"admin_above": None, "most": None}
    first = {"environment_costs": {"admin_above": 99.5}}
    assert admin.patch("policy", first, If_Match='"0"').status_code == 200
    second = {"environment_costs": {"most": 500}}
    changed = admin.patch("policy", second, If_Match='"1"')
    assert changed.json()["environment_costs"] == {"admin_above": 99.5, "most": 500.0}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"environment_costs": {"admin_above": 9, "most": 8}}, "environment_costs"),
        ({"environment_costs": {"most": -1}}, "environment_costs"),
        ({"longest_terms": {"high": 90, "medium": 180, "low": 90}}, "longest_terms"),
        ({"extension_roles": ["admin", "approver"]}, "extension_roles"),
        ({"ceiling_share": 1.5}, "ceiling_share"),
        ({"capacities": {"shop": -1}}, "capacities"),
        ({"rules": {"made_up": {"enforcement": "warn"}}}, "rules.made_up"),
        ({"repositories": {"shop": {}}}, "repositories"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_policy_is_named(
    api: Callable[..., Api], body: dict[str, Any], field: str
) -> None:
    answer = api(Role.ADMIN).patch("policy", body, If_Match="*")
    assert answer.status_code in {400, 422}
    assert list(answer.json()["errors"]) == [field]


def test_a_waiver_is_asked_for_approved_and_withdrawn(
    api: Callable[..., Api], shop: Repository
) -> None:
    contributor, approver = api(Role.CONTRIBUTOR), api(Role.APPROVER)
    wanted = {
        "repository": "shop", "rule": "expired_debt", "path": "legacy/*",
        "reason": "it is switched off in March", "expires_on": in_days(30),
    }  # fmt: skip
    asked = contributor.post("policy/waivers", wanted)
    assert asked.status_code == 201, asked.json()
    assert asked.json()["standing"] == "asked"
    place = asked.headers["Location"]
    assert contributor.post(f"{place}/approve").status_code == 403
    approved = approver.post(f"{place}/approve")
    assert (approved.json()["standing"], approved.json()["approver"]) == ("live", "approver")
    assert approver.post(f"{place}/approve").status_code == 409
    assert approver.post(f"{place}/end").json()["standing"] == "withdrawn"
    assert [row["standing"] for row in approver.get("policy/waivers").json()["results"]] == [
        "withdrawn"
    ]
    wanted["expires_on"] = in_days(-1)
    refused = contributor.post("policy/waivers", wanted)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["expires_on"])


def test_levels_are_those_of_the_repository_asked_for(
    api: Callable[..., Api], shop: Repository
) -> None:
    own = {str(shop.pk): {"new_cycle": {"enforcement": "block"}}}
    admin = api(Role.ADMIN)
    assert admin.patch("policy", {"repositories": own}, If_Match='"0"').status_code == 200
    assert admin.get("policy?repository=shop").json()["in_force"]["new_cycle"] == "block"
    assert admin.get("policy").json()["in_force"]["new_cycle"] == "advise"
    assert admin.get("policy?repository=nowhere").status_code == 400


def test_a_decision_that_cannot_be_undone_is_reviewed(api: Callable[..., Api]) -> None:
    made = api(Role.CONTRIBUTOR).post("debts", complete(reversibility="one_way")).json()
    place = f"debts/{made['reference']}"
    assert api(Role.ADMIN).post(f"{place}/activate").status_code == 409
    reviewed = api(Role.APPROVER).post(f"{place}/review", {"note": "read the contract"})
    assert (reviewed.json()["reviewer"], reviewed.json()["review_note"]) == (
        "approver", "read the contract",
    )  # fmt: skip
    assert api(Role.ADMIN).post(f"{place}/activate").json()["state"] == "active"

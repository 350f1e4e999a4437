"""The life of a debt over HTTP."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from accounts.domain.roles import Role
from ledger.models import DebtItem
from tests.functional.api.conftest import Api, complete, in_days
from tests.functional.api.test_access import assert_problem

REASON = {"reason": "the store is late by a month"}
EXTENSION = {**REASON, "due_on": in_days(80), "interest": {"p10": 1, "p50": 2, "p90": 3}}
MERGED = {"evidence": {"kind": "merge_commit", "reference": "abcdef0"}}
SEEN = {"evidence": {"kind": "measurement", "note": "the cycle is gone"}}


@pytest.fixture
def proposed(contributor: Api) -> str:
    response = contributor.post("debts", complete())
    assert response.status_code == 201, response.content
    reference: str = response.json()["reference"]
    return reference


def take(api: Api, reference: str, step: str, body: Any = None) -> dict[str, Any]:
    response = api.post(f"debts/{reference}/{step}", body)
    assert response.status_code == 200, response.content
    assert response["ETag"] == f'"{response.json()["version"]}"'
    answer: dict[str, Any] = response.json()
    return answer


def test_a_debt_is_recorded_and_shown_whole(contributor: Api) -> None:
    body = complete(severity="high", system="checkout", quadrant="deliberate_prudent")
    response = contributor.post("debts", body)
    assert response.status_code == 201
    made = response.json()
    assert response["Location"] == f"/api/v1/debts/{made['reference']}"
    assert response["ETag"] == '"1"'
    shown = contributor.get(response["Location"]).json()
    assert {name: shown[name] for name in made} == made
    assert (shown["state"], shown["timing"], shown["days_left"]) == ("proposed", "current", 60)
    assert (shown["severity"], shown["system"], shown["reversibility"]) == ("high", "checkout", "")
    assert shown["interest"] == {"p10": 2.0, "p50": 4.5, "p90": 9.0}
    assert shown["principal"] == 18.67
    assert shown["estimates"][0]["principal"]["pessimistic"] == 40.0
    assert shown["plan"]["milestones"] == body["plan"]["milestones"]
    assert [one["due_on"] for one in shown["commitments"]] == [body["due_on"]]
    assert shown["statements"][0]["text"] == body["impact"]
    assert shown["owner_known"] is False
    assert shown["repository"] is None


def test_a_plan_says_what_it_needs(contributor: Api) -> None:
    body = complete()
    body["plan"]["needs"] = ["redis", "postgresql", "redis"]
    made = contributor.post("debts", body).json()
    assert made["needs"] == ["postgresql", "redis"]
    path = f"debts/{made['reference']}"
    assert contributor.get(path).json()["plan"]["needs"] == ["postgresql", "redis"]
    assert contributor.get("debts").json()["results"][0]["needs"] == ["postgresql", "redis"]
    # A program that does not know of needs replaces the plan without losing them.
    kept = contributor.patch(path, {"plan": complete()["plan"]}, If_Match="*").json()
    assert kept["needs"] == ["postgresql", "redis"]
    unknown = {"plan": {**complete()["plan"], "needs": ["mainframe"]}}
    assert_problem(contributor.patch(path, unknown, If_Match="*"), 400, "invalid")
    none = {"plan": {**complete()["plan"], "needs": []}}
    assert contributor.patch(path, none, If_Match="*").json()["needs"] == []


def test_a_debt_goes_through_its_life(contributor: Api, approver: Api, proposed: str) -> None:
    assert take(approver, proposed, "activate")["state"] == "active"
    extended = take(approver, proposed, "extend", EXTENSION)
    assert (extended["due_on"], extended["first_due_on"]) == (in_days(80), in_days(60))
    assert take(contributor, proposed, "escalate", REASON)["state"] == "active"
    assert take(contributor, proposed, "start-repayment")["state"] == "repaying"
    repaid = take(contributor, proposed, "repay", MERGED)
    assert (repaid["state"], repaid["timing"], repaid["days_left"]) == ("repaid", None, None)
    assert take(contributor, proposed, "reopen", REASON)["state"] == "repaying"
    take(contributor, proposed, "repay", MERGED)
    assert take(contributor, proposed, "verify", SEEN)["state"] == "verified"
    history = contributor.get(f"debts/{proposed}/history").json()
    assert [event["type"] for event in history["results"]] == [
        "recorded", "activated", "extended", "escalated", "repayment_started", "repaid",
        "reopened", "repaid", "verified",
    ]  # fmt: skip
    events = history["results"]
    for before, after in pairwise(events):
        assert after["previous_hash"] == before["hash"]


@pytest.mark.parametrize(
    ("step", "state"),
    [("reject", "rejected"), ("write-off", "written_off"), ("roll-back", "rolled_back")],
)
def test_a_debt_is_closed_otherwise(approver: Api, proposed: str, step: str, state: str) -> None:
    if step == "write-off":
        take(approver, proposed, "activate")
    assert take(approver, proposed, step, REASON)["state"] == state


def test_patch_changes_what_it_names_and_nothing_else(contributor: Api, proposed: str) -> None:
    before = contributor.get(f"debts/{proposed}").json()
    response = contributor.patch(f"debts/{proposed}", {"severity": "low"}, If_Match='"1"')
    assert response.status_code == 200, response.content
    assert response["ETag"] == '"2"'
    after = contributor.get(f"debts/{proposed}").json()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"severity", "version", "updated_at"}


def test_patch_of_a_part_leaves_the_other_parts(contributor: Api, proposed: str) -> None:
    path = f"debts/{proposed}"
    interest = {"interest": {"p10": 1, "p50": 2, "p90": 3}}
    assert contributor.patch(path, {"estimate": interest}, If_Match="*").status_code == 200
    shown = contributor.get(path).json()
    assert shown["interest"]["p90"] == 3.0
    assert shown["principal"] == 18.67
    # A plan is replaced as a whole, so one without its milestones is a mistake, not an order.
    refused = contributor.patch(path, {"plan": {"summary": "other"}}, If_Match="*")
    assert_problem(refused, 400, "invalid")
    assert contributor.get(path).json()["plan"] == shown["plan"]
    emptied = contributor.patch(path, {"text": "", "exit_condition": ""}, If_Match="*")
    assert emptied.status_code == 200
    assert contributor.patch(path, {}, If_Match="*").status_code == 200


def test_a_change_names_the_version_it_was_decided_on(contributor: Api, proposed: str) -> None:
    path = f"debts/{proposed}"
    assert_problem(contributor.patch(path, {"severity": "low"}), 428, "precondition-required")
    assert_problem(contributor.patch(path, {"severity": "low"}, If_Match='"7"'), 412, "stale")
    assert_problem(contributor.patch(path, {"severity": "low"}, If_Match="1"), 400, "invalid")
    assert_problem(contributor.patch(path, {"severity": "low"}, If_Match='W/"1"'), 412, "stale")
    tags = 'W/"0", "1"'
    assert contributor.patch(path, {"severity": "low"}, If_Match=tags).status_code == 200
    assert_problem(contributor.patch(path, {"severity": "high"}, If_Match='"1"'), 412, "stale")
    assert contributor.get(path).json()["severity"] == "low"


def test_a_step_may_name_the_version(approver: Api, proposed: str) -> None:
    path = f"debts/{proposed}/activate"
    assert_problem(approver.post(path, If_Match='"9"'), 412, "stale")
    assert approver.post(path, If_Match='"1"').status_code == 200


def test_what_the_state_refuses_is_a_conflict(
    contributor: Api, approver: Api, proposed: str
) -> None:
    members = assert_problem(contributor.post(f"debts/{proposed}/repay", MERGED), 409, "conflict")
    assert "proposed" in members["detail"]
    bare = contributor.post(
        "debts", {"title": "bare", "owner": "payments", "due_on": in_days(60)}
    ).json()["reference"]
    members = assert_problem(approver.post(f"debts/{bare}/activate"), 409, "conflict")
    for word in ("impact", "plan", "effort", "interest"):
        assert word in members["detail"]


def test_what_a_rule_refuses_in_a_value_is_named(contributor: Api, proposed: str) -> None:
    late = contributor.post("debts", complete(due_on="2020-01-01"))
    assert list(assert_problem(late, 422, "refused")["errors"]) == ["due_on"]
    hidden = contributor.post("debts", complete(title="a\u202etitle"))
    assert list(assert_problem(hidden, 422, "refused")["errors"]) == ["title"]
    unknown = contributor.post(f"debts/{proposed}/repay", {"evidence": {"kind": "reviewer"}})
    assert unknown.status_code == 409  # the state comes first


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": None}, "title"),
        ({"title": 5}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"due_on": "2026-02-30"}, "due_on"),
        ({"due_on": "20261231"}, "due_on"),
        ({"due_on": 20261231}, "due_on"),
        ({"severity": "huge"}, "severity"),
        ({"severity": ["low"]}, "severity"),
        ({"line": "3"}, "line"),
        ({"line": True}, "line"),
        ({"line": 0}, "line"),
        ({"line": 10**30}, "line"),
        ({"repository": "nowhere"}, "repository"),
        ({"estimate": {"interest": {"p10": 3, "p50": 2, "p90": 1}}}, "estimate.interest"),
        ({"estimate": {"interest": {"p10": -3, "p50": 2, "p90": 1}}}, "estimate.interest.p10"),
        ({"estimate": {"interest": {"p10": "3", "p50": 4, "p90": 5}}}, "estimate.interest.p10"),
        ({"estimate": {"principal": {"likely": 3}}}, "estimate.principal.optimistic"),
        ({"plan": {"summary": "", "milestones": {}}}, "plan.milestones"),
        ({"plan": {"summary": "", "milestones": [{"title": "a", "due_on": "x"}]}},
         "plan.milestones.0.due_on"),
        ({"plan": []}, "plan"),
        ({"expires": "2030-01-01"}, "expires"),
        ({"state": "active"}, "state"),
    ],
)  # fmt: skip
def test_what_has_the_wrong_form_is_named(
    contributor: Api, changes: dict[str, Any], field: str
) -> None:
    members = assert_problem(contributor.post("debts", complete(**changes)), 400, "invalid")
    assert field in members["errors"]
    assert not DebtItem.objects.exists()


def test_a_debt_has_several_names(contributor: Api) -> None:
    reference = contributor.post("debts", complete(slug="carts-in-memory")).json()["reference"]
    number = str(int(reference.removeprefix("D-")))
    for name in (reference, reference.lower(), number, "carts-in-memory"):
        assert contributor.get(f"debts/{name}").json()["reference"] == reference
    for name in ("D-999999", "9" * 12, "9" * 40, "no-such-debt"):
        assert_problem(contributor.get(f"debts/{name}"), 404, "not-found")


def test_an_id_is_taken_once(contributor: Api, analysed: Any) -> None:
    body = complete(slug="carts", repository=analysed.slug, path="shop/cart.py", line=3)
    made = contributor.post("debts", body)
    assert made.status_code == 201
    assert (made.json()["repository"], made.json()["line"]) == ("shop", 3)
    again = contributor.post("debts", body)
    assert list(assert_problem(again, 422, "refused")["errors"]) == ["slug"]


def test_an_unknown_name_hides_no_other_mistake(api: Callable[[Role], Api]) -> None:
    body = {"title": "", "owner": "core", "due_on": "2027-02-30", "zzz": 1}
    answer = api(Role.CONTRIBUTOR).post("debts", body)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"title", "due_on", "zzz"}

"""Environments, runs, blueprints and targets over the API: asked for, planned, decided about."""

from typing import Any

import pytest

from accounts import services as accounts_services
from common import clock
from orchestration.domain.states import EnvironmentState, RunState
from orchestration.models import BlueprintVersion, Environment, Output, Run
from orchestration.services.blueprints import catalogue_sync
from orchestration.services.executing import run_execute
from orchestration.services.proposals import proposals_sweep
from tests.functional.api.conftest import Api, complete, in_days

PLAN = {**complete()["plan"], "needs": ["postgresql", "redis"]}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY: dict[str, Any] = {
    "name": "checkout",
    "owner": "payments",
    "purpose": "carts survive a restart",
    "days": 7,
    "resources": [
        {"name": "db", "blueprint": "postgresql", "tier": "small"},
        {"name": "cache", "blueprint": "redis", "tier": "small"},
    ],
}


@pytest.fixture(autouse=True)
def _catalogue(db: None) -> None:
    accounts_services.team_create(slug="payments", name="Payments", members=[])
    catalogue_sync()


@pytest.fixture
def asked(contributor: Api) -> Any:
    made = contributor.post("environments", BODY)
    assert made.status_code == 201, made.content
    return made.json()


@pytest.fixture
def planned(asked: Any, contributor: Api) -> Any:
    """The run of the request, planned by a worker."""
    run = Run.objects.get()
    run_execute(run_id=run.pk, worker="test")
    found = contributor.get(f"runs/{run.reference}").json()
    assert found["state"] == "awaiting_approval", found
    return found


def standing(environment: Environment) -> None:
    """As if its run had built it."""
    Run.objects.update(state=RunState.SUCCEEDED)
    Environment.objects.filter(pk=environment.pk).update(state=EnvironmentState.READY)


def test_a_request_is_a_run_and_sent_again_it_is_the_same(
    contributor: Api, viewer: Api, asked: Any
) -> None:
    body = {**BODY, "name": "other"}
    assert viewer.post("environments", body).status_code == 403
    first = contributor.post("environments", body, Idempotency_Key="k")
    again = contributor.post("environments", body, Idempotency_Key="k")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first["Location"] == again["Location"]
    assert Environment.objects.filter(name="other").count() == 1
    shown = viewer.get(first["Location"]).json()
    assert (shown["state"], shown["owner"]) == ("requested", "payments")
    assert [one["name"] for one in shown["resources"]] == ["db", "cache"]
    assert len(shown["open_runs"]) == 1
    run = viewer.get(f"runs/{shown['open_runs'][0]}").json()
    assert (run["action"], run["state"], run["plan"]) == ("provision", "queued", None)
    assert run["environment"] == shown["reference"]
    assert contributor.post("environments", body).status_code == 422


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"name": " "}, 400, "name"),
        ({"days": 0}, 400, "days"),
        ({"days": 10_000}, 422, "days"),
        ({"resources": []}, 422, "resources"),
        ({"team": "nobody"}, 400, "team"),
        ({"role": "owner"}, 400, "role"),
        ({"sise": "large"}, 400, "sise"),
        ({"resources": [{"name": "db", "blueprint": "oracle", "tier": "small"}]}, 422, "resources"),
        ({"resources": [{"name": "db", "blueprint": "redis", "tier": "vast"}]}, 422, "resources"),
    ],
)
def test_a_bad_request_names_its_field(
    contributor: Api, change: dict[str, Any], status: int, field: str
) -> None:
    answer = contributor.post("environments", {**BODY, **change})
    assert answer.status_code == status, answer.content
    assert any(name.split(".")[0] == field for name in answer.json()["errors"])
    assert not Environment.objects.exists()


def test_exactly_the_plan_that_was_read_is_approved_by_another(
    planned: Any, contributor: Api, approver: Api, viewer: Api
) -> None:
    at, digest = f"runs/{planned['reference']}", planned["plan"]["digest"]
    assert {one["resource"] for one in planned["plan"]["changes"]} == {"db", "cache"}
    assert float(planned["plan"]["monthly_cost"]) > 0
    assert contributor.post(f"{at}/approve", {"digest": digest}).status_code == 403
    assert viewer.post(f"{at}/approve", {"digest": digest}).status_code == 403
    other = "sha256:" + "0" * 64
    assert approver.post(f"{at}/approve", {"digest": other}).status_code == 409
    assert approver.post(f"{at}/approve", {"digest": digest}, If_Match='"0"').status_code == 412
    tag = approver.get(at)["ETag"]
    done = approver.post(f"{at}/approve", {"digest": digest, "reason": "fits"}, If_Match=tag)
    assert done.status_code == 200, done.content
    assert done.json()["state"] == "apply_queued"
    assert [one["by"] for one in done.json()["decisions"]] == ["approver"]
    assert approver.post(f"{at}/approve", {"digest": digest}).status_code == 409


def test_a_plan_is_rejected_with_a_reason(planned: Any, approver: Api) -> None:
    at, digest = f"runs/{planned['reference']}", planned["plan"]["digest"]
    assert approver.post(f"{at}/reject", {"digest": digest}).status_code == 400
    done = approver.post(f"{at}/reject", {"digest": digest, "reason": "too dear"})
    assert done.json()["state"] == "rejected"
    assert approver.get("environments").json()["results"] == []
    gone = approver.get("environments?with_gone=true").json()["results"]
    assert [one["state"] for one in gone] == ["destroyed"]


def test_the_log_has_no_gaps_and_goes_on_after_a_number(
    planned: Any, viewer: Api, contributor: Api
) -> None:
    at = f"runs/{planned['reference']}"
    whole = viewer.get(f"{at}/events").json()
    numbers = [one["sequence"] for one in whole["results"]]
    assert numbers == list(range(1, planned["events"] + 1))
    first = viewer.get(f"{at}/events?limit=2").json()
    rest = viewer.get(f"{at}/events?after={first['after']}").json()
    assert first["results"] + rest["results"] == whole["results"]
    assert whole["is_over"] is False
    assert viewer.get(f"{at}/events?after=x").status_code == 400
    assert contributor.post(f"{at}/cancel", {"reason": "not now"}).json()["state"] == "canceled"
    assert viewer.get(f"{at}/events").json()["is_over"] is True


def test_whoever_asked_cancels_and_others_do_not(asked: Any, viewer: Api, contributor: Api) -> None:
    at = f"runs/{asked['open_runs'][0]}"
    assert viewer.post(f"{at}/cancel", {}).status_code == 403
    assert contributor.post(f"{at}/cancel", {}).json()["state"] == "canceled"
    assert contributor.post(f"{at}/cancel", {}).status_code == 409
    listed = viewer.get("runs?state=canceled&state=queued&action=provision").json()["results"]
    assert [one["reference"] for one in listed] == asked["open_runs"]
    assert viewer.get("runs?state=queued").json()["results"] == []
    assert viewer.get(f"runs?environment={asked['reference']}").json()["results"] == listed


def test_secret_outputs_have_no_value(asked: Any, viewer: Api) -> None:
    environment = Environment.objects.get()
    db = environment.resources.get(name="db")
    Output.objects.create(resource=db, name="host", value="127.0.0.1")
    Output.objects.create(resource=db, name="password", sealed="hunter2-sealed")
    answer = viewer.get(f"environments/{asked['reference']}")
    outputs = {one["name"]: one for one in answer.json()["resources"][0]["outputs"]}
    assert outputs["host"]["value"] == "127.0.0.1"
    assert (outputs["password"]["value"], outputs["password"]["is_secret"]) == (None, True)
    assert b"hunter2" not in answer.content
    assert environment.resources.get(name="cache").secrets.encode() not in answer.content


@pytest.mark.parametrize("step", ["check", "verify", "repair", "destroy"])
def test_what_is_asked_of_an_environment_is_a_run(
    asked: Any, contributor: Api, viewer: Api, step: str
) -> None:
    at = f"environments/{asked['reference']}"
    assert contributor.post(f"{at}/{step}").status_code == 409
    standing(Environment.objects.get())
    assert viewer.post(f"{at}/{step}").status_code == 403
    tag = viewer.get(at)["ETag"]
    Environment.objects.update(updated_at="2026-01-01T00:00:00Z")
    assert contributor.post(f"{at}/{step}", If_Match=tag).status_code == 412
    answer = contributor.post(f"{at}/{step}")
    assert answer.status_code == 202, answer.content
    assert viewer.get(answer["Location"]).json() == answer.json()
    assert contributor.post(f"{at}/{step}").status_code == 409


def test_a_resize_names_tiers_that_there_are(asked: Any, contributor: Api) -> None:
    standing(Environment.objects.get())
    at = f"environments/{asked['reference']}/resize"
    for tiers in ({"db": "vast"}, {"queue": "medium"}, {"db": "small"}, {}):
        assert contributor.post(at, {"tiers": tiers}).status_code == 422
    assert contributor.post(at, {"tiers": {"db": 3}}).status_code == 400
    answer = contributor.post(at, {"tiers": {"db": "medium"}, "justification": "the sale"})
    assert answer.status_code == 202
    assert answer.json()["wanted"] == {"resources": {"db": {"tier": "medium"}}}


def test_an_environment_is_extended_promoted_and_given_up(
    asked: Any, contributor: Api, approver: Api, operator: Api
) -> None:
    standing(Environment.objects.get())
    at = f"environments/{asked['reference']}"
    assert contributor.post(f"{at}/extend", {"days": 30}).status_code == 400
    longer = approver.post(f"{at}/extend", {"days": 30, "reason": "the cut-over moved"})
    assert longer.status_code == 200, longer.content
    assert longer.json()["expires_at"] > asked["expires_at"]
    assert longer.json()["ttl_extensions"] == 1
    body = {"owner": "payments", "reason": "it carries the carts now"}
    assert contributor.post(f"{at}/promote", body).status_code == 403
    kept = approver.post(f"{at}/promote", body, If_Match=longer["ETag"]).json()
    assert (kept["expires_at"], kept["promoted_at"] is None) == (None, False)
    assert approver.post(f"{at}/orphan", {"reason": "moved"}).status_code == 403
    assert operator.post(f"{at}/orphan", {"reason": "moved"}).json()["state"] == "orphaned"
    back = {"owner": "payments", "days": 9, "reason": "it is needed after all"}
    assert contributor.post(f"{at}/adopt", back).status_code == 403
    assert approver.post(f"{at}/adopt", {**back, "owner": "nobody"}).status_code == 422
    adopted = approver.post(f"{at}/adopt", back).json()
    assert (adopted["state"], len(adopted["open_runs"])) == ("degraded", 1)
    assert adopted["adopted_at"] is not None


def test_environments_are_found_by_what_one_knows(
    asked: Any, viewer: Api, contributor: Api
) -> None:
    debt = contributor.post("debts", complete()).json()
    body = {**BODY, "name": "staging", "owner": "ann", "debt": debt["reference"]}
    body["resources"] = [BODY["resources"][1]]
    made = contributor.post("environments", body)
    assert made.status_code == 201, made.content
    assert made.json()["debts"] == [{"reference": debt["reference"], "role": "provision"}]

    def names(query: str) -> list[str]:
        rows = viewer.get(f"environments?{query}").json()["results"]
        return [one["name"] for one in rows]

    assert names("") == ["staging", "checkout"]
    assert names("capability=postgresql") == ["checkout"]
    assert names(f"debt={debt['reference']}") == ["staging"]
    assert names("owner=ann") == names("q=stag") == ["staging"]
    assert names("state=ready") == []
    page = viewer.get("environments?page_size=1").json()
    assert [one["name"] for one in viewer.get(page["next"]).json()["results"]] == ["checkout"]
    for unknown in (
        *("environments?colour=red", "environments?team=nobody", "environments?debt=D-999999"),
        *("runs?state=well", "runs?environment=E-999999"),
    ):
        assert viewer.get(unknown).status_code == 400
    for gone in ("environments/E-999999", "environments/x", "runs/x", "runs/R-9", "targets/9"):
        assert viewer.get(gone).status_code == 404


def test_blueprints_are_shown_and_decided_about(viewer: Api, operator: Api) -> None:
    rows = viewer.get("blueprints?name=postgresql").json()["results"]
    assert [(one["capability"], one["source"]) for one in rows] == [("postgresql", None)]
    assert {one["name"] for one in viewer.get("blueprints").json()["results"]} >= {"redis"}
    at = f"blueprints/{rows[0]['id']}"
    assert viewer.get(at).json() == rows[0]
    assert rows[0]["manifest"]["tiers"]["small"]["monthly_cost"]
    version = viewer.get(f"{at}/versions").json()["results"][0]
    assert version == rows[0]["current"]
    of = f"blueprint-versions/{version['id']}"
    assert "provision.yml" in viewer.get(of).json()["files"]
    assert viewer.post(f"{of}/retire", {"note": "old"}).status_code == 403
    retired = operator.post(f"{of}/retire", {"note": "old"}).json()
    assert (retired["state"], retired["decided_by"]) == ("retired", "operator")
    assert viewer.get(at).json()["current"] is None
    assert operator.post(f"{of}/refuse", {"note": "old"}).status_code == 409
    assert operator.post(f"{of}/sign-off", {}).json()["state"] == "signed_off"
    assert viewer.get(at).json()["current"]["id"] == version["id"]
    assert BlueprintVersion.objects.get(pk=version["id"]).digest == version["digest"]


def test_a_target_is_set_up_and_its_secret_is_never_said(operator: Api, viewer: Api) -> None:
    values = {"url": "https://provision.example.org/hook", "secret": SECRET}
    body = {"engine": "webhook", "name": "builder", "values": values}
    assert viewer.post("targets", body).status_code == 403
    made = operator.post("targets", body)
    assert made.status_code == 201, made.content
    assert made.json()["secrets"] == ["secret"]
    at = f"targets/{made.json()['id']}"
    assert operator.patch(at, {"name": "x"}).status_code == 428
    changed = operator.patch(at, {"name": "builders"}, If_Match=made["ETag"])
    assert changed.json()["name"] == "builders"
    assert operator.patch(at, {"name": "y"}, If_Match=made["ETag"]).status_code == 412
    moved = {"values": {"url": "https://elsewhere.example.org/hook"}}
    assert operator.patch(at, moved, If_Match="*").status_code == 422
    assert operator.post(f"{at}/disable").json()["is_enabled"] is False
    assert operator.post(f"{at}/enable").json()["is_enabled"] is True
    assert viewer.post(f"{at}/test").status_code == 403
    assert operator.post("targets", {**body, "engine": "cobol"}).status_code == 400
    assert operator.post("targets", {**body, "values": {"x": "y"}}).status_code == 422
    shown = viewer.get("targets?engine=webhook").content + viewer.get(at).content
    assert SECRET.encode() not in shown + made.content + changed.content


def test_a_proposal_is_taken_or_dismissed(contributor: Api, approver: Api, viewer: Api) -> None:
    taken, dismissed = (
        contributor.post("debts", complete(slug=slug, plan=PLAN, due_on=in_days(25))).json()[
            "reference"
        ]
        for slug in ("carts", "queue")
    )
    for one in (taken, dismissed):
        assert approver.post(f"debts/{one}/activate").status_code == 200
    assert proposals_sweep(now=clock.now()) == 2
    rows = {one["debt"]: one for one in viewer.get("proposals?state=open").json()["results"]}
    assert [one["name"] for one in rows[taken]["resources"]] == ["db", "cache"]
    assert viewer.get(f"proposals?debt={taken}").json()["results"] == [rows[taken]]
    at = f"proposals/{rows[taken]['id']}"
    assert viewer.post(f"{at}/take", {}).status_code == 403
    assert contributor.post(f"{at}/take", {"tiers": {"queue": "small"}}).status_code == 422
    first = contributor.post(f"{at}/take", {"name": "carts"}, Idempotency_Key="k")
    again = contributor.post(f"{at}/take", {"name": "carts"}, Idempotency_Key="k")
    assert (first.status_code, first.json()) == (202, again.json())
    shown = viewer.get(at).json()
    assert (shown["state"], shown["environment"]) == ("taken", first.json()["environment"])
    served = viewer.get(f"environments/{shown['environment']}").json()["debts"]
    assert served == [{"reference": taken, "role": "provision"}]
    assert contributor.post(f"{at}/take", {}).status_code == 409
    other = f"proposals/{rows[dismissed]['id']}/dismiss"
    assert contributor.post(other, {"reason": ""}).status_code == 400
    done = contributor.post(other, {"reason": "we have one"}).json()
    assert (done["state"], done["decided_by"]) == ("dismissed", "contributor")


def test_a_proposal_takes_what_only_the_asker_knows(contributor: Api, approver: Api) -> None:
    plan = {**PLAN, "needs": ["load-test"]}
    debt = contributor.post("debts", complete(plan=plan, due_on=in_days(25))).json()["reference"]
    approver.post(f"debts/{debt}/activate")
    proposals_sweep(now=clock.now())
    at = f"proposals/{contributor.get('proposals').json()['results'][0]['id']}/take"
    wrong: list[dict[str, Any]] = [{}, {"parameters": {}}, {"parameters": {"load": {"users": 5}}}]
    for body in wrong:
        refused = contributor.post(at, body)
        assert refused.status_code == 422, refused.content
        assert "load needs a value for target" in refused.json()["errors"]["parameters"][0]
    assert contributor.post(at, {"parameters": {"load": "x"}}).status_code == 400
    told = {"load": {"target": "http://127.0.0.1:8080/cart"}}
    run = contributor.post(at, {"parameters": told})
    assert run.status_code == 202, run.content
    shown = contributor.get(f"environments/{run.json()['environment']}").json()
    assert shown["resources"][0]["parameters"] == told["load"]
    assert shown["debts"] == [{"reference": debt, "role": "load-test"}]

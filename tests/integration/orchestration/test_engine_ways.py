"""What is particular to one engine: its plan, its outputs, its ways to say no."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from common.connection_settings import BadSettings
from orchestration.domain.plans import ChangeKind
from orchestration.domain.states import Fidelity, RunAction
from orchestration.engines.engine import EngineFailed, EngineUnknown, TimedOut
from tests.fakes.loopback import Reply
from tests.fakes.webhook_receiver import SECRET as WHSEC
from tests.integration.orchestration.test_remote_engines import (
    CLAIM,
    Case,
    quick,
    start,
)

__all__ = ["quick", "start"]
SECRETS = {"password": "pa55-of-the-database"}
SECRET = SECRETS["password"]
Start = Callable[[str], Case]


def with_secret_output(case: Case, **options: Any) -> dict[str, Any]:
    outputs = {"host": {}, "password": {"secret": True}}
    engine_options = {**case.manifest["engine_options"], **options}
    return {**case.manifest, "outputs": outputs, "engine_options": engine_options}


# GitHub Actions


@pytest.mark.parametrize("knows_details", [True, False])
def test_a_run_is_known_by_its_number_or_by_its_name(start: Start, knows_details: bool) -> None:
    case = start("github_actions")
    case.system.knows_details = knows_details
    given = case.make()
    assert case.engine.apply(given).outputs == {"host": "h", "port": "1"}
    assert "workflow run 1000" in given.emit.text
    inputs = case.system.orders[0]
    assert inputs["displace_action"] == "provision"
    assert json.loads(inputs["displace_parameters"]) == {"size": 3}
    assert json.loads(inputs["displace_resource"])["tier"] == "small"


def test_a_run_that_is_never_listed_leaves_it_unknown(start: Start) -> None:
    case = start("github_actions")
    case.system.knows_details = False
    case.faulty.faults += [("GET", "/runs", Reply(200, {"workflow_runs": []}), False)] * 999
    with pytest.raises(EngineUnknown, match="run is not found"):
        case.engine.apply(case.make())


def test_a_workflow_that_fails_is_a_failure_with_its_address(start: Start) -> None:
    case = start("github_actions")
    case.system.conclusion = "failure"
    with pytest.raises(EngineFailed, match="failure") as failed:
        case.engine.apply(case.make())
    assert not isinstance(failed.value, EngineUnknown)
    assert "/actions/runs/1000" in failed.value.advice


def test_secrets_never_go_where_readers_of_the_repository_see_them(start: Start) -> None:
    case = start("github_actions")
    for changes in ({"manifest": with_secret_output(case)}, {"secrets": SECRETS}):
        with pytest.raises(EngineFailed, match="reads the repository"):
            case.engine.apply(case.make(**changes))
    assert case.system.orders == []


def test_a_workflow_reports_secret_outputs_by_itself(start: Start) -> None:
    case = start("github_actions")
    reports: list[dict[str, Any]] = []

    def begin(inputs: dict[str, str]) -> None:
        assert inputs["displace_report_to"] == "https://displace.example/engines/reports/x"
        reports.append({"state": "succeeded", "outputs": {"host": "h", **SECRETS}})

    case.system.on_run = begin
    given = {
        "settings": {**case.settings, "secret": WHSEC}, "manifest": with_secret_output(case),
        "reports": lambda _order: reports,
        "callback_url": "https://displace.example/engines/reports/x",
    }  # fmt: skip
    assert case.engine.apply(case.make(**given)).outputs["password"] == SECRET
    assert case.asked("GET", "/artifacts") == 0
    # One that ends without a report leaves it unknown.
    reports.clear()
    with pytest.raises(EngineUnknown, match="did not report"):
        case.engine.apply(case.make(**given))


@pytest.mark.parametrize("data", [b"no zip", b"PK\x05\x06" + bytes(18)])
def test_an_artifact_that_cannot_be_read_is_said(start: Start, data: bytes) -> None:
    case = start("github_actions")
    case.faulty.fail("GET", "/storage/", Reply(data=data))
    with pytest.raises(EngineFailed, match=r"outputs\.json"):
        case.engine.apply(case.make())


@pytest.mark.parametrize("options", [{}, {"workflow": "../x"}])
def test_a_blueprint_names_its_workflow(start: Start, options: dict[str, str]) -> None:
    case = start("github_actions")
    with pytest.raises(EngineFailed, match="no workflow"):
        case.engine.apply(case.make(manifest={**case.manifest, "engine_options": options}))


# AWX


def test_a_template_has_to_take_variables(start: Start) -> None:
    case = start("awx")
    case.system.asks = False
    with pytest.raises(EngineFailed, match="takes no variables"):
        case.engine.apply(case.make())
    assert case.system.jobs == []


def test_a_job_that_fails_says_why(start: Start) -> None:
    case = start("awx")
    case.system.ends = "failed"
    with pytest.raises(EngineFailed, match="no room"):
        case.engine.apply(case.make())


def test_variables_that_are_ignored_end_the_job(start: Start) -> None:
    case = start("awx")
    ignored = {"job": 1, "ignored_fields": {"extra_vars": {}}}
    case.fail(Reply(201, ignored), is_done=True)
    with pytest.raises(EngineFailed, match="ignored"):
        case.engine.apply(case.make())
    assert case.system.jobs[0]["status"] == "canceled"


def test_nothing_that_ansible_would_evaluate_is_sent(start: Start) -> None:
    case = start("awx")
    evil = "{{ lookup('pipe', 'id') }}"
    with pytest.raises(EngineFailed, match="template"):
        case.engine.apply(case.make(parameters={"size": evil}))
    assert case.system.jobs == []


def test_secrets_are_sent_only_where_the_blueprint_says_so(start: Start) -> None:
    case = start("awx")
    with pytest.raises(EngineFailed, match="everybody") as refused:
        case.engine.apply(case.make(secrets=SECRETS))
    assert "sends_secrets" in refused.value.advice
    case.engine.apply(
        case.make(secrets=SECRETS, manifest=with_secret_output(case, sends_secrets=True))
    )
    assert json.loads(case.system.jobs[0]["extra_vars"])["displace_secrets"] == SECRETS


# Kubernetes


def test_a_claim_is_awaited_and_its_connection_secret_read(start: Start) -> None:
    case = start("kubernetes")
    given = case.make(
        manifest=with_secret_output(case, outputs={"host": "endpoint"}), secrets=SECRETS
    )
    applied = case.engine.apply(given)
    assert applied.outputs == {"host": "db.svc", "password": "made-by-crossplane"}
    # Until it was ready, the log said why it was not.
    labels = next(iter(case.system.objects.values()))["metadata"]["labels"]
    assert labels["app.kubernetes.io/managed-by"] == "displace"
    again = case.engine.plan(case.make())
    assert [one.kind for one in again.changes] == [ChangeKind.NONE]
    assert case.engine.observe(case.make()).differences == ()


def test_why_a_claim_is_not_ready_is_told(start: Start) -> None:
    case = start("kubernetes")
    case.system.is_ready = False
    given = case.make(seconds=0.3)
    with pytest.raises(TimedOut):
        case.engine.apply(given)
    assert "no room in eu" in given.emit.text


def test_a_plan_is_the_dry_run_of_the_server(start: Start) -> None:
    case = start("kubernetes")
    case.engine.apply(case.make())
    dry = case.system.dry_runs
    (change,) = case.engine.plan(case.make(parameters={"size": 8})).changes
    assert change.details == ("spec.size: 3 -> 8",)
    assert case.system.dry_runs == dry + 1
    assert case.engine.observe(case.make(parameters={"size": 8})).differences == (
        f"{change.subject}: spec.size: 3 -> 8",
    )


def test_what_a_secret_holds_is_not_shown(start: Start) -> None:
    case = start("kubernetes")
    body = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: '${password}'}\n"
    files = {"secret.yml": body}
    bare = {**case.manifest, "outputs": {}}
    case.engine.apply(case.make(files=files, secrets=SECRETS, manifest=bare))
    other = case.make(files=files, secrets={"password": "an0ther-password"}, manifest=bare)
    planned = case.engine.plan(other)
    assert planned.changes[0].details == ("stringData.p: (hidden)",)
    assert SECRET not in str(planned) + other.emit.text


def test_a_field_of_somebody_else_is_not_taken(start: Start) -> None:
    case = start("kubernetes")
    given = case.make()
    case.engine.apply(given)
    case.system.owned_by_others |= set(case.system.objects)
    with pytest.raises(EngineFailed, match="somebody else manages"):
        case.engine.apply(case.make(parameters={"size": 9}))


def test_values_never_become_structure(start: Start) -> None:
    case = start("kubernetes")
    evil = "3}\nmetadata: {name: other}"
    case.engine.apply(case.make(parameters={"size": evil}))
    live = next(one for one in case.system.objects.values() if one["kind"] != "Secret")
    assert live["spec"]["size"] == evil
    assert live["metadata"]["name"] == "dpl-3f0c1c9e-db"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "declares no object"),
        ({"a.yml": "{"}, "no YAML"),
        ({"a.yml": "- 1"}, "no object of Kubernetes"),
        ({"a.yml": CLAIM.replace("metadata: {", "metadata: {namespace: kube-system, ")}, "another"),
        ({"a.yml": CLAIM.replace("${size}", "${nosuch}")}, "nosuch"),
        ({"a.yml": CLAIM.replace("PostgreSQLInstance", "Nosuch")}, "has no Nosuch"),
        ({"a.yml": CLAIM.replace("${dpl_id}", "../x")}, "no name"),
        ({"a.yml": "!!python/object/apply:os.system [id]"}, "no YAML"),
    ],
)
def test_files_that_are_not_right_are_refused(
    start: Start, files: dict[str, str], words: str
) -> None:
    case = start("kubernetes")
    with pytest.raises(EngineFailed, match=words):
        case.engine.plan(case.make(files=files))
    assert case.system.objects == {}


def test_a_claim_goes_with_its_finalizers(start: Start) -> None:
    case = start("kubernetes")
    case.engine.apply(case.make())
    assert case.engine.remains(case.make())
    planned = case.engine.plan(case.make(action=RunAction.DESTROY))
    assert [one.kind for one in planned.changes] == [ChangeKind.DELETE]
    case.engine.destroy(case.make(action=RunAction.DESTROY))
    assert case.engine.remains(case.make()) == ()
    case.engine.destroy(case.make(action=RunAction.DESTROY))
    assert not case.engine.observe(case.make()).is_present


# Nomad


def test_a_plan_of_nomad_is_exact_and_refused_when_stale(start: Start) -> None:
    case = start("nomad")
    planned = case.engine.plan(case.make())
    assert planned.fidelity is Fidelity.EXACT
    assert not planned.changes[0].is_predicted
    assert case.engine.apply(case.make(artifact=planned.artifact)).outputs == {
        "host": "10.0.0.5", "port": "24001",
    }  # fmt: skip
    with pytest.raises(EngineFailed, match="stale") as stale:
        case.engine.apply(case.make(artifact=planned.artifact))
    assert not isinstance(stale.value, EngineUnknown)
    with pytest.raises(EngineFailed, match="does not hold"):
        case.engine.apply(case.make())


def test_differences_are_told_and_secrets_are_not(start: Start) -> None:
    case = start("nomad")
    case.engine.apply(case.planned(case.make()))
    (change,) = case.engine.plan(case.make(parameters={"size": 4})).changes
    assert change.kind is ChangeKind.UPDATE
    assert change.details == ("g.Count: 1 -> 2", "g.db.Env[PASSWORD]: (hidden)")
    seen = case.engine.observe(case.make(parameters={"size": 4}))
    assert seen.differences[0] == "The job is not as declared."
    assert case.engine.observe(case.make()).differences == ()


def test_secrets_are_variables_of_nomad_and_go_with_the_job(start: Start) -> None:
    case = start("nomad")
    given = case.planned(case.make(secrets=SECRETS, manifest=with_secret_output(case)))
    assert SECRET.encode() not in (given.artifact or b"")
    assert case.engine.apply(given).outputs["password"] == SECRET
    assert list(case.system.variables.values()) == [SECRETS]
    assert SECRET not in json.dumps(case.system.jobs)
    assert case.engine.remains(given)
    case.engine.destroy(given)
    assert (case.system.jobs, case.system.variables) == ({}, {})
    assert case.engine.remains(given) == ()
    case.engine.destroy(given)
    assert not case.engine.observe(given).is_present


def test_values_are_no_expressions_of_hcl(start: Start) -> None:
    case = start("nomad")
    evil = '"\n${file("/etc/passwd")} %{ if true }'
    given = case.planned(case.make(parameters={"size": evil}))
    text = json.loads(given.artifact)["job"]["given"]
    assert text == 'size = "\\"\\n$${file(\\"/etc/passwd\\")} %%{ if true }"\n'


def test_a_job_waits_for_no_value_but_a_secret(start: Start) -> None:
    case = start("nomad")
    waiting = {"size": "${resources.cache.size}"}
    with pytest.raises(EngineFailed, match="size would come from cache"):
        case.engine.plan(case.make(parameters=waiting))
    assert case.engine.plan(case.make(parameters=waiting, action=RunAction.DESTROY)).changes
    secret = frozenset(waiting)
    assert case.engine.plan(case.make(parameters=waiting, secret_parameters=secret)).changes


def test_a_deployment_that_fails_is_a_failure(start: Start) -> None:
    case = start("nomad")
    case.system.deployment = "failed"
    with pytest.raises(EngineFailed, match="no luck"):
        case.engine.apply(case.planned(case.make()))


def test_a_job_without_a_place_is_no_plan(start: Start) -> None:
    case = start("nomad")
    case.system.unplaced = {"g": {"DimensionExhausted": {"memory": 1}}}
    with pytest.raises(EngineFailed, match="no place for g: memory"):
        case.engine.plan(case.make())


# Signed webhook


def test_a_report_ends_the_order(start: Start) -> None:
    case = start("webhook")
    case.system.reports_later = True
    reports: list[dict[str, Any]] = []

    def begin(data: dict[str, Any]) -> None:
        assert data["report_to"] == "https://displace.example/engines/reports/x"
        assert data["secrets"] == SECRETS
        reports.append({"state": "progress", "message": "half of it"})
        outputs = {"host": "h", "port": "1"}
        reports.append({"state": "succeeded", "outputs": outputs, "changed": 2})

    case.system.on_order = begin
    looks = itertools.count(1)

    def read(_order: str) -> list[dict[str, Any]]:
        # Two reads are one look. Between two looks the database is away.
        return {2: reports[:1], 3: [], 4: [], 5: []}.get(next(looks), reports)

    given = case.make(
        secrets=SECRETS, reports=read, callback_url="https://displace.example/engines/reports/x"
    )
    applied = case.engine.apply(given)
    assert (applied.outputs["host"], applied.changed) == ("h", 2)
    assert given.emit.text.count("half of it") == 1
    assert SECRET not in given.emit.text
    # Taken up again, it reads the report and orders nothing.
    asked = len(case.server.requests)
    case.engine.apply(given)
    assert len(case.server.requests) == asked


@pytest.mark.parametrize("answer", [{"state": "failed", "message": "no room"}, {"state": "odd"}])
def test_a_failure_that_is_reported_is_one(start: Start, answer: dict[str, str]) -> None:
    case = start("webhook")
    case.system.answers["provision"] = answer
    with pytest.raises(EngineFailed) as failed:
        case.engine.apply(case.make())
    assert not isinstance(failed.value, EngineUnknown)


def test_an_answer_without_a_state_leaves_it_unknown(start: Start) -> None:
    case = start("webhook")
    case.system.answers["provision"] = {"outputs": {}}
    with pytest.raises(EngineUnknown):
        case.engine.apply(case.make())


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "c2VjcmV0LW9mLXRoZS1yZWNlaXY="])
def test_a_weak_secret_is_refused(start: Start, secret: str) -> None:
    case = start("webhook")
    with pytest.raises(BadSettings):
        case.engine.check({**case.settings, "secret": secret})

"""From the request to the proof that nothing is left, with a server that really listens."""

import json
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.domain.roles import Role
from common import clock
from common.encryption import seal
from common.errors import Denied, Refused, Stale
from orchestration.domain.states import RunAction
from orchestration.engines.engine import Job, Planned
from orchestration.models import (
    Approval,
    Environment,
    Output,
    Plan,
    Resource,
    Run,
    RunEvent,
    RunReport,
    StateFile,
)
from orchestration.selectors.environments import outputs_of
from orchestration.services import environments
from orchestration.services.approving import run_approve, run_reject
from orchestration.services.canceling import run_cancel
from orchestration.services.recovering import runs_sweep
from tests.builders.debts import make_person
from tests.builders.small_environments import (
    People,
    approve,
    ask,
    built,
    carry_out,
    log_of,
    step,
)
from tests.fakes.small_engine import SmallEngine, processes_naming
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]


def home_of(environment: Environment, data_dir: Path) -> Path:
    return data_dir / "environments" / str(environment.key) / "web"


def test_from_request_to_proof(people: People, data_dir: Path) -> None:
    run = ask(people)
    assert run.environment.state == "requested"
    step(run)
    assert (run.state, run.plan.fidelity) == ("awaiting_approval", "advisory")
    assert run.plan.changes[0]["kind"] == "create"
    assert str(run.plan.monthly_cost) == "10.00"
    approve(people, run)
    assert run.state == "apply_queued"
    step(run)
    assert (run.state, run.reason) == ("succeeded", "Built, and seen to work.")
    environment = Environment.objects.get(pk=run.environment_id)
    assert (environment.state, environment.active_run_id, environment.generation) == (
        "ready", None, 1,
    )  # fmt: skip
    home = home_of(environment, data_dir)
    first = processes_naming(str(home))
    assert len(first) == 1

    resized = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="The sale begins on Monday.",
    )  # fmt: skip
    carry_out(people, resized)
    assert resized.state == "succeeded", resized.reason
    assert (home / "size").read_text() == "50"
    assert processes_naming(str(home)) == first, "the same server: its data are kept"

    (home / "size").write_text("7")
    looked = step(environments.environment_check(actor=people.rita, environment_id=environment.pk))
    assert looked.state == "drift_found"
    assert "Its size is 7, not 50." in looked.reason
    environment.refresh_from_db()
    assert environment.state == "drifted"

    repaired = environments.environment_repair(actor=people.rita, environment_id=environment.pk)
    carry_out(people, repaired)
    assert repaired.state == "succeeded", repaired.reason
    again = step(environments.environment_repair(actor=people.rita, environment_id=environment.pk))
    assert again.state == "no_changes"

    gone = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    carry_out(people, gone)
    assert gone.state == "succeeded", gone.reason
    environment.refresh_from_db()
    assert environment.state == "destroyed"
    assert not processes_naming(str(home))
    assert not home.parent.exists()
    assert not Output.objects.filter(resource__environment=environment).exists()
    assert Resource.objects.get(environment=environment).secrets == ""
    with pytest.raises(Refused, match="gone"):
        environments.environment_check(actor=people.rita, environment_id=environment.pk)


@pytest.fixture
def _plan_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small engine make plan files with a secret in them, as Terraform does."""
    plan = SmallEngine.plan

    def with_file(engine: SmallEngine, job: Job) -> Planned:
        return replace(plan(engine, job), artifact=job.secrets["token"].encode())

    monkeypatch.setattr(SmallEngine, "plan", with_file)


def keep_more(environment: Environment) -> None:
    """A state and a report, as other engines leave them."""
    resource, now = environment.resources.get(), clock.now()
    StateFile.objects.create(resource=resource, sealed=seal("{}"), updated_at=now)
    RunReport.objects.create(
        run=environment.runs.get(), resource=resource, message_id="1", order="1",
        sealed=seal("{}"), at=now,
    )  # fmt: skip


def require_forgotten(environment: Environment) -> None:
    assert list(Plan.objects.values_list("artifact", flat=True).distinct()) == [""]
    assert environment.resources.get().secrets == ""
    for model in (Output, StateFile, RunReport):
        assert not model.objects.exists()


@pytest.mark.usefixtures("_plan_files")
@pytest.mark.parametrize("end", ["rejected", "canceled", "expired"])
def test_a_request_that_ends_early_leaves_no_secrets(people: People, end: str) -> None:
    run = step(ask(people))
    digest = run.plan.digest
    keep_more(run.environment)
    assert run.plan.artifact
    if end == "rejected":
        run_reject(actor=people.adam, run_id=run.pk, digest=digest, reason="Too early.")
    elif end == "canceled":
        run_cancel(actor=people.rita, run_id=run.pk)
    else:
        runs_sweep(now=clock.now() + timedelta(days=2))
    run = Run.objects.get(pk=run.pk)
    assert (run.state, run.plan.digest) == (end, digest)
    require_forgotten(run.environment)


@pytest.mark.usefixtures("_plan_files")
def test_what_was_taken_away_leaves_no_secrets(people: People) -> None:
    environment = built(people)
    keep_more(environment)
    waits = step(environments.environment_repair(actor=people.rita, environment_id=environment.pk))
    assert waits.state == "no_changes"
    resize = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="More users.",
    )  # fmt: skip
    approve(people, step(resize))
    assert resize.plan.artifact
    gone = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    assert carry_out(people, gone).state == "succeeded"
    require_forgotten(environment)
    assert step(resize).state == "stale"


def test_no_secret_is_seen(people: People, data_dir: Path) -> None:
    environment = built(people)
    resource = Resource.objects.get(environment=environment)
    token = (home_of(environment, data_dir) / "token").read_text()
    said = json.dumps(list(RunEvent.objects.values_list("text", "data")))
    assert "built with [hidden]" in said
    assert token not in said
    assert token not in json.dumps(
        list(Run.objects.values_list("reason", "wanted", "plan__changes", "plan__basis")),
    )
    assert token not in resource.secrets
    assert token not in json.dumps([resource.applied, resource.facts, resource.parameters])
    for output in Output.objects.all():
        assert token not in output.value + output.sealed
    shown = {one.name: (one.value, one.is_secret) for one in outputs_of(environment)}
    assert shown["token"] == ("", True)
    assert shown["host"] == ("127.0.0.1", False)


def test_who_sees_a_secret_is_written_down(people: People, data_dir: Path) -> None:
    environment = built(people)
    vera = make_person("vera", Role.VIEWER)
    asked = {"environment_id": environment.pk, "resource": "web", "name": "token"}
    with pytest.raises(Denied):
        environments.output_reveal(actor=vera, **asked)
    shown = environments.output_reveal(actor=people.rita, **asked)
    assert shown == (home_of(environment, data_dir) / "token").read_text()
    assert log_of(Run.objects.first())[-1] == "rita looked at web.token."


def test_the_log_is_numbered_without_gaps(people: People) -> None:
    environment = built(people)
    for run in Run.objects.filter(environment=environment):
        numbers = list(run.log.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == list(range(1, run.events + 1))
        assert numbers


def test_who_may_do_what(people: People) -> None:
    vera = make_person("vera", Role.VIEWER)
    with pytest.raises(Denied, match="contributor"):
        environments.environment_request(
            actor=vera, name="x", owner="vera",
            resources=[environments.ResourceDraft("web", "small", "small")],
        )  # fmt: skip
    anna = make_person("anna", Role.APPROVER)
    run = environments.environment_request(
        actor=anna, name="own", owner="anna",
        resources=[environments.ResourceDraft("web", "small", "small")],
    )  # fmt: skip
    step(run)
    digest = run.plan.digest
    for actor in (vera, people.rita):
        with pytest.raises(Denied, match="role approver"):
            run_approve(actor=actor, run_id=run.pk, digest=digest)
    with pytest.raises(Denied, match="Whoever asks"):
        run_approve(actor=anna, run_id=run.pk, digest=digest)
    with pytest.raises(Denied):
        run_cancel(actor=people.rita, run_id=run.pk)
    with pytest.raises(Stale, match="another one"):
        run_approve(actor=people.adam, run_id=run.pk, digest="sha256:0")
    with pytest.raises(Refused, match="Say why"):
        run_reject(actor=people.adam, run_id=run.pk, digest=digest, reason=" ")
    run_reject(actor=people.adam, run_id=run.pk, digest=digest, reason="Too early.")
    run.refresh_from_db()
    # A request that was refused is over.
    assert (run.state, run.environment.state) == ("rejected", "destroyed")
    assert Approval.objects.get(run=run).decision == "rejected"


@pytest.mark.parametrize("who", ["rita", "adam"])
@pytest.mark.parametrize("what", ["role", "is_active"])
def test_a_right_that_was_lost_stops_the_run(people: People, who: str, what: str) -> None:
    run = approve(people, step(ask(people)))
    person = getattr(people, who)
    setattr(person, what, "viewer" if what == "role" else False)
    person.save()
    step(run)
    assert run.state == "stale"
    assert "may not do so any more" in run.reason
    assert not processes_naming(str(run.environment.key))


def test_a_plan_that_is_stale_is_refused(people: People) -> None:
    environment = built(people)
    first = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="More users.",
    )  # fmt: skip
    second = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    step(first)
    step(second)
    approve(people, first)
    assert step(first).state == "succeeded"
    with pytest.raises(Stale, match="generation"):
        approve(people, second)
    second.refresh_from_db()
    assert second.state == "stale"


def test_an_approved_plan_that_went_stale_is_not_carried_out(people: People) -> None:
    environment = built(people)
    first = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="More users.",
    )  # fmt: skip
    second = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    for run in (first, second):
        approve(people, step(run))
    assert step(first).state == "succeeded"
    assert step(second).state == "stale"
    environment.refresh_from_db()
    assert environment.state == "ready"


def test_a_version_that_was_retired_is_not_built(people: People) -> None:
    run = approve(people, step(ask(people)))
    resource = Resource.objects.get(environment=run.environment)
    type(resource.version).objects.filter(pk=resource.version_id).update(state="retired")
    step(run)
    assert (run.state, "signed off" in run.reason) == ("stale", True)


def test_what_fails_is_said_and_can_be_taken_away(people: People, data_dir: Path) -> None:
    run = carry_out(people, ask(people, parameters={"fails": True}))
    assert run.state == "apply_failed"
    assert "as it was told to" in run.reason
    assert "repair the environment or destroy it" in run.reason
    environment = Environment.objects.get(pk=run.environment_id)
    assert (environment.state, environment.active_run_id) == ("degraded", None)
    gone = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    assert carry_out(people, gone).state == "succeeded"
    assert not processes_naming(str(home_of(environment, data_dir)))


def test_a_server_that_died_is_found(people: People, data_dir: Path) -> None:
    environment = built(people)
    (pid,) = processes_naming(str(home_of(environment, data_dir)))
    os.kill(pid, signal.SIGKILL)
    seen = step(environments.environment_verify(actor=people.rita, environment_id=environment.pk))
    assert seen.state == "verify_failed"
    assert "does not answer" in seen.reason
    environment.refresh_from_db()
    assert environment.state == "degraded"


def test_twice_the_same_message_does_nothing(people: People) -> None:
    run = step(ask(people))
    before = run.events
    step(run)
    assert run.events == before
    approve(people, run)
    step(run)
    before = run.events
    step(run)
    assert (run.state, run.events) == ("succeeded", before)


def test_one_open_run_of_a_kind(people: People) -> None:
    environment = built(people)
    asked = {"actor": people.rita, "environment_id": environment.pk}
    run = environments.environment_destroy(**asked)
    with pytest.raises(Refused, match=run.reference):
        environments.environment_destroy(**asked)
    run_cancel(actor=people.rita, run_id=run.pk)
    run.refresh_from_db()
    assert run.state == "canceled"
    with pytest.raises(Refused, match="ended already"):
        run_cancel(actor=people.rita, run_id=run.pk)
    assert environments.environment_destroy(**asked).action == RunAction.DESTROY


def test_sizes_need_reasons(people: People) -> None:
    drafts = [environments.ResourceDraft("web", "small", "large")]
    run = step(ask(people, resources=drafts))
    assert run.state == "policy_failed"
    assert "without a measurement" in run.reason
    run = step(ask(people, resources=drafts, justification="A sale on Monday."))
    assert run.state == "awaiting_approval"


def test_a_name_is_taken_once(people: People) -> None:
    ask(people)
    with pytest.raises(Refused, match="another name"):
        ask(people)

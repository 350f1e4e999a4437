"""The real program with its built-in provider, its state and lock with us over real HTTP."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common import clock
from common.connection_settings import BadSettings
from orchestration.domain.plans import ChangeKind
from orchestration.domain.states import RunAction, RunState
from orchestration.engines import terraform, terraform_run
from orchestration.engines.engine import Canceled, EngineFailed, EngineUnknown, Job, TimedOut
from orchestration.engines.terraform import Terraform
from orchestration.models import Run, StateFile
from orchestration.selectors.targets import lock_of
from orchestration.services.state_files import SETTLED
from tests import lanes
from tests.builders.engine_jobs import Rows, job, rows, run_for
from tests.fakes.loopback import Reply, Request, service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

SECRET = "pa55-of-the-database"
FILES = {
    "main.tf": """
        variable "size" { type = number }
        variable "password" {
          type      = string
          sensitive = true
        }
        variable "note" {
          type    = string
          default = ""
        }
        resource "terraform_data" "db" {
          input            = { size = var.size, password = var.password, note = var.note }
          triggers_replace = [var.note]
        }
        output "host" { value = "127.0.0.1" }
        output "port" { value = 5432 + terraform_data.db.output.size }
        output "password" {
          value     = terraform_data.db.output.password
          sensitive = true
        }
    """
}
SLOW = {
    "main.tf": """
        resource "terraform_data" "first" { input = "quick" }
        resource "terraform_data" "slow" {
          depends_on = [terraform_data.first]
          provisioner "local-exec" { command = "sleep 30" }
        }
    """
}
ENGINE = Terraform()

Make = Callable[..., Job]


@pytest.fixture(autouse=True)
def _program(monkeypatch: pytest.MonkeyPatch) -> None:
    if terraform_run.program() is None:
        lanes.skip_or_fail("terraform", "neither tofu nor terraform is on the PATH")
    monkeypatch.setattr(terraform, "_LOCK_SECONDS", 1)


@pytest.fixture
def made(live_server: Any, settings: Any, tmp_path: Path) -> Rows:
    settings.BASE_URL = live_server.url
    settings.DATA_DIR = tmp_path / "data"
    return rows()


@pytest.fixture
def make(made: Rows, tmp_path: Path) -> Make:
    def build(**changes: Any) -> Job:
        values = {
            "files": FILES, "parameters": {"size": 1}, "secrets": {"password": SECRET},
            **made.given(), **changes,
        }  # fmt: skip
        return job(tmp_path, **values)

    return build


def built(make: Make, **changes: Any) -> Any:
    planned = ENGINE.plan(make(**changes))
    return ENGINE.apply(make(artifact=planned.artifact, **changes))


def test_a_plan_is_exact_and_applied_as_it_is(make: Make, made: Rows) -> None:
    planned = ENGINE.plan(make())
    (change,) = planned.changes
    assert (change.kind, change.subject, change.is_predicted) == (
        ChangeKind.CREATE, "terraform_data.db", False
    )  # fmt: skip
    assert "input.size: 1" in change.details
    assert "input.password: (hidden)" in change.details
    assert not StateFile.objects.get().sealed, "a plan stores nothing"

    applied = ENGINE.apply(make(artifact=planned.artifact))
    assert applied.outputs == {"host": "127.0.0.1", "port": "5433", "password": SECRET}
    assert applied.changed == 1
    assert lock_of(made.resource.pk) is None

    again = ENGINE.plan(make())
    assert [one.kind for one in again.changes] == [ChangeKind.NONE]
    assert ENGINE.observe(make(action=RunAction.DRIFT)).differences == ()


def test_a_plan_that_is_outdated_is_refused(make: Make) -> None:
    old = ENGINE.plan(make()).artifact
    ENGINE.apply(make(artifact=old))
    with pytest.raises(EngineFailed, match="stale") as refused:
        ENGINE.apply(make(artifact=old))
    assert refused.value.advice == "Plan it again."
    with pytest.raises(EngineFailed, match="no plan file"):
        ENGINE.apply(make())


def test_changes_and_replacements_are_told_apart(make: Make) -> None:
    built(make)
    (larger,) = ENGINE.plan(make(parameters={"size": 2})).changes
    assert (larger.kind, larger.is_destructive) == (ChangeKind.UPDATE, False)
    assert "input.size: 1 -> 2" in larger.details
    (other,) = ENGINE.plan(make(parameters={"size": 1, "note": "new"})).changes
    assert (other.kind, other.is_destructive) == (ChangeKind.REPLACE, True)


def test_what_is_not_as_declared_is_drift(make: Make) -> None:
    nothing = ENGINE.observe(make(action=RunAction.DRIFT))
    assert (nothing.is_present, bool(nothing.differences)) == (False, True)
    built(make)
    found = ENGINE.observe(make(action=RunAction.DRIFT, parameters={"size": 7}))
    assert found.is_present
    (difference,) = found.differences
    assert difference.startswith(
        "terraform_data.db is not as declared (update): input.size: 1 -> 7"
    )


def test_a_destroy_is_planned_and_proved(make: Make) -> None:
    built(make)
    assert ENGINE.remains(make(action=RunAction.DESTROY))
    planned = ENGINE.plan(make(action=RunAction.DESTROY))
    assert [(one.kind, one.is_destructive) for one in planned.changes] == [
        (ChangeKind.DELETE, True)
    ]
    ENGINE.destroy(make(action=RunAction.DESTROY, artifact=planned.artifact))
    assert ENGINE.remains(make(action=RunAction.DESTROY)) == ()
    ENGINE.destroy(make(action=RunAction.DESTROY))  # once more does nothing


def test_secrets_are_nowhere_afterwards(make: Make, tmp_path: Path) -> None:
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes())
                except OSError:
                    continue
            time.sleep(0.005)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        first = make()
        planned = ENGINE.plan(first)
        second = make(artifact=planned.artifact)
        ENGINE.apply(second)
    finally:
        over.set()
        thread.join()
    password = first.state_backend["password"]
    assert any(b"terraform" in one or b"tofu" in one for one in seen)
    assert not any(SECRET.encode() in one or password.encode() in one for one in seen)
    assert SECRET not in first.emit.text + second.emit.text + str(planned.changes)
    assert SECRET not in StateFile.objects.get().sealed
    files = [path for path in second.workdir.rglob("*") if path.is_file()]
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files if "home" not in path.parts)
    assert not any(password.encode() in path.read_bytes() for path in files), (
        "the token of the run is in no file"
    )
    assert not (tmp_path / "home").exists()


def test_values_are_never_evaluated(make: Make) -> None:
    note = '${file("/etc/hostname")} %{ if true }x%{ endif } {{ 1 }}'
    planned = ENGINE.plan(make(parameters={"size": 1, "note": note}))
    assert f"input.note: {note}" in planned.changes[0].details


def test_a_value_that_is_not_known_yet_is_no_plan(make: Make) -> None:
    waiting = {"size": 1, "note": "${resources.cache.host}"}
    with pytest.raises(EngineFailed, match="note would come from cache") as refused:
        ENGINE.plan(make(parameters=waiting))
    assert refused.value.advice.startswith("Build cache in an environment of its own first")
    # Taking away goes on without it.
    assert ENGINE.plan(make(parameters=waiting, action=RunAction.DESTROY)).changes


def test_an_output_that_is_sensitive_must_be_secret(make: Make) -> None:
    manifest = {"title": "x", "outputs": {"password": {}}}
    with pytest.raises(EngineFailed, match="sensitive output: password"):
        ENGINE.plan(make(manifest=manifest))


def test_a_secret_that_the_files_forgot_to_mark_is_hidden(make: Make) -> None:
    files = {
        "main.tf": 'variable "password" {}\n'
        'resource "terraform_data" "db" { input = "user:${var.password}@host" }'
    }
    found = make(files=files)
    planned = ENGINE.plan(found)
    assert SECRET not in str(planned.changes) + found.emit.text
    assert "user:[hidden]@host" in str(planned.changes)


def test_faults_of_the_files_are_told(make: Make) -> None:
    with pytest.raises(EngineFailed, match="nosuch"):
        ENGINE.plan(make(files={"main.tf": 'resource "terraform_data" "x" { nosuch = 1 }'}))
    with pytest.raises(EngineFailed, match="outside"):
        ENGINE.plan(make(files={"../x.tf": ""}))


def test_a_backend_of_the_blueprint_does_not_count(make: Make, made: Rows) -> None:
    files = {
        **FILES,
        "backend.tf": 'terraform {\n  backend "local" {}\n}',
        "zz_displace_override.tf.json": '{"terraform": {"backend": {"local": {}}}}',
    }
    built(make, files=files)
    assert StateFile.objects.get().sealed


def test_two_at_once_one_is_locked_out(make: Make, made: Rows, tmp_path: Path) -> None:
    planned = ENGINE.plan(make(files=SLOW))
    slow = make(files=SLOW, artifact=planned.artifact)
    over = threading.Event()
    slow = replace(slow, is_canceled=over.is_set)
    failed: list[EngineFailed] = []
    thread = threading.Thread(target=_catch, args=(failed, ENGINE.apply, slow))
    thread.start()
    try:
        _until(lambda: "slow: Provisioning" in slow.emit.text)
        other = Rows(run_for(made.resource, RunState.APPLYING), made.resource)
        began = time.monotonic()
        with pytest.raises(EngineFailed, match="holds the lock") as refused:
            ENGINE.plan(make(files=SLOW, **other.given()))
        assert time.monotonic() - began < 20
        assert lock_of(made.resource.pk).lock["ID"] in refused.value.message
        # Looking is possible meanwhile.
        ENGINE.observe(make(files=SLOW, action=RunAction.DRIFT, **other.given()))
    finally:
        over.set()
        thread.join(timeout=40)
    # Told to end, the program stored what it had built, and gave its lock back.
    assert isinstance(failed[0], Canceled)
    assert lock_of(made.resource.pk) is None
    assert ENGINE.remains(make(files=SLOW))
    assert not _processes(slow.workdir)


def test_a_plan_that_is_canceled_leaves_no_lock(make: Make, made: Rows) -> None:
    over = threading.Event()
    asked = threading.Event()

    def answer(_: Request) -> Reply:
        """Late: the program has been told to end by then."""
        asked.set()
        over.wait(20)
        time.sleep(1.0)
        return Reply(404)

    Run.objects.filter(pk=made.run.pk).update(state=RunState.PLANNING)
    with service(answer) as other:
        reading = (
            'data "terraform_remote_state" "x" {\n  backend = "http"\n'
            f'  config  = {{ address = "{other.url}" }}\n}}'
        )
        failed: list[EngineFailed] = []
        planning = make(files={"main.tf": reading})
        planning = replace(planning, is_canceled=over.is_set)
        thread = threading.Thread(target=_catch, args=(failed, ENGINE.plan, planning))
        thread.start()
        _until(asked.is_set)
        assert lock_of(made.resource.pk) is not None
        over.set()
        thread.join(timeout=40)
    assert [type(one) for one in failed] == [Canceled]
    assert lock_of(made.resource.pk) is None
    assert not _processes(planning.workdir)


def test_a_killed_program_leaves_a_lock_for_some_minutes(make: Make, made: Rows) -> None:
    planned = ENGINE.plan(make(files=SLOW))
    slow = make(files=SLOW, artifact=planned.artifact)
    failed: list[EngineFailed] = []
    thread = threading.Thread(target=_catch, args=(failed, ENGINE.apply, slow))
    thread.start()
    _until(lambda: "slow: Provisioning" in slow.emit.text)
    for pid in _processes(slow.workdir):
        with suppress(OSError):  # with the first one the others may be gone
            if (Path("/proc") / str(pid) / "comm").read_text().strip() in ("terraform", "tofu"):
                os.kill(pid, signal.SIGKILL)
    thread.join(timeout=30)
    assert isinstance(failed[0], EngineUnknown)
    assert not _processes(slow.workdir)
    lock = lock_of(made.resource.pk)
    assert lock is not None
    assert lock.locked_by_run == made.run

    # Another run is kept out: nobody knows yet whether something of it still builds.
    now = clock.now()
    Run.objects.filter(pk=made.run.pk).update(state=RunState.APPLY_FAILED, ended_at=now)
    other = Rows(run_for(made.resource, RunState.APPLYING), made.resource).given()
    with pytest.raises(EngineFailed, match="holds the lock"):
        ENGINE.plan(make(files=FILES, **other))
    Run.objects.filter(pk=made.run.pk).update(ended_at=now - SETTLED)
    assert built(make, files=FILES, **other).outputs["host"] == "127.0.0.1"


def test_time_that_is_over_ends_it(make: Make) -> None:
    planned = ENGINE.plan(make(files=SLOW))
    with pytest.raises(TimedOut):
        ENGINE.apply(make(files=SLOW, artifact=planned.artifact, seconds=4.0))


def test_without_its_run_there_is_no_state(make: Make, made: Rows) -> None:
    Run.objects.filter(pk=made.run.pk).update(state=RunState.CANCELED)
    with pytest.raises(EngineFailed):
        ENGINE.plan(make())


def test_the_version_names_the_program() -> None:
    name, _, release = ENGINE.version().partition(" ")
    assert name in ("terraform", "opentofu")
    assert release[0].isdigit()
    assert ENGINE.missing({}) == ()


def test_a_missing_program_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform_run, "program", lambda: None)
    assert ENGINE.missing({})[0].what == "tofu or terraform"
    assert ENGINE.version() == "terraform"


@pytest.mark.parametrize("line", ["TF_LOG=1", "PATH=/x", "LD_PRELOAD=x", "lower=1", "NO", "A B=1"])
def test_the_environment_of_providers_is_looked_at(line: str) -> None:
    with pytest.raises(BadSettings):
        ENGINE.check({"environment": f"AWS_REGION=eu\n{line}"})
    ENGINE.check({"environment": "AWS_REGION=eu\n\nAWS_SECRET_ACCESS_KEY=a=b"})


def test_providers_get_their_environment_and_nothing_else(make: Make) -> None:
    files = {
        "main.tf": 'resource "terraform_data" "x" {\n'
        '  provisioner "local-exec" { command = "env" }\n}'
    }
    given = {"environment": "CLOUD_REGION=eu\nCLOUD_TOKEN=very-secret-token"}
    planned = ENGINE.plan(make(files=files, settings=given))
    applying = make(files=files, settings=given, artifact=planned.artifact)
    ENGINE.apply(applying)
    said = applying.emit.text
    assert "CLOUD_REGION=" in said
    assert "very-secret-token" not in said
    assert applying.state_backend["password"] not in said
    assert "DISPLACE" not in said
    assert "DJANGO" not in said


def _catch(failed: list[EngineFailed], function: Callable[[Job], Any], given: Job) -> None:
    try:
        function(given)
    except EngineFailed as error:
        failed.append(error)


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def _processes(folder: Path) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if str(path.joinpath("cwd").readlink()).startswith(str(folder)):
                found.append(int(path.name))
        except OSError:
            continue
    return found

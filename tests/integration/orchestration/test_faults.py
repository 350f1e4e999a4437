"""Workers that are killed, stopped and doubled, a database that is away, a disk that is full.

Workers are processes of their own and look at the same database; every run ends, and what it
made is there once or not at all.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from celery import Task
from django.db import connection, connections

from accounts.domain.roles import Role
from common import clock
from common.errors import DisplaceError
from orchestration.models import Approval, Environment, Output, Run, RunEvent
from orchestration.services import environments
from orchestration.services.approving import run_approve
from orchestration.services.canceling import run_cancel
from orchestration.services.recovering import runs_sweep, workdirs_forget
from tests.builders.debts import make_person
from tests.builders.small_environments import People, approve, ask, built, carry_out, step
from tests.fakes.small_engine import processes_naming
from tests.fakes.workers import until, worker
from tests.integration.orchestration.run_fixtures import data_dir, small
from tests.integration.orchestration.run_fixtures import people as _people

__all__ = ["data_dir", "small"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
if not os.environ.get("DISPLACE_TEST_SQLITE_FILE"):
    pytestmark.append(pytest.mark.postgres)  # on a file: test_faults_on_sqlite.py
LATER = timedelta(minutes=2)


@pytest.fixture
def people(transactional_db: None, small: None) -> People:
    found: People = _people.__wrapped__(None, None)
    return found


@pytest.fixture
def hold(data_dir: Path) -> Callable[[str], None]:
    """Let the engine wait in the phases that are named."""

    def set_to(phase: str) -> None:
        draft = data_dir / "hold.draft"
        draft.write_text(phase)
        draft.rename(data_dir / "hold")

    return set_to


def swept(run: Run) -> str:
    """What the sweep makes of it: nothing at once, and something when the lease is over."""
    before = Run.objects.get(pk=run.pk).state
    runs_sweep(now=clock.now())
    assert Run.objects.get(pk=run.pk).state == before, "the lease is still good"
    assert run.pk in runs_sweep(now=clock.now() + LATER)
    run.refresh_from_db()
    return run.state


def servers(run: Run, data_dir: Path) -> list[int]:
    home = data_dir / "environments" / str(run.environment.key) / "web"
    return processes_naming(str(home))


def require_sound_log(run: Run) -> None:
    numbers = list(RunEvent.objects.filter(run=run).values_list("sequence", flat=True))
    run.refresh_from_db()
    assert numbers == list(range(1, run.events + 1))


def require_free(run: Run) -> Environment:
    environment = Environment.objects.get(pk=run.environment_id)
    assert environment.active_run_id is None
    return environment


def repaired(people: People, environment: Environment) -> Run:
    run = environments.environment_repair(actor=people.rita, environment_id=environment.pk)
    carry_out(people, run)
    assert run.state == "succeeded", run.reason
    return run


def test_killed_while_planning(people: People, data_dir: Path, hold: Any) -> None:
    run = ask(people)
    hold("plan")
    with worker(run, data_dir) as one:
        one.reaches("planning")
        one.kill()
    hold("")
    assert swept(run) == "queued"
    carry_out(people, run)
    assert run.state == "succeeded"
    assert len(servers(run, data_dir)) == 1
    require_sound_log(run)
    assert not list((data_dir / "runs").glob("x"))


def test_killed_while_applying(people: People, data_dir: Path, hold: Any) -> None:
    run = approve(people, step(ask(people)))
    home = data_dir / "environments" / str(run.environment.key) / "web"
    hold("apply in a child")
    with worker(run, data_dir) as one:
        until((home / "child").exists, "the engine has a child")
        until((home / "child").read_text, "its number is written")
        child = int((home / "child").read_text())
        assert Path(f"/proc/{child}").exists()
        one.kill()
        until(lambda: not Path(f"/proc/{child}").exists(), "nothing of the engine is left")
    assert list((data_dir / "runs").iterdir()), "the dead worker left its folder"
    hold("")
    assert swept(run) == "indeterminate"
    workdirs_forget()
    assert not list((data_dir / "runs").iterdir())
    again = environments.environment_destroy(actor=people.rita, environment_id=run.environment_id)
    step(again)
    assert again.state == "queued", "the lost run still holds the environment"
    run_cancel(actor=people.rita, run_id=again.pk)
    step(run)
    assert run.state == "apply_failed"
    assert "nobody knows how far it came" in run.reason
    environment = require_free(run)
    assert environment.state == "degraded"
    repaired(people, environment)
    assert len(servers(run, data_dir)) == 1, "not built a second time"
    require_sound_log(run)


def test_killed_while_verifying(people: People, data_dir: Path, hold: Any) -> None:
    run = approve(people, step(ask(people)))
    hold("verify")
    with worker(run, data_dir) as one:
        one.reaches("verifying")
        one.kill()
    hold("")
    assert swept(run) == "indeterminate"
    step(run)
    assert (run.state, require_free(run).state) == ("succeeded", "ready")
    assert len(servers(run, data_dir)) == 1
    require_sound_log(run)


def test_killed_while_canceling(people: People, data_dir: Path, hold: Any) -> None:
    run = approve(people, step(ask(people)))
    hold("apply, destroy")
    with worker(run, data_dir) as one:
        one.reaches("applying")
        until(lambda: servers(run, data_dir), "its server runs")
        run_cancel(actor=people.rita, run_id=run.pk)
        one.reaches("canceling")
        one.kill()
    hold("")
    assert swept(run) == "indeterminate"
    step(run)
    assert (run.state, require_free(run).state) == ("canceled", "destroyed")
    assert not servers(run, data_dir)
    require_sound_log(run)


def test_killed_while_reconciling(people: People, data_dir: Path, hold: Any) -> None:
    run = approve(people, step(ask(people)))
    hold("verify")
    with worker(run, data_dir) as one:
        one.reaches("verifying")
        one.kill()
    hold("observe")
    assert swept(run) == "indeterminate"
    with worker(run, data_dir) as one:
        one.reaches("reconciling")
        one.kill()
    hold("")
    assert swept(run) == "indeterminate"
    step(run)
    assert (run.state, require_free(run).state) == ("succeeded", "ready")
    require_sound_log(run)


def test_killed_while_taking_away(people: People, data_dir: Path, hold: Any) -> None:
    environment = built(people)
    asked = {"actor": people.rita, "environment_id": environment.pk}
    run = approve(people, step(environments.environment_destroy(**asked)))
    hold("destroy")
    with worker(run, data_dir) as one:
        one.reaches("applying")
        one.kill()
    hold("")
    assert swept(run) == "indeterminate"
    step(run)
    assert run.state == "apply_failed"
    assert "still runs" in run.reason
    assert require_free(run).state == "degraded"
    again = carry_out(people, environments.environment_destroy(**asked))
    assert (again.state, require_free(again).state) == ("succeeded", "destroyed")
    assert not servers(run, data_dir)


def test_killed_while_looking(people: People, data_dir: Path, hold: Any) -> None:
    environment = built(people)
    run = environments.environment_check(actor=people.rita, environment_id=environment.pk)
    hold("observe")
    with worker(run, data_dir) as one:
        one.reaches("planning")
        one.kill()
    hold("")
    assert swept(run) == "queued"
    step(run)
    assert run.state == "no_changes"


def test_a_worker_that_is_stopped_keeps_others_away(
    people: People, data_dir: Path, hold: Any
) -> None:
    """Its lease is over, but what it started may still go on."""
    run = approve(people, step(ask(people)))
    hold("apply")
    with worker(run, data_dir) as one:
        one.reaches("applying")
        until(lambda: servers(run, data_dir), "its server runs")
        one.stop()
        assert swept(run) == "indeterminate"
        step(run)
        assert run.state == "indeterminate", "it still lives, so nobody touches what it builds"
        fence, events = run.fence, run.events
        one.go_on()
        one.ends()
    run.refresh_from_db()
    assert (run.state, run.fence, run.events) == ("indeterminate", fence, events)
    assert not Output.objects.exists(), "a lost worker writes nothing"
    hold("")
    step(run)
    assert run.state == "apply_failed"
    repaired(people, require_free(run))
    assert len(servers(run, data_dir)) == 1


def test_several_workers_at_once_do_it_once(people: People, data_dir: Path) -> None:
    run = ask(people)
    for state in ("awaiting_approval", "succeeded"):
        with ExitStack() as stack:
            crowd = [stack.enter_context(worker(run, data_dir)) for _ in range(3)]
            assert [one.ends() for one in crowd] == [0, 0, 0]
        run.refresh_from_db()
        assert run.state == state, run.reason
        if state == "awaiting_approval":
            approve(people, run)
    said = list(RunEvent.objects.filter(run=run, kind="state").values_list("data", flat=True))
    names = [one["state"] for one in said]
    assert sorted(names) == sorted(set(names)), "each state once"
    assert len(servers(run, data_dir)) == 1
    require_sound_log(run)


def test_two_approvals_at_once(people: People) -> None:
    run = step(ask(people))
    digest = run.plan.digest
    crowd = [make_person(f"approver-{number}", Role.APPROVER) for number in range(6)]
    begin = Barrier(len(crowd))

    def decide(person: Any) -> bool:
        begin.wait()
        try:
            run_approve(actor=person, run_id=run.pk, digest=digest)
        except DisplaceError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(len(crowd)) as pool:
        assert sum(pool.map(decide, crowd)) == 1
    assert Approval.objects.filter(run=run).count() == 1
    run.refresh_from_db()
    assert run.state == "apply_queued"
    require_sound_log(run)


def test_cancel_and_begin_at_once(people: People, data_dir: Path) -> None:
    for number in range(5):
        run = approve(people, step(ask(people, f"environment {number}")))
        begin = Barrier(2)

        def cancel(run: Run = run, begin: Barrier = begin) -> None:
            begin.wait()
            with suppress(DisplaceError):
                run_cancel(actor=people.rita, run_id=run.pk)
            connections.close_all()

        def work(run: Run = run, begin: Barrier = begin) -> None:
            begin.wait()
            step(Run.objects.get(pk=run.pk))
            connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            for one in (pool.submit(cancel), pool.submit(work)):
                one.result()
        run.refresh_from_db()
        state = require_free(run).state
        assert (run.state, state) in {("canceled", "destroyed"), ("succeeded", "ready")}
        assert len(servers(run, data_dir)) == (state == "ready")
        require_sound_log(run)


def test_cancel_leaves_no_process_and_no_port(people: People, data_dir: Path, hold: Any) -> None:
    run = approve(people, step(ask(people)))
    home = data_dir / "environments" / str(run.environment.key) / "web"
    hold("apply in a child")
    with worker(run, data_dir) as one:
        until((home / "child").exists, "the engine has a child")
        until((home / "child").read_text, "its number is written")
        child = int((home / "child").read_text())
        begun = time.monotonic()
        run_cancel(actor=people.adam, run_id=run.pk, reason="The wrong day.")
        one.ends()
    assert time.monotonic() - begun < 30
    run.refresh_from_db()
    assert (run.state, require_free(run).state) == ("canceled", "destroyed")
    assert not servers(run, data_dir)
    assert not Path(f"/proc/{child}").exists()
    assert not home.parent.exists()
    require_sound_log(run)


def test_cancel_of_a_change_takes_nothing_away(people: People, data_dir: Path, hold: Any) -> None:
    environment = built(people)
    run = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="More users.",
    )  # fmt: skip
    approve(people, step(run))
    hold("apply")
    with worker(run, data_dir) as one:
        one.reaches("applying")
        run_cancel(actor=people.rita, run_id=run.pk)
        one.ends()
    hold("")
    run.refresh_from_db()
    assert (run.state, require_free(run).state) == ("canceled", "degraded")
    assert "in the middle of a change" in run.reason
    assert len(servers(run, data_dir)) == 1
    repaired(people, environment)


def backends(admin: "psycopg.Connection[Any]", name: str) -> list[int]:
    """The connections that workers have to this database."""
    found = admin.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name = 'worker'",
        [name],
    )
    return [row[0] for row in found]


@pytest.mark.postgres
def test_a_database_that_is_away_only_delays(people: People, data_dir: Path, hold: Any) -> None:
    """Every connection of the worker is cut while it applies, and for a while it gets none."""
    run = approve(people, step(ask(people)))
    hold("apply")
    name = connection.settings_dict["NAME"]
    server = {
        one: connection.settings_dict[one.upper()] or None for one in ("host", "port", "user")
    }
    with (
        psycopg.connect(**server, dbname="postgres", autocommit=True) as admin,
        worker(run, data_dir) as one,
    ):
        one.reaches("applying")
        until(lambda: servers(run, data_dir), "its server runs")
        until(lambda: len(backends(admin, name)) == 2, "both of its threads are connected")
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            for pid in backends(admin, name):
                admin.execute("SELECT pg_terminate_backend(%s)", [pid])
            hold("")
            time.sleep(4)
            assert one.process.poll() is None, "it waits for the database"
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        one.ends()
    run.refresh_from_db()
    assert (run.state, require_free(run).state) == ("succeeded", "ready"), run.reason
    assert Output.objects.count() == 4
    assert len(servers(run, data_dir)) == 1
    require_sound_log(run)


def test_a_broker_that_is_away_only_delays(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_named: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(Task, "apply_async", refuse)
    run = ask(people)
    assert runs_sweep(now=clock.now()) == [run.pk]
    approve(people, step(run))
    assert runs_sweep(now=clock.now()) == [run.pk]
    assert step(run).state == "succeeded"


def test_a_full_disk_is_said(people: People, data_dir: Path) -> None:
    """A file of the engine stands on a device that is really full."""
    if not os.access("/dev/full", os.W_OK):
        pytest.skip("full disk: there is no /dev/full to write to")
    run = approve(people, step(ask(people)))
    home = data_dir / "environments" / str(run.environment.key) / "web"
    home.mkdir(parents=True)
    (home / "size").symlink_to("/dev/full")
    step(run)
    assert run.state == "apply_failed"
    assert "No space left on device" in run.reason
    assert "disk" in run.reason
    (home / "size").unlink()
    repaired(people, require_free(run))


def test_what_waits_too_long_ends(people: People) -> None:
    queued, waiting = ask(people, "one"), step(ask(people, "two"))
    approved = approve(people, step(ask(people, "three")))
    runs_sweep(now=clock.now() + timedelta(hours=23))
    for run in (queued, waiting, approved):
        run.refresh_from_db()
        assert run.ended_at is None
    runs_sweep(now=clock.now() + timedelta(hours=25))
    for run in (queued, waiting, approved):
        run.refresh_from_db()
        assert (run.state, require_free(run).state) == ("expired", "destroyed")
    assert ask(people, "one").state == "queued", "its name is free again"

"""What stands on one host is called gone, or built again, by no other."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common import clock
from orchestration.adapters.hosts import this_host
from orchestration.models import Environment, Run, StateFile
from orchestration.services import drift, environments, executing
from orchestration.services.loads import loads_sweep
from orchestration.services.recovering import runs_sweep
from orchestration.services.state_files import SETTLED
from tests.builders.small_environments import People, approve, ask, built, carry_out, step
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]


@pytest.fixture
def elsewhere(settings: Any, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Go to another host with the same database, or back."""
    other = tmp_path_factory.mktemp("other")

    def go(*, back: bool = False) -> None:
        settings.DATA_DIR = data_dir if back else other

    yield go
    shutil.rmtree(other)


def test_a_host_is_known_again(data_dir: Path, elsewhere: Any) -> None:
    here = this_host()
    assert this_host() == here
    assert [path.name for path in data_dir.iterdir()] == ["host-id"]
    elsewhere()
    assert this_host()["id"] != here["id"]


def test_another_host_takes_nothing_for_gone(
    people: People, data_dir: Path, elsewhere: Any
) -> None:
    environment = built(people)
    elsewhere()

    look = step(environments.environment_check(actor=people.rita, environment_id=environment.pk))
    assert look.state == "plan_failed"
    assert "web stands on" in look.reason
    verify = step(environments.environment_verify(actor=people.rita, environment_id=environment.pk))
    assert (verify.state, "web stands on" in verify.reason) == ("verify_failed", True)
    loads_sweep(now=clock.now())
    assert environment.resources.get().load_asked_at is None
    destroy = step(
        environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    )
    assert (destroy.state, "web stands on" in destroy.reason) == ("plan_failed", True)
    environment.refresh_from_db()
    assert environment.state == "ready"
    assert environment.resources.get().outputs.count() == 4

    elsewhere(back=True)
    run = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    assert carry_out(people, run).state == "succeeded"
    assert not list((data_dir / "environments").iterdir())


def test_an_approved_plan_waits_for_the_host_that_it_was_made_on(
    people: People, elsewhere: Any
) -> None:
    environment = built(people)
    run = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    approve(people, step(run))
    elsewhere()
    assert step(run).state == "apply_queued"
    environment.refresh_from_db()
    assert environment.state == "ready"
    elsewhere(back=True)
    assert step(run).state == "succeeded"


def test_what_stands_since_an_older_release_is_known_at_the_first_look(people: People) -> None:
    environment = built(people)
    # Such as an engine may have told.
    environment.resources.update(stands_on={}, facts={"host": "db-7.internal"})
    look = step(environments.environment_check(actor=people.rita, environment_id=environment.pk))
    assert look.state == "no_changes"
    assert environment.resources.get().stands_on == this_host()


def test_nothing_stays_of_what_is_gone(
    people: People, data_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    environment = built(people)
    home = data_dir / "environments" / str(environment.key)
    (home / "other").mkdir()
    run = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    with django_capture_on_commit_callbacks(execute=True):
        assert carry_out(people, run).state == "succeeded"
    assert not home.exists()


def test_a_lost_worker_may_store_what_it_built_before_its_run_is_taken_up(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = lost_while_applying(people, monkeypatch)
    resource = run.environment.resources.get()
    StateFile.objects.create(
        resource=resource, lock={"ID": "x"}, locked_at=clock.now(), locked_by_run=run,
        updated_at=clock.now(),
    )  # fmt: skip
    runs_sweep(now=clock.now())
    assert step(run).state == "indeterminate"
    Run.objects.filter(pk=run.pk).update(state_at=clock.now() - SETTLED)
    assert step(run).state == "apply_failed"


def test_what_a_dead_worker_began_is_not_looked_for_elsewhere(
    people: People, data_dir: Path, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = lost_while_applying(people, monkeypatch)
    elsewhere()
    assert runs_sweep(now=clock.now()) == [run.pk]
    step(run)
    assert run.state == "apply_failed"
    assert "It could not be looked at: web stands on" in run.reason
    assert Environment.objects.get().state == "degraded"


def lost_while_applying(people: People, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose worker ended after it had built, and before it wrote that down."""
    run = ask(people)

    class Killed(BaseException):
        """As a signal: nothing catches it."""

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("orchestration.services.applying._keep", killed)
        with pytest.raises(Killed):
            carry_out(people, run)
    Run.objects.filter(pk=run.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    return run


def test_a_fault_of_ours_while_looking_ends_the_run(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = lost_while_applying(people, monkeypatch)

    def broken(*_: Any) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(drift, "differences", broken)
    runs_sweep(now=clock.now())
    executing.run_execute(run_id=run.pk, worker="test")
    run.refresh_from_db()
    assert run.state == "apply_failed"
    assert "an error of the program itself (ValueError)" in run.reason
    assert "a fault of ours" not in run.reason
    assert Environment.objects.get().active_run is None

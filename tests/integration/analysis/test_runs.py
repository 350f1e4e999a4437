"""Claims on runs: one worker at a time, and none for ever."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from analysis.adapters.worker import current_worker
from analysis.models import AnalysisRun, Repository
from analysis.services import runs
from common import clock
from common.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository() -> Repository:
    return Repository.objects.create(
        name="shop", slug="shop", location="/srv/shop", kind="local", created_at=clock.now()
    )


def dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def claimed(repository: Repository) -> runs.Claim:
    claim = runs.run_claim(run_id=runs.analysis_request(repository=repository).pk)
    assert claim is not None
    return claim


def test_asking_twice_makes_one_run(repository: Repository) -> None:
    first = runs.analysis_request(repository=repository)
    assert runs.analysis_request(repository=repository) == first
    assert AnalysisRun.objects.count() == 1


def test_a_claimed_run_is_not_to_be_had(repository: Repository) -> None:
    claim = claimed(repository)
    assert runs.run_claim(run_id=claim.run.pk) is None
    assert runs.runs_to_wake() == []


@pytest.mark.parametrize(
    "change",
    [
        {"lease_expires_at": clock.now() - timedelta(seconds=1)},
        {"worker": current_worker().replace(f":{os.getpid()}", f":{dead_process()}")},
    ],
    ids=["lease ran out", "process of this host is gone"],
)
def test_a_dead_workers_run_is_taken_over_and_its_claim_is_void(
    repository: Repository, change: dict[str, object]
) -> None:
    dead = claimed(repository)
    AnalysisRun.objects.update(**change)
    assert runs.runs_to_wake() == [dead.run.pk]
    successor = runs.run_claim(run_id=dead.run.pk)
    assert successor is not None
    with pytest.raises(runs.LeaseLost):
        dead.report("files", 1, 2)
    with pytest.raises(runs.LeaseLost):
        runs.run_fail(claim=dead, message="too late")
    successor.report("files", 1, 2)
    assert AnalysisRun.objects.get().done == 1


@pytest.mark.parametrize(
    "worker",
    ["elsewhere:1", current_worker(), "odd"],
    ids=["another host", "this process", "not understood"],
)
def test_a_worker_that_may_be_alive_keeps_its_run(repository: Repository, worker: str) -> None:
    claim = claimed(repository)
    AnalysisRun.objects.update(worker=worker)
    assert runs.run_claim(run_id=claim.run.pk) is None


def test_a_run_that_kills_its_workers_is_given_up(repository: Repository) -> None:
    claim = claimed(repository)
    for _ in range(runs.MOST_CLAIMS):
        AnalysisRun.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
        runs.run_claim(run_id=claim.run.pk)
    run = AnalysisRun.objects.get()
    assert run.state == AnalysisRun.State.FAILED
    assert "memory" in run.error
    assert runs.analysis_request(repository=repository) != run, "and may be started again"


def test_old_runs_are_forgotten_but_for_the_newest(repository: Repository) -> None:
    long_ago = clock.now() - runs.KEEP_ENDED - timedelta(days=1)
    for _ in range(3):
        runs.run_fail(claim=claimed(repository), message="no")
    AnalysisRun.objects.update(finished_at=long_ago)
    newest = AnalysisRun.objects.order_by("-pk").first()
    assert runs.runs_forget() == 2
    assert AnalysisRun.objects.get() == newest


# Foreign keys are checked when a transaction is committed.
@pytest.mark.django_db(transaction=True)
def test_asking_for_a_removed_repository_says_so(repository: Repository) -> None:
    Repository.objects.filter(pk=repository.pk).delete()
    with pytest.raises(NotFound, match="removed"):
        runs.analysis_request(repository=repository)

"""Two beats of one installation, or a beat that is late: each sweep runs twice at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from common import clock, notices
from common.errors import Refused, Stale
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.domain.terms import Need
from ledger.models import DebtItem
from ledger.selectors import history_verify
from orchestration.models import Environment, LoadObservation, Proposal, Run
from orchestration.services.endings import environment_extend, environment_promote, ttl_sweep
from orchestration.services.executing import run_execute
from orchestration.services.forgetting import looks_forget
from orchestration.services.proposals import proposals_sweep
from orchestration.services.queueing import drift_sweep
from orchestration.services.tier_triggers import tier_triggers_sweep
from tests.builders.debts import in_days, make_debt, make_person
from tests.builders.environments import make_catalogue, make_environment, make_run
from tests.builders.small_environments import People, built, make_small_blueprint, step
from tests.integration.orchestration.run_fixtures import data_dir, small

__all__ = ["data_dir", "small"]

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PATIENCE = 60
ROUNDS = range(4)


@pytest.fixture(autouse=True)
def _catalogue(transactional_db: None) -> None:
    make_catalogue()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[notices.Notice]:
    found: list[notices.Notice] = []
    monkeypatch.setattr(notices, "_listeners", [found.append])
    return found


def twice(work: Callable[[], Any]) -> list[Any]:
    """Begin the same in the same moment on two connections; what each returned."""
    return both(work, work)


def both(*works: Callable[[], Any]) -> list[Any]:
    """Begin these in the same moment on connections of their own; what each returned."""
    begin = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            begin.wait(PATIENCE)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works, timeout=PATIENCE))


@pytest.mark.parametrize("round_", ROUNDS)
def test_each_debt_gets_one_proposal_that_is_said_once(
    round_: int, said: list[notices.Notice]
) -> None:
    ann = make_person("ann")
    plan = PlanDraft("Move", (MilestoneDraft("Chosen", in_days(5)),), (Need.POSTGRESQL,))
    for number in range(6):
        make_debt(ann, title=f"debt {number}", plan=plan, due_on=in_days(9))
    made = twice(lambda: proposals_sweep(now=clock.now()))
    assert sum(made) == Proposal.objects.filter(state="open").count() == 6
    assert len({one.key for one in said}) == len(said) == 6


@pytest.mark.parametrize("round_", ROUNDS)
def test_what_outgrew_its_size_is_one_debt(round_: int, said: list[notices.Notice]) -> None:
    make_person("ann")
    now = clock.now()
    for number in range(3):
        resource = make_environment(f"shop {number}", owner="ann").resources.get()
        LoadObservation.objects.bulk_create(
            LoadObservation(
                system=f"shop {number}", resource=resource, metric="connections", value=40,
                at=now - timedelta(days=day), window_seconds=1, source="probe",
            )
            for day in range(8)
        )  # fmt: skip
    made = twice(lambda: tier_triggers_sweep(now=now))
    assert sum(made) == DebtItem.objects.count() == len(said) == 3
    assert history_verify().breaks == ()


@pytest.mark.parametrize("round_", ROUNDS)
def test_an_end_comes_once_and_is_said_once(round_: int, said: list[notices.Notice]) -> None:
    now = clock.now()
    over = [make_environment(f"over {one}", expires_at=now) for one in range(3)]
    for number in range(3):
        make_environment(f"soon {number}", expires_at=now + timedelta(hours=1))
    left = make_environment("left", expires_at=now, deletion_policy="orphan")
    twice(lambda: ttl_sweep(now=now + timedelta(seconds=1)))
    runs = Run.objects.filter(action="destroy")
    assert sorted(runs.values_list("environment", flat=True)) == [one.pk for one in over]
    assert Environment.objects.get(pk=left.pk).state == "orphaned"
    assert len({one.key for one in said}) == len(said) == 7


@pytest.mark.parametrize("round_", ROUNDS)
def test_no_more_looks_wait_than_one_sweep_asks_for(round_: int) -> None:
    old = clock.now() - timedelta(days=2)
    for number in range(9):
        make_environment(f"shop {number}", checked_at=old if number else None)
    twice(lambda: drift_sweep(now=clock.now()))
    looked = Run.objects.filter(action="drift").values_list("environment__name", flat=True)
    assert sorted(looked) == [f"shop {number}" for number in range(4)], "never looked at is first"


def test_looks_are_forgotten_by_two_at_once() -> None:
    environment = make_environment()
    long_ago = clock.now() - timedelta(days=400)
    for _number in range(20):
        make_run(environment, action="drift", state="no_changes", ended_at=long_ago)
    gone = twice(lambda: looks_forget(now=clock.now()))
    assert (max(gone), Run.objects.count()) == (19, 1)


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_second_click_is_no_second_extension(round_: int) -> None:
    ann = make_person("ann")
    environment = make_environment(owner="ann", requested_by=ann)

    def extend() -> bool:
        try:
            environment_extend(
                actor=ann, environment_id=environment.pk, days=20, reason="The load test slips."
            )
        except (Stale, Refused):
            return False
        return True

    assert sorted(twice(extend)) == [False, True]
    environment.refresh_from_db()
    assert environment.ttl_extensions == 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("round_", ROUNDS)
def test_what_gets_more_time_is_not_taken_away(round_: int, stays: bool) -> None:
    make_small_blueprint()
    people = People()
    environment = built(people)
    Environment.objects.update(expires_at=clock.now())
    ttl_sweep(now=clock.now())
    run = step(Run.objects.get(action="destroy"))
    assert run.state == "apply_queued"

    def keep() -> bool:
        asked = {"environment_id": environment.pk, "reason": "The load test slips."}
        try:
            if stays:
                environment_promote(actor=people.adam, owner="rita", **asked)
            else:
                environment_extend(actor=people.rita, days=3, **asked)
        except (Stale, Refused):
            return False
        return True

    is_kept, _nothing = both(keep, lambda: run_execute(run_id=run.pk, worker="test"))
    environment.refresh_from_db()
    assert environment.state == ("ready" if is_kept else "destroyed")
    assert step(run).state == ("stale" if is_kept else "succeeded")

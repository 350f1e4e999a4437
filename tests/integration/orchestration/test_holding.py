"""Holding a run: its lease, its log, a cancel that is heard, and a database that goes away."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import Q

from common import clock
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind, RunState
from orchestration.engines.engine import Canceled
from orchestration.models import Run
from orchestration.services import holding, recovering
from orchestration.services.canceling import run_cancel
from orchestration.services.recording import Lost, event_add, lease_extend, run_claim, run_move
from tests.builders.small_environments import People, ask, log_of
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]


def claimed(people: People) -> Run:
    run = ask(people)
    now = clock.now()
    run_claim(run, RunState.PLANNING, worker="one", now=now, deadline=now + timedelta(minutes=1))
    return run


def test_who_lost_a_run_writes_nothing(people: People) -> None:
    run = claimed(people)
    other = Run.objects.get(pk=run.pk)
    run_move(other, RunState.QUEUED, fence=other.fence + 1)
    before = Run.objects.get(pk=run.pk).events
    with pytest.raises(Lost):
        event_add(run, EventKind.OUTPUT, "from the grave")
    with pytest.raises(Lost):
        run_move(run, RunState.PLAN_FAILED)
    assert not lease_extend(run, now=clock.now())
    assert Run.objects.get(pk=run.pk).events == before


def test_one_of_two_gets_the_claim(people: People) -> None:
    run = ask(people)
    other = Run.objects.get(pk=run.pk)
    now = clock.now()
    run_claim(run, RunState.PLANNING, worker="one", now=now, deadline=now)
    with pytest.raises(Lost):
        run_claim(other, RunState.PLANNING, worker="two", now=now, deadline=now)
    assert Run.objects.get(pk=run.pk).worker == "one"


def test_a_worker_that_was_only_late_keeps_its_run(people: People) -> None:
    """The sweep read its row just before the lease was extended."""
    run = claimed(people)
    seen = Run.objects.get(pk=run.pk)
    later = clock.now() + timedelta(minutes=2)
    assert lease_extend(run, now=later)
    with pytest.raises(Lost):
        recovering._take_one_back(seen, Q(lease_until__lt=later), later)
    assert Run.objects.get(pk=run.pk).state == "planning"


def test_steps_that_do_not_exist_are_refused(people: People) -> None:
    with pytest.raises(ValueError, match="cannot go"):
        run_move(ask(people), RunState.SUCCEEDED)


def test_a_worker_whose_database_is_silent_ends_by_its_own_clock(
    people: People, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    held = holding.Holder(claimed(people))
    assert not held.is_canceled()
    over = held._extended + holding.LEASE.total_seconds() + 1
    monkeypatch.setattr(holding.time, "monotonic", lambda: over)
    with django_assert_num_queries(0):
        assert held.is_canceled()
    assert held.is_lost


def test_what_a_program_says_fits_every_database(people: People) -> None:
    run = claimed(people)
    with holding.Holder(run) as held:
        held.hide = Redactor(["hunter2hunter2"])
        held.emit(EventKind.OUTPUT, "a\0b \udcff hunter2hunter2 " + "x" * 10_000)
    (line,) = log_of(run)[-1:]
    assert line.startswith("ab  [hidden] xxx")
    assert len(line) == 4000


def test_a_program_that_never_stops_talking_is_cut_off(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MOST_LINES", 10)
    run = claimed(people)
    with holding.Holder(run) as held:
        for number in range(50):
            held.emit(EventKind.OUTPUT, f"line {number}")
        held.emit(EventKind.ERROR, "the end")
    assert log_of(run)[-3:] == ["line 9", "More was said than is kept.", "the end"]


def test_a_write_is_repeated_when_the_database_comes_back(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(holding.connection, "close", lambda: None, raising=False)
    run = claimed(people)
    tries: list[int] = []

    def write() -> None:
        held.move(RunState.PLAN_FAILED, reason="said once")
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("the server closed the connection unexpectedly")

    with holding.Holder(run) as held:
        held.settled(write)
    assert (len(tries), Run.objects.get(pk=run.pk).state) == (3, "plan_failed")
    assert log_of(run).count("said once") == 1


def test_a_database_that_stays_away_ends_the_work(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(holding, "LEASE", timedelta(seconds=0.1))
    monkeypatch.setattr(holding.connection, "close", lambda: None, raising=False)

    def write() -> None:
        raise OperationalError

    with holding.Holder(claimed(people)) as held, pytest.raises(Lost):
        held.settled(write)
    assert held.is_canceled()


def test_a_cancel_at_the_last_moment_is_not_overlooked(people: People) -> None:
    run = claimed(people)
    run_cancel(actor=people.rita, run_id=run.pk)
    with holding.Holder(run) as held, pytest.raises(Canceled):
        held.require_wanted()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
class TestBesideTheWork:
    """With the thread that holds the run."""

    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(holding, "LOOK_EVERY", 0.02)
        monkeypatch.setattr(holding, "EXTEND_EVERY", 0.05)

    def soon(self, is_so: Any) -> bool:
        end = time.monotonic() + 20
        while not is_so() and time.monotonic() < end:
            time.sleep(0.02)
        return bool(is_so())

    def test_the_lease_goes_on(self, transactional_db: None, people: People) -> None:
        run = claimed(people)
        first: Any = run.lease_until
        with holding.Holder(run) as held:
            assert self.soon(lambda: Run.objects.filter(pk=run.pk, lease_until__gt=first).exists())
            assert not held.is_canceled()

    def test_a_cancel_is_heard(self, transactional_db: None, people: People) -> None:
        run = claimed(people)
        with holding.Holder(run) as held:
            run_cancel(actor=people.rita, run_id=run.pk)
            assert self.soon(held.is_canceled)
            with held.deaf():
                time.sleep(0.2)
                assert not held.is_canceled()

    def test_a_lost_run_is_noticed(self, transactional_db: None, people: People) -> None:
        run = claimed(people)
        with holding.Holder(run) as held:
            Run.objects.filter(pk=run.pk).update(fence=run.fence + 1)
            assert self.soon(lambda: held.is_lost)

    def test_who_hangs_loses_the_run(
        self, transactional_db: None, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(holding, "OVERTIME", timedelta())
        run = claimed(people)
        run.deadline = clock.now()
        with holding.Holder(run) as held:
            assert self.soon(lambda: held.is_lost)

    def test_two_threads_and_one_transaction_wait_for_nobody(
        self, transactional_db: None, people: People
    ) -> None:
        """The work writes for long while lines wait: neither holds what the other needs."""
        run = claimed(people)

        def write() -> None:
            event_add(run, EventKind.OUTPUT, "in the transaction")
            for number in range(20):
                held.emit(EventKind.OUTPUT, f"line {number}")
                time.sleep(0.02)
            held.move(RunState.PLAN_FAILED)

        begun = time.monotonic()
        with holding.Holder(run) as held:
            held.settled(write)
        assert time.monotonic() - begun < 10
        run.refresh_from_db()
        assert run.log.count() == run.events

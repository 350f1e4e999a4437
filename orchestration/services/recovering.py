"""What workers leave behind that are gone, and what waited too long."""

import logging
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q

from common import clock
from common.sweeping import swept
from orchestration.adapters.alone import Taken, alone
from orchestration.adapters.strays import end_strays
from orchestration.domain.states import (
    WAITING_FOR_WORKER,
    WORKING_STATES,
    EnvironmentState,
    RunAction,
    RunState,
)
from orchestration.engines.engine import EngineFailed
from orchestration.models import Environment, Resource, Run
from orchestration.selectors.runs import run_waiting
from orchestration.services import drift, jobs, state_files
from orchestration.services.holding import Holder
from orchestration.services.planning import give_up_request
from orchestration.services.recording import (
    Lost,
    environment_move,
    environment_well,
    run_claim,
    run_move,
)
from orchestration.services.tearing_down import (
    WHAT_NOW,
    cancel_out,
    environment_gone,
    remains_of,
)

log = logging.getLogger(__name__)

GONE = "Its worker is gone, so nobody knows how far it came."
AGAIN = "Its worker is gone; nothing was changed yet, so it begins again."
TOO_LATE = {
    RunState.QUEUED: "No worker took it up in time.",
    RunState.AWAITING_APPROVAL: "Nobody decided about it in time; plan it again.",
    RunState.APPROVED: "Nobody began with it in time; plan it again.",
    RunState.APPLY_QUEUED: "No worker began with it in time; plan it again.",
}
# A look is over soon; another process of this host that still works on it keeps it for itself.
_PATIENCE = 5.0


def runs_sweep(*, now: datetime) -> list[int]:
    """Take back what dead workers held, end what waited too long; return the runs to wake.

    What was only being planned or looked at begins again by itself. What was being changed is
    indeterminate: it is looked at, and never simply repeated.
    """
    _take_back(now)
    _end_late(now)
    waiting = Q(state__in=[one.value for one in WAITING_FOR_WORKER])
    # An indeterminate run holds its environment itself.
    blocked = ~Q(state=RunState.INDETERMINATE.value) & Q(environment__active_run__isnull=False)
    found = Run.objects.filter(waiting).exclude(blocked).order_by("pk")
    return list(found.values_list("pk", flat=True)[:100])


def _take_back(now: datetime) -> None:
    working = [one.value for one in WORKING_STATES]
    over = Q(lease_until__lt=now)

    def act(run: Run) -> bool:
        state = RunState(run.state)
        with transaction.atomic():
            # A worker that only was late has extended its lease by now, and keeps it.
            _take_one_back(run, over, now)
        log.warning("%s: its worker was gone while %s", run.reference, state.value)
        return True

    swept(Run.objects.filter(over, state__in=working), act, expected=(Lost,))


def _take_one_back(run: Run, over: Q, now: datetime) -> None:
    # The fence goes up, so that the old worker writes nothing, should it come back.
    fence = run.fence + 1
    if _changed_nothing(run) and run.cancel_requested_at is not None:
        run_move(run, RunState.CANCELING, only=over, now=now, fence=fence, lease_until=None)
        run_move(run, RunState.CANCELED, reason="Canceled; nothing was changed.", now=now)
        give_up_request(run)
    elif _changed_nothing(run):
        run_move(run, RunState.QUEUED, text=AGAIN, only=over, now=now, fence=fence)
    else:
        run_move(run, RunState.INDETERMINATE, reason=GONE, only=over, now=now, fence=fence)


def _changed_nothing(run: Run) -> bool:
    return run.state == RunState.PLANNING or not RunAction(run.action).mutates


def _end_late(now: datetime) -> None:
    oldest = now - settings.ORCHESTRATION_APPROVAL_TIME
    late = Q(state__in=[one.value for one in TOO_LATE], expires_at__lt=now)
    never = Q(state=RunState.QUEUED, requested_at__lt=oldest)

    def act(run: Run) -> bool:
        with transaction.atomic():
            run_move(run, RunState.EXPIRED, reason=TOO_LATE[RunState(run.state)], now=now)
            give_up_request(run)
        return True

    swept(Run.objects.filter(late | never), act, expected=(Lost,))


def workdirs_forget() -> None:
    """Remove what killed workers of this host left: such a folder may hold secrets."""
    folder = jobs.workdirs()
    if not folder.is_dir():
        return
    named = {path: path.name.rsplit("-", 1)[0] for path in folder.iterdir()}
    working = Run.objects.filter(state__in=[one.value for one in WORKING_STATES])
    kept = {run.reference for run in working.only("pk")}
    for path, reference in named.items():
        if reference not in kept:
            _forget(path)


def _forget(workdir: Path) -> None:
    """End what a dead worker's engine may still do there, and remove the folder."""
    if ended := end_strays(workdir):
        log.warning("%s: %d processes outlived their worker, and were ended", workdir.name, ended)
    shutil.rmtree(workdir, ignore_errors=True)


def run_reconcile(*, run_id: int, worker: str) -> None:
    """Look what there really is after a worker was lost, and end its run by that."""
    run = run_waiting(run_id, RunState.INDETERMINATE)
    if run is None or state_files.is_settling(run, clock.now()):
        return
    who = f"{run.reference} {worker}"
    try:
        with alone(jobs.lock_of(run.environment), who=who, seconds=_PATIENCE):
            # Its worker is dead, or it would hold the lock; what it started might still go on.
            for workdir in jobs.workdirs().glob(f"{run.reference}-*"):
                _forget(workdir)
            _reconcile(run, worker)
    except Taken as error:
        # It is stopped, not dead: what it started may still go on.
        log.error("%s cannot be looked at: %s still lives", run.reference, error.holder)


def _reconcile(run: Run, worker: str) -> None:
    now = clock.now()
    deadline = now + settings.ORCHESTRATION_APPLY_TIME
    try:
        run_claim(run, RunState.RECONCILING, worker=worker, now=now, deadline=deadline)
    except Lost:
        return
    with Holder(run) as held, held.deaf():
        try:
            held.hide = jobs.redactor_of(run)
            if run.cancel_requested_at is not None:
                cancel_out(run, held)
            else:
                _settle(run, held, _wrong(run, held))
        except Lost:
            log.warning("%s has another holder by now", run.reference)
        except EngineFailed as error:
            with suppress(Lost):
                _settle(run, held, [f"It could not be looked at: {error.message}"])
        except DatabaseError:
            raise
        except Exception as error:  # it would come back each minute, and hold the environment
            log.exception("%s: unexpected while it was looked at", run.reference)
            said = f"an error of the program itself ({type(error).__name__})"
            with suppress(Lost):
                _settle(run, held, [f"It could not be looked at: {said}."])


def _wrong(run: Run, held: Holder) -> list[str]:
    if run.action == RunAction.DESTROY:
        return list(remains_of(run, held))
    return drift.differences(run, held)


def _settle(run: Run, held: Holder, wrong: list[str]) -> None:
    def write() -> None:
        held.require_held()
        environment = Environment.objects.get(pk=run.environment_id)
        if wrong:
            text = "\n".join(wrong)
            environment_move(environment, EnvironmentState.DEGRADED, reason=held.hide(text))
            held.move(RunState.APPLY_FAILED, reason=f"{GONE} {text} {WHAT_NOW}")
        elif run.action == RunAction.DESTROY:
            environment_gone(run)
            held.move(RunState.SUCCEEDED, reason=f"{GONE} Nothing of it is left.")
        else:
            for resource in jobs.resources_of(environment):
                applied = jobs.applied_by(run, resource)
                Resource.objects.filter(pk=resource.pk).update(applied=applied)
            environment_well(environment, clock.now())
            held.move(RunState.SUCCEEDED, reason=f"{GONE} Everything is there and works.")

    held.settled(write)

"""Taking an environment away, last built first, and the proof that nothing is left."""

import shutil
from collections.abc import Sequence

from django.db import transaction

from common import clock
from orchestration.adapters.probes import ProbeFailed, probe
from orchestration.domain.states import EnvironmentState, EventKind, RunAction, RunState
from orchestration.engines.engine import EngineFailed
from orchestration.models import Environment, Plan, Resource, Run
from orchestration.services import jobs
from orchestration.services.holding import Holder
from orchestration.services.planning import artifacts_of, secrets_forget
from orchestration.services.recording import Lost, environment_move

# Taking away is worth some time even where a run's own time is over.
SECONDS = 600.0
PROBE_SECONDS = 5.0
NOTHING_LEFT = "No process, port or folder of it is left, and nothing answers any more."
WHAT_NOW = "Look at the log, then repair the environment or destroy it."


def tear_down(run: Run, held: Holder) -> None:
    """Destroy every resource. One that fails does not keep the others; raises the first failure."""
    failed: EngineFailed | None = None
    for resource in reversed(jobs.resources_of(run.environment)):
        if held.is_lost:
            raise Lost
        held.emit(EventKind.STEP, f"Taking away {resource.name}")
        try:
            _destroy(run, resource, held)
        except EngineFailed as error:
            held.emit(EventKind.ERROR, f"{resource.name}: {error.message}")
            failed = failed or error
    if failed is not None:
        raise failed


def _destroy(run: Run, resource: Resource, held: Holder) -> None:
    with jobs.job_for(
        run,
        resource,
        seconds=SECONDS,
        is_canceled=held.is_canceled,
        emit=held.emit,
        action=RunAction.DESTROY,
        artifact=_planned(run, resource),
    ) as job:
        jobs.engine_for(resource).destroy(job)


def _planned(run: Run, resource: Resource) -> bytes | None:
    """The engine's own plan of the destroy, where that is what was approved."""
    plan = Plan.objects.filter(run=run).first()
    if plan is None or run.action != RunAction.DESTROY:
        return None
    return artifacts_of(plan).get(resource.name)


def remains_of(run: Run, held: Holder) -> tuple[str, ...]:
    """What is still there, in words; empty is the proof that everything is gone."""
    left: list[str] = []
    for resource in jobs.resources_of(run.environment):
        with jobs.job_for(
            run,
            resource,
            seconds=60.0,
            is_canceled=lambda: False,
            emit=held.emit,
            action=RunAction.DESTROY,
        ) as job:
            found = [*jobs.engine_for(resource).remains(job), *_answers(run, resource)]
        left += [f"{resource.name}: {text}" for text in found]
    for text in left:
        held.emit(EventKind.ERROR, text)
    if not left:
        held.emit(EventKind.OUTPUT, NOTHING_LEFT)
    return tuple(left)


def _answers(run: Run, resource: Resource) -> Sequence[str]:
    """Past the engine: what was given out must not work any more."""
    outputs = jobs.outputs_of(resource)
    if not outputs:
        return ()
    expected = jobs.wanted_parameters(run, resource)
    try:
        is_local = jobs.engine_for(resource).is_local
        seen = probe(
            resource.capability, outputs, expected, seconds=PROBE_SECONDS, is_local=is_local
        )
    except ProbeFailed:
        return ()
    return ("It still answers.",) if seen.is_well else ()


def environment_gone(run: Run) -> None:
    """Note that nothing of the run's environment is left; its secrets are good for nothing."""
    environment = Environment.objects.get(pk=run.environment_id)
    environment_move(environment, EnvironmentState.DESTROYED, ended_at=clock.now())
    secrets_forget(environment)
    # What an engine kept there to know that all is gone has done its work.
    home = jobs.environment_home(environment)
    transaction.on_commit(lambda: shutil.rmtree(home, ignore_errors=True))


def cancel_out(run: Run, held: Holder) -> None:
    """End a run that was canceled while it changed things. A cancel is no rollback.

    What was never ready is taken away; what stood before stays, and is said to be half changed.
    """
    never_ready = run.action == RunAction.PROVISION and run.environment.ready_at is None
    left = (
        _taken_away(run, held) if never_ready else ("It was canceled in the middle of a change.",)
    )

    def write() -> None:
        held.require_held()
        if not left:
            environment_gone(run)
            held.move(RunState.CANCELED, reason="Canceled; what was built is gone again.")
            return
        environment = Environment.objects.get(pk=run.environment_id)
        text = held.hide("; ".join(left))
        environment_move(environment, EnvironmentState.DEGRADED, reason=text)
        held.move(RunState.CANCELED, reason=f"{text} {WHAT_NOW}")

    held.settled(write)


def _taken_away(run: Run, held: Holder) -> tuple[str, ...]:
    held.emit(EventKind.STEP, "Taking away what was built so far")
    try:
        tear_down(run, held)
        return remains_of(run, held)
    except EngineFailed as error:
        return (error.message,)

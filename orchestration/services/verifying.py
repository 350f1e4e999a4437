"""Seeing for ourselves that everything works, past the engine that built it."""

from contextlib import suppress

from django.conf import settings

from common import clock
from orchestration.adapters.probes import ProbeFailed, probe
from orchestration.domain.states import EnvironmentState, EventKind, RunState
from orchestration.engines.engine import Canceled, EngineFailed
from orchestration.models import Environment, Resource, Run
from orchestration.selectors.runs import run_waiting
from orchestration.services import jobs
from orchestration.services.holding import Holder
from orchestration.services.recording import Lost, environment_move, run_claim


def run_verify(*, run_id: int, worker: str) -> None:
    """Carry out a run that only verifies. Whoever comes second does nothing.

    While another run changes the environment it waits.
    """
    run = run_waiting(run_id, RunState.QUEUED)
    if run is None:
        return
    now = clock.now()
    deadline = now + settings.ORCHESTRATION_VERIFY_TIME
    if run.environment.active_run_id is not None:
        return
    try:
        run_claim(run, RunState.VERIFYING, worker=worker, now=now, deadline=deadline)
    except Lost:
        return
    with Holder(run) as held, suppress(Lost):
        try:
            held.hide = jobs.redactor_of(run)
            _settle(run, held, faults(run, held))
        except Canceled:
            if not held.is_lost:
                _canceled(held)
        except EngineFailed as error:
            reason = f"It could not be looked at: {error.message}"
            held.settled(lambda: held.move(RunState.VERIFY_FAILED, reason=reason))


def _settle(run: Run, held: Holder, wrong: list[str]) -> None:
    def write() -> None:
        held.require_held()
        environment = Environment.objects.select_for_update().get(pk=run.environment_id)
        is_same = (
            environment.active_run_id is None
            and environment.generation == run.environment.generation
        )
        if not is_same:
            held.move(RunState.VERIFY_FAILED, reason="It was changed meanwhile; look again.")
        elif wrong:
            text = "\n".join(wrong)
            if environment.state in _STANDING:
                environment_move(environment, EnvironmentState.DEGRADED, reason=held.hide(text))
            held.move(RunState.VERIFY_FAILED, reason=text)
        else:
            _recover(environment)
            held.move(RunState.SUCCEEDED, reason="Everything answers as declared.")

    held.settled(write)


def _canceled(held: Holder) -> None:
    def write() -> None:
        held.move(RunState.CANCELING)
        held.move(RunState.CANCELED, reason="Canceled; nothing was changed.")

    with held.deaf():
        held.settled(write)


def faults(run: Run, held: Holder) -> list[str]:
    """What does not work, in words for a person; empty where everything does."""
    found = []
    for resource in jobs.resources_of(run.environment):
        if held.is_canceled():
            raise Canceled("Canceled.")
        found += [f"{resource.name}: {text}" for text in _faults_of(run, resource, held)]
    return found


def _faults_of(run: Run, resource: Resource, held: Holder) -> list[str]:
    jobs.require_here(resource)
    outputs = jobs.outputs_of(resource)
    # References have no meaning to a probe: it is given outputs.
    expected = jobs.wanted_parameters(run, resource)
    try:
        is_local = jobs.engine_for(resource).is_local
        seen = probe(resource.capability, outputs, expected, seconds=30, is_local=is_local)
    except ProbeFailed as error:
        held.emit(EventKind.ERROR, f"{resource.name}: {error}")
        return [str(error)]
    kind = EventKind.OUTPUT if seen.is_well else EventKind.ERROR
    for sentence in seen.sentences:
        held.emit(kind, f"{resource.name}: {sentence}")
    return [] if seen.is_well else list(seen.sentences)


def _recover(environment: Environment) -> None:
    """It answers. What is drifted is still not as declared; what never was ready is not yet."""
    if environment.state == EnvironmentState.DEGRADED and environment.ready_at is not None:
        environment_move(environment, EnvironmentState.READY)
    Environment.objects.filter(pk=environment.pk).update(verified_at=clock.now())


_STANDING = (
    EnvironmentState.READY,
    EnvironmentState.DRIFTED,
    EnvironmentState.EXPIRING,
    EnvironmentState.DEGRADED,
)

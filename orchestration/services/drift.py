"""Is it still as it was declared? A look that fails is no answer."""

from django.conf import settings
from django.utils.timezone import localtime

from common import clock
from orchestration.domain.redaction import readable
from orchestration.domain.states import (
    GONE_STATES,
    EnvironmentState,
    EventKind,
    RunAction,
    RunState,
)
from orchestration.engines.engine import Canceled
from orchestration.models import Environment, Resource, Run
from orchestration.services import jobs, verifying
from orchestration.services.holding import Holder
from orchestration.services.recording import environment_move, environment_well

# What is kept of a look: differences, and characters of each.
MOST_SAID = 100
LONGEST_SAID = 1000


def look(run: Run, held: Holder) -> None:
    """Carry out a run that looks for drift. Raises EngineFailed where it could not look."""
    found = differences(run, held)

    def write() -> None:
        held.require_held()
        environment = Environment.objects.select_for_update().get(pk=run.environment_id)
        is_same = (
            environment.active_run_id is None
            and environment.generation == run.environment.generation
            and environment.state not in GONE_STATES
        )
        if not is_same:
            reason = "It was changed while it was looked at; look again."
            held.move(RunState.PLAN_FAILED, reason=reason)
        elif found:
            _note_drift(environment, held.hide("\n".join(found)))
            held.move(RunState.DRIFT_FOUND, reason="\n".join(found))
        else:
            environment_well(environment, clock.now())
            held.move(RunState.NO_CHANGES, reason="Everything is as it was declared.")

    held.settled(write)


def _note_drift(environment: Environment, text: str) -> None:
    is_ending = environment.state == EnvironmentState.EXPIRING
    state = EnvironmentState.EXPIRING if is_ending else EnvironmentState.DRIFTED
    environment_move(environment, state, reason=text, checked_at=clock.now())


def differences(run: Run, held: Holder) -> list[str]:
    """What differs from what was declared, resource by resource: engine's look and our own."""
    found: list[str] = []
    for resource in jobs.resources_of(run.environment):
        if held.is_canceled():
            raise Canceled("Canceled.")
        seen = _observed(run, resource, held)
        found += [f"{resource.name}: {text}" for text in seen]
    said = set(found)
    return found + [text for text in verifying.faults(run, held) if text not in said]


def _observed(run: Run, resource: Resource, held: Holder) -> list[str]:
    held.emit(EventKind.STEP, f"Looking at {resource.name}")
    with jobs.job_for(
        run,
        resource,
        seconds=settings.ORCHESTRATION_PLAN_TIME.total_seconds(),
        is_canceled=held.is_canceled,
        emit=held.emit,
        action=RunAction.DRIFT,
    ) as job:
        seen = jobs.engine_for(resource).observe(job)
    # What a stranger's system says of it is kept, and shown to everybody.
    said = [held.hide(readable(one))[:LONGEST_SAID] for one in seen.differences[:MOST_SAID]]
    now = clock.now()
    if seen.is_present:
        jobs.stand_here(resource)
    Resource.objects.filter(pk=resource.pk).update(
        observed={"is_present": seen.is_present, "differences": said},
        observed_at=now,
    )
    gone = [] if seen.is_present else [f"It was not there at {localtime(now):%H:%M}."]
    return [*gone, *said]

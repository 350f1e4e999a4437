"""Carrying out an approved plan: exactly that one, by one worker, and then verified."""

import json
import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F

from common import clock
from common.encryption import seal
from common.errors import Stale
from orchestration.adapters.alone import Taken, alone
from orchestration.domain.redaction import readable
from orchestration.domain.states import (
    EnvironmentState,
    EventKind,
    RunAction,
    RunState,
)
from orchestration.engines.engine import (
    Applied,
    Canceled,
    EngineFailed,
    EngineUnknown,
)
from orchestration.models import Environment, Output, Plan, Resource, Run
from orchestration.selectors.blueprints import manifest_of
from orchestration.selectors.runs import run_waiting
from orchestration.services import jobs, verifying
from orchestration.services.approving import why_no_longer
from orchestration.services.holding import Holder
from orchestration.services.planning import artifacts_of, give_up_request
from orchestration.services.recording import (
    Lost,
    environment_hold,
    environment_move,
    environment_well,
    plain,
    run_claim,
    run_move,
)
from orchestration.services.tearing_down import (
    NOTHING_LEFT,
    WHAT_NOW,
    cancel_out,
    environment_gone,
    remains_of,
    tear_down,
)

log = logging.getLogger(__name__)

# What is kept of an answer (characters): an output that anybody may see, and all facts together.
LONGEST_OUTPUT = 1000
MOST_FACTS = 64_000


def run_apply(*, run_id: int, worker: str) -> None:
    """Carry out a run whose plan was approved. Whoever comes second does nothing.

    While another run changes the environment it goes on waiting; the sweep comes back to it.
    """
    run = run_waiting(run_id, RunState.APPLY_QUEUED)
    if run is None:
        return
    try:
        with alone(jobs.lock_of(run.environment), who=f"{run.reference} {worker}", seconds=0):
            _apply(run, worker)
    except Taken as error:
        log.warning("%s waits: %s still holds its environment", run.reference, error.holder)


def _apply(run: Run, worker: str) -> None:
    try:
        if not _begun(run, worker, clock.now()):
            return
    except (Lost, Stale):
        return
    with Holder(run) as held:
        try:
            held.hide = jobs.redactor_of(run)
            _carry_out(run, held)
        except Lost:
            log.warning("%s has another holder by now", run.reference)
        except EngineFailed as error:
            if held.is_lost:
                return
            with suppress(Lost):
                _ended_early(run, held, error)


def _begun(run: Run, worker: str, now: datetime) -> bool:
    """Ask once more whether it may be, take environment and run, and note what is wanted now."""
    # A worker of that host takes it up, as it took up the plan.
    if any(map(jobs.is_elsewhere, jobs.resources_of(run.environment))):
        return False
    refused = why_no_longer(run, now)
    with transaction.atomic():
        if refused is not None:
            state, why = refused
            run_move(run, state, reason=why)
            give_up_request(run)
            return False
        # Nothing changed since it was read above: the environment has a fence.
        deadline = now + settings.ORCHESTRATION_APPLY_TIME
        run_claim(run, RunState.APPLYING, worker=worker, now=now, deadline=deadline)
        environment = run.environment
        environment_hold(environment, run)
        is_destroy = run.action == RunAction.DESTROY
        environment_move(
            environment,
            EnvironmentState.DESTROYING if is_destroy else EnvironmentState.PROVISIONING,
            # Whatever was planned before is stale from here on, however this ends.
            generation=F("generation") + 1,
        )
        environment.refresh_from_db()
        for resource in jobs.resources_of(environment):
            Resource.objects.filter(pk=resource.pk).update(
                tier=jobs.wanted_tier(run, resource),
                applied=jobs.in_doubt(resource.applied),
            )
    return True


def _carry_out(run: Run, held: Holder) -> None:
    if run.action == RunAction.DESTROY:
        tear_down(run, held)
        _destroyed(run, held)
        return
    _apply_resources(run, held)
    held.hide = jobs.redactor_of(run)
    verify_applied(run, held)


def _apply_resources(run: Run, held: Holder) -> None:
    artifacts = artifacts_of(Plan.objects.get(run=run))
    for resource in jobs.resources_of(run.environment):
        if held.is_canceled():
            raise Canceled("Canceled.")
        title = resource.version.manifest["title"]
        held.emit(EventKind.STEP, f"Building {resource.name} ({title}, {resource.tier})")
        with jobs.job_for(
            run,
            resource,
            seconds=seconds_left(run),
            is_canceled=held.is_canceled,
            emit=held.emit,
            artifact=artifacts.get(resource.name),
        ) as job:
            held.settled(partial(_stand_here, resource, held))
            applied = jobs.engine_for(resource).apply(job)
        _keep(run, resource, applied, held)


def _stand_here(resource: Resource, held: Holder) -> None:
    held.require_held()
    jobs.stand_here(resource)


def seconds_left(run: Run) -> float:
    """Until the phase's deadline, and never nothing: the engine itself says that time is over."""
    left = (run.deadline - clock.now()).total_seconds() if run.deadline else 0.0
    return max(left, 1.0)


def _keep(run: Run, resource: Resource, applied: Applied, held: Holder) -> None:
    """Note at once what there is now: a later resource may fail, and this one must be destroyed."""
    secret = {one.name for one in manifest_of(resource.version).outputs if one.is_secret}
    _require_storable(resource, applied, secret)

    def write() -> None:
        held.require_held()
        Resource.objects.filter(pk=resource.pk).update(
            facts=dict(applied.facts),
            applied=jobs.applied_by(run, resource),
        )
        for name, value in applied.outputs.items():
            is_secret = name in secret
            Output.objects.update_or_create(
                resource=resource,
                name=name,
                defaults={
                    "value": "" if is_secret else value,
                    "sealed": seal(value) if is_secret else "",
                },
            )

    held.settled(write)
    # What is made later may speak of its new secrets.
    held.hide = jobs.redactor_of(run)
    if applied.changed is not None:
        held.emit(EventKind.OUTPUT, f"{resource.name}: {applied.changed} things changed.")


def _require_storable(resource: Resource, applied: Applied, secret: Collection[str]) -> None:
    """Raises EngineFailed for what no row holds: engines pass on what strangers' systems say."""
    wrong = [
        name
        for name, value in applied.outputs.items()
        if value != plain(value)
        or (name not in secret and (len(value) > LONGEST_OUTPUT or _gives_orders(value)))
    ]
    facts = json.dumps(dict(applied.facts), ensure_ascii=False)
    if len(facts) > MOST_FACTS or facts != plain(facts) or "\\u0000" in facts:
        wrong.append("facts")
    if wrong:
        raise EngineFailed(
            f"{resource.name}: what it puts out cannot be kept ({', '.join(sorted(wrong))}).",
            "Look at what the engine, or its target, answers.",
        )


def _gives_orders(value: str) -> bool:
    """Whether a terminal would take some of it for an order; a certificate has several lines."""
    lines = value.replace("\r\n", "\n")
    return readable(lines) != lines


def verify_applied(run: Run, held: Holder) -> None:
    """See for ourselves that it works, and end the run by that."""
    deadline = clock.now() + settings.ORCHESTRATION_VERIFY_TIME
    held.settled(lambda: held.move(RunState.VERIFYING, deadline=deadline))
    wrong = verifying.faults(run, held)

    def write() -> None:
        held.require_held()
        environment = Environment.objects.get(pk=run.environment_id)
        if wrong:
            text = "\n".join(wrong)
            environment_move(environment, EnvironmentState.DEGRADED, reason=held.hide(text))
            held.move(RunState.VERIFY_FAILED, reason=f"{text} {WHAT_NOW}")
        else:
            environment_well(environment, clock.now())
            held.move(RunState.SUCCEEDED, reason="Built, and seen to work.")

    held.settled(write)


def _destroyed(run: Run, held: Holder) -> None:
    """End a destroy by its proof."""
    left = remains_of(run, held)
    if left:
        raise EngineFailed(f"Something is still there: {'; '.join(left)}.", WHAT_NOW)
    deadline = clock.now() + settings.ORCHESTRATION_VERIFY_TIME
    held.settled(lambda: held.move(RunState.VERIFYING, deadline=deadline))

    def write() -> None:
        held.require_held()
        environment_gone(run)
        held.move(RunState.SUCCEEDED, reason=NOTHING_LEFT)

    held.settled(write)


def _ended_early(run: Run, held: Holder, error: EngineFailed) -> None:
    held.emit(EventKind.ERROR, error.message)
    if isinstance(error, EngineUnknown):
        held.settled(lambda: held.move(RunState.INDETERMINATE, reason=error.message))
        return
    if isinstance(error, Canceled):
        _cancel(run, held)
        return

    def write() -> None:
        environment = Environment.objects.get(pk=run.environment_id)
        text = held.hide(error.message)
        environment_move(environment, EnvironmentState.DEGRADED, reason=text)
        state = RunState.APPLY_FAILED if run.state == RunState.APPLYING else RunState.VERIFY_FAILED
        held.move(state, reason=f"{error.message} {error.advice or WHAT_NOW}")

    held.settled(write)


def _cancel(run: Run, held: Holder) -> None:
    """Take away what was never ready; what stood before stays, and is said to be half changed."""
    with held.deaf():
        deadline = clock.now() + settings.ORCHESTRATION_APPLY_TIME
        held.settled(lambda: held.move(RunState.CANCELING, deadline=deadline))
        cancel_out(run, held)

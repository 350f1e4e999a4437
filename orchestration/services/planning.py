"""Planning a run: what it would do, what the policy says of that, and who must agree."""

import base64
import hashlib
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.conf import settings

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role, allows
from common import clock
from common.encryption import seal, unseal
from orchestration.domain.plans import Change, ChangeKind, digest_of
from orchestration.domain.redaction import Redactor, readable
from orchestration.domain.states import (
    EnvironmentState,
    EventKind,
    Fidelity,
    RunAction,
    RunState,
)
from orchestration.engines.engine import Canceled, EngineFailed, Planned
from orchestration.models import Environment, Output, Plan, Run, RunReport, StateFile
from orchestration.selectors.costs import costs_of
from orchestration.selectors.runs import run_waiting
from orchestration.services import drift, jobs
from orchestration.services.holding import Holder
from orchestration.services.policy import (
    GRANTED,
    PUT_OFF,
    is_granted,
    is_put_off,
    parts_refused,
    verdicts_of,
)
from orchestration.services.recording import Lost, environment_move, run_claim

log = logging.getLogger(__name__)

# From the least that a plan knows to the most: a run's plan is as good as its worst part.
_FIDELITIES = (Fidelity.NONE, Fidelity.ADVISORY, Fidelity.EXACT)


def run_plan(*, run_id: int, worker: str) -> None:
    """Plan a queued run, or look for drift. Whoever comes second does nothing.

    While another run changes the environment it waits: nobody can say yet what will be there.
    """
    run = run_waiting(run_id, RunState.QUEUED)
    if run is None:
        return
    now = clock.now()
    deadline = now + settings.ORCHESTRATION_PLAN_TIME
    if run.environment.active_run_id is not None:
        return
    try:
        run_claim(run, RunState.PLANNING, worker=worker, now=now, deadline=deadline)
    except Lost:
        return
    with Holder(run) as held:
        try:
            held.hide = jobs.redactor_of(run)
            _plan(run, held)
        except Lost:
            log.warning("%s has another holder by now", run.reference)
        except Canceled:
            _canceled(run, held)
        except EngineFailed as error:
            _failed(run, held, error)


def _plan(run: Run, held: Holder) -> None:
    if run.action == RunAction.DRIFT:
        drift.look(run, held)
        return
    _require_allowed(run)
    planned = _planned_resources(run, held)
    changes = [change for one in planned.values() for change in one.changes]
    # What is to come or to go does so where there is nothing to do for it, too: with its proof.
    comes_or_goes = run.action in (RunAction.PROVISION, RunAction.DESTROY)
    if not comes_or_goes and all(one.kind is ChangeKind.NONE for one in changes):
        reason = "Everything is as it was declared."
        held.settled(lambda: held.move(RunState.NO_CHANGES, reason=reason))
        return
    basis = jobs.basis_of(run)

    def write() -> None:
        # Who takes it next finds a run that was judged, or one that has to be planned again.
        held.require_wanted()
        plan = _stored(run, planned, changes, basis)
        held.move(RunState.PLANNED, expires_at=plan.expires_at)
        held.move(RunState.POLICY_CHECK)
        _judge(run, plan, held)

    held.settled(write)


def _require_allowed(run: Run) -> None:
    """Planning runs what the blueprint brings: may it be used, and may whoever asked still ask?

    Raises EngineFailed.
    """
    refused = [] if run.action == RunAction.DESTROY else [one.text for one in parts_refused(run)]
    if refused:
        raise EngineFailed(" ".join(refused), "Nothing of it was run.")
    if run.requested_by_id is None:  # the product itself asks
        return
    (asker,) = accounts_selectors.people_by_id([run.requested_by_id])
    if not asker.is_active or not allows(Role(asker.role), Role.CONTRIBUTOR):
        raise EngineFailed("Whoever asked for it may not do so any more.", "Ask for it anew.")


def _planned_resources(run: Run, held: Holder) -> dict[str, Planned]:
    found = {}
    for resource in jobs.resources_of(run.environment):
        held.emit(EventKind.STEP, f"Planning {resource.name} ({resource.version.blueprint.title})")
        engine = jobs.engine_for(resource)
        missing = engine.missing(resource.version.manifest)
        if missing and run.action != RunAction.DESTROY:
            raise EngineFailed(
                " ".join(f"{one.what} is missing on this host." for one in missing),
                " ".join(one.advice for one in missing),
            )
        with jobs.job_for(
            run,
            resource,
            seconds=settings.ORCHESTRATION_PLAN_TIME.total_seconds(),
            is_canceled=held.is_canceled,
            emit=held.emit,
        ) as job:
            planned = (
                _destroying(resource.name, job.manifest["title"], engine.fidelity)
                if run.action == RunAction.DESTROY and not engine.plans_destroy
                else engine.plan(job)
            )
        found[resource.name] = _hidden(planned, held.hide)
        if held.is_canceled():
            raise Canceled("Canceled.")
    return found


def _hidden(planned: Planned, hide: Redactor) -> Planned:
    """Without what nobody may see, also where an engine forgot to take it out."""
    changes = tuple(
        replace(
            one,
            subject=hide(readable(one.subject)),
            details=tuple(hide(readable(line)) for line in one.details),
        )
        for one in planned.changes
    )
    return replace(planned, changes=changes)


def _destroying(name: str, title: str, fidelity: Fidelity) -> Planned:
    change = Change(name, ChangeKind.DELETE, f"{title} and all its data", is_destructive=True)
    return Planned((change,), min(fidelity, Fidelity.ADVISORY, key=_FIDELITIES.index))


def _stored(
    run: Run, planned: dict[str, Planned], changes: Sequence[Change], basis: dict[str, Any]
) -> Plan:
    now = clock.now()
    costs = costs_of(run.environment, wanted=run.wanted, now=now)
    artifacts = {
        name: base64.b64encode(one.artifact).decode()
        for name, one in planned.items()
        if one.artifact is not None
    }
    Plan.objects.filter(run=run).delete()
    return Plan.objects.create(
        run=run,
        digest=digest_of(
            {
                **basis,
                "changes": [one.document() for one in changes],
                "artifacts": {
                    name: hashlib.sha256(text.encode()).hexdigest()
                    for name, text in artifacts.items()
                },
            }
        ),
        fidelity=min((one.fidelity for one in planned.values()), key=_FIDELITIES.index),
        changes=[one.document() for one in changes],
        basis=basis,
        artifact=seal(json.dumps(artifacts)) if artifacts else "",
        monthly_cost=costs.monthly,
        cost_until_end=costs.until_end,
        currency=costs.currency,
        generation=run.environment.generation,
        made_at=now,
        expires_at=now + settings.ORCHESTRATION_APPROVAL_TIME,
    )


def _judge(run: Run, plan: Plan, held: Holder) -> None:
    """Let the policy look at the plan; a person decides about what it lets through."""
    # Its end may have been put off while it was planned.
    run.environment.refresh_from_db(
        fields=["expires_at", "promoted_at", "adopted_at", "deletion_policy"]
    )
    verdicts = verdicts_of(run, plan)
    plan.verdicts = [one.document() for one in verdicts]
    plan.save(update_fields=["verdicts"])
    against = [one for one in verdicts if one.is_refusal]
    for one in verdicts:
        held.emit(EventKind.WARNING if one.asks else EventKind.OUTPUT, one.text)
    if against:
        held.move(RunState.POLICY_FAILED, reason="\n".join(one.text for one in against))
        give_up_request(run)
    elif is_granted(run, clock.now()):
        held.move(RunState.APPROVED, reason=GRANTED)
        held.move(RunState.APPLY_QUEUED)
    else:
        held.move(RunState.AWAITING_APPROVAL)
        if is_put_off(run, clock.now()):
            held.move(RunState.STALE, reason=PUT_OFF)


def _failed(run: Run, held: Holder, error: EngineFailed) -> None:
    if held.is_lost:
        return
    held.emit(EventKind.ERROR, error.message)

    def write() -> None:
        held.move(RunState.PLAN_FAILED, reason=f"{error.message} {error.advice}".strip())
        give_up_request(run)

    with suppress(Lost):
        held.settled(write)


def _canceled(run: Run, held: Holder) -> None:
    if held.is_lost:
        return

    def write() -> None:
        held.move(RunState.CANCELING)
        held.move(RunState.CANCELED, reason="Canceled while it was planned; nothing was changed.")
        give_up_request(run)

    with held.deaf(), suppress(Lost):
        held.settled(write)


def give_up_request(run: Run) -> None:
    """An environment that was only asked for is over when its first run ends before applying."""
    environment = Environment.objects.get(pk=run.environment_id)
    if run.action == RunAction.PROVISION and environment.state == EnvironmentState.REQUESTED:
        environment_move(
            environment,
            EnvironmentState.DESTROYED,
            reason="Nothing was built.",
            ended_at=clock.now(),
        )
        secrets_forget(environment)


def secrets_forget(environment: Environment) -> None:
    """Forget what was sealed for an environment of which nothing stands, plan files included."""
    resources = environment.resources.all()
    Output.objects.filter(resource__in=resources).delete()
    StateFile.objects.filter(resource__in=resources).delete()
    RunReport.objects.filter(resource__in=resources).delete()
    resources.update(secrets="")
    # The digest stays: it was made from the file, and is only compared.
    Plan.objects.filter(run__environment=environment).exclude(artifact="").update(artifact="")


def artifacts_of(plan: Plan) -> dict[str, bytes]:
    """The engines' own plan files, by resource."""
    stored: dict[str, str] = json.loads(unseal(plan.artifact)) if plan.artifact else {}
    return {name: base64.b64decode(text) for name, text in stored.items()}

"""Environments, runs, blueprints, targets and proposals as JSON; nothing of it is secret."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from common import clock
from orchestration.domain.states import FINAL_RUN_STATES
from orchestration.models import (
    Approval,
    Blueprint,
    BlueprintVersion,
    Environment,
    Plan,
    Proposal,
    Resource,
    Run,
    RunEvent,
    StateFile,
    Target,
)
from orchestration.selectors.costs import costs_of
from orchestration.selectors.environments import outputs_of
from orchestration.selectors.lists import debts_of, open_runs_of
from orchestration.selectors.pages_environments import resource_rows
from orchestration.selectors.targets import values_shown


def environment_line(environment: Environment) -> dict[str, Any]:
    """What a list says of an environment."""
    return {
        "id": environment.pk,
        "reference": environment.reference,
        "key": str(environment.key),
        "name": environment.name,
        "purpose": environment.purpose,
        "owner": environment.owner,
        "team": environment.team.slug if environment.team else None,
        "requested_by": _name(environment.requested_by),
        "state": environment.state,
        "state_reason": environment.state_reason,
        "is_production": environment.is_production,
        "deletion_policy": environment.deletion_policy,
        "system": environment.system,
        "justification": environment.justification,
        "generation": environment.generation,
        "ttl_extensions": environment.ttl_extensions,
        "active_run": environment.active_run.reference if environment.active_run else None,
        "created_at": _moment(environment.created_at),
        "expires_at": _moment(environment.expires_at),
        "promoted_at": _moment(environment.promoted_at),
        "adopted_at": _moment(environment.adopted_at),
        "ready_at": _moment(environment.ready_at),
        "verified_at": _moment(environment.verified_at),
        "checked_at": _moment(environment.checked_at),
        "ended_at": _moment(environment.ended_at),
        "updated_at": _moment(environment.updated_at),
    }


def environment_document(environment: Environment) -> dict[str, Any]:
    """One environment with its resources, outputs (secret ones without a value), runs and costs."""
    costs = costs_of(environment, now=clock.now())
    outputs: dict[str, list[dict[str, Any]]] = {}
    for one in outputs_of(environment):
        shown = {
            "name": one.name,
            "value": None if one.is_secret else one.value,
            "is_secret": one.is_secret,
        }
        outputs.setdefault(one.resource, []).append(shown)
    return {
        **environment_line(environment),
        "monthly_cost": _money(costs.monthly),
        "cost_until_end": _money(costs.until_end),
        "currency": costs.currency,
        "resources": [
            _resource(one, outputs.get(one.name, [])) for one in resource_rows([environment])
        ],
        "open_runs": [one.reference for one in open_runs_of(environment)],
        "debts": [
            {"reference": one.item.reference, "role": one.role} for one in debts_of(environment)
        ],
    }


def _resource(resource: Resource, outputs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "id": resource.pk,
        "name": resource.name,
        "capability": resource.capability,
        "blueprint": resource.version.blueprint.name,
        "version": resource.version.number,
        "tier": resource.tier,
        "target": resource.target.name,
        "parameters": resource.parameters,
        "observed": resource.observed,
        "observed_at": _moment(resource.observed_at),
        "outputs": list(outputs),
    }


def run_line(run: Run) -> dict[str, Any]:
    """What a list says of a run."""
    return {
        "id": run.pk,
        "reference": run.reference,
        "environment": run.environment.reference,
        "environment_name": run.environment.name,
        "action": run.action,
        "state": run.state,
        "reason": run.reason,
        "wanted": run.wanted,
        "requested_by": _name(run.requested_by),
        "requested_at": _moment(run.requested_at),
        "state_at": _moment(run.state_at),
        "expires_at": _moment(run.expires_at),
        "cancel_requested_at": _moment(run.cancel_requested_at),
        "ended_at": _moment(run.ended_at),
        "events": run.events,
        "is_over": run.state in FINAL_RUN_STATES,
    }


def run_document(run: Run) -> dict[str, Any]:
    """One run with its plan and what people decided about it."""
    plan = getattr(run, "plan", None)
    return {
        **run_line(run),
        "plan": plan_document(plan) if plan else None,
        "decisions": [
            _decision(one) for one in run.approvals.select_related("approver").order_by("pk")
        ],
    }


def plan_document(plan: Plan) -> dict[str, Any]:
    """What a run would do: exactly what an approver agrees to with the digest."""
    return {
        "digest": plan.digest,
        "fidelity": plan.fidelity,
        "changes": plan.changes,
        "verdicts": plan.verdicts,
        "monthly_cost": _money(plan.monthly_cost),
        "cost_until_end": _money(plan.cost_until_end),
        "currency": plan.currency,
        "generation": plan.generation,
        "made_at": _moment(plan.made_at),
        "expires_at": _moment(plan.expires_at),
    }


def _decision(approval: Approval) -> dict[str, Any]:
    return {
        "decision": approval.decision,
        "digest": approval.digest,
        "by": approval.approver.username,
        "reason": approval.reason,
        "at": _moment(approval.at),
        "expires_at": _moment(approval.expires_at),
    }


def event_document(event: RunEvent) -> dict[str, Any]:
    """One line of a run's log."""
    return {
        "sequence": event.sequence,
        "at": _moment(event.at),
        "kind": event.kind,
        "text": event.text,
        "data": event.data,
    }


def blueprint_document(blueprint: Blueprint) -> dict[str, Any]:
    """One blueprint and its current version."""
    current = blueprint.current
    return {
        "id": blueprint.pk,
        "name": blueprint.name,
        "title": blueprint.title,
        "capability": blueprint.capability,
        "source": blueprint.source.name if blueprint.source else None,
        "created_at": _moment(blueprint.created_at),
        "current": version_line(current) if current else None,
        "manifest": current.manifest if current else None,
    }


def version_line(version: BlueprintVersion) -> dict[str, Any]:
    """What a list says of a version."""
    return {
        "id": version.pk,
        "blueprint": version.blueprint.name,
        "number": version.number,
        "digest": version.digest,
        "state": version.state,
        "commit": version.commit,
        "created_at": _moment(version.created_at),
        "decided_at": _moment(version.decided_at),
        "decided_by": _name(version.decided_by),
        "decision_note": version.decision_note,
    }


def version_document(version: BlueprintVersion) -> dict[str, Any]:
    """One version whole: what is read before it is signed off."""
    return {**version_line(version), "manifest": version.manifest, "files": version.files}


def target_document(target: Target) -> dict[str, Any]:
    """One target; of a secret only whether it is set."""
    shown = values_shown(target)
    return {
        "id": target.pk,
        "name": target.name,
        "engine": target.engine,
        "values": {one.field.name: one.text for one in shown if not one.field.is_secret},
        "secrets": [one.field.name for one in shown if one.field.is_secret and one.is_set],
        "is_enabled": target.disabled_at is None,
        "created_at": _moment(target.created_at),
        "created_by": _name(target.created_by),
        "disabled_at": _moment(target.disabled_at),
    }


def lock_document(file: StateFile, *, is_at_work: bool) -> dict[str, Any]:
    """Who holds the lock of a resource's state; `is_at_work` where its run is not dead."""
    run = file.locked_by_run
    return {
        "id": file.resource_id,
        "environment": file.resource.environment.reference,
        "resource": file.resource.name,
        "run": run.reference if run else None,
        "operation": file.lock.get("Operation", ""),
        "who": file.lock.get("Who", ""),
        "since": _moment(file.locked_at),
        "is_at_work": is_at_work,
    }


def proposal_document(proposal: Proposal) -> dict[str, Any]:
    """What would prepare the refactor of a debt."""
    environment = proposal.environment
    return {
        "id": proposal.pk,
        "debt": proposal.item.reference,
        "debt_title": proposal.item.title,
        "state": proposal.state,
        "needs": list(proposal.needs),
        "resources": proposal.resources,
        "missing": proposal.missing,
        "monthly_cost": _money(proposal.monthly_cost),
        "currency": proposal.currency,
        "created_at": _moment(proposal.created_at),
        "decided_at": _moment(proposal.decided_at),
        "decided_by": _name(proposal.decided_by),
        "reason": proposal.reason,
        "environment": environment.reference if environment else None,
    }


def _name(person: Any) -> str | None:
    return person.username if person else None


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _money(value: Decimal | None) -> str | None:
    """Two decimals as text: JSON's numbers are none for money."""
    return None if value is None else f"{value:.2f}"

"""Jobs of Nomad: how they are read, what their differences are called, how they fare."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.domain.plans import Change, ChangeKind
from orchestration.engines.engine import EngineFailed, Job

JOB_FILE = "job.hcl"
HIDDEN = "(hidden)"
_KINDS = {"Added": ChangeKind.CREATE, "Edited": ChangeKind.UPDATE, "Deleted": ChangeKind.DELETE}
_MOST_LINES = 40


def job_id(job: Job) -> str:
    """The same for every run of a resource."""
    return f"dpl-{job.environment[:8]}-{job.resource}"


def variables_of(job: Job) -> str:
    """The blueprint's variables as HCL; no value of them is ever evaluated.

    Secrets are not among them, nor those of other resources: a job's specification can be read by
    many.
    """
    given = {**job.clear_parameters, "dpl_id": job_id(job), "dpl_tier": job.tier}
    text = job.files.get(JOB_FILE, "")
    return "".join(
        f"{name} = {_literal(value)}\n"
        for name, value in given.items()
        if f'variable "{name}"' in text
    )


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
    return json.dumps(value)


def changes_of(job: Job, diff: Mapping[str, Any]) -> tuple[Change, ...]:
    """What Nomad says that would change."""
    kind = _KINDS.get(str(diff.get("Type")), ChangeKind.NONE)
    lines = tuple(_lines(diff, ""))[:_MOST_LINES] if kind is ChangeKind.UPDATE else ()
    subject = f"job {job_id(job)}"
    return (Change(job.resource, kind, subject, lines, is_predicted=False),)


def _lines(diff: Mapping[str, Any], path: str) -> Iterator[str]:
    for one in diff.get("Fields") or ():
        if one.get("Type") in _KINDS:
            place = f"{path}{one.get('Name')}"
            is_secret = any(
                word in place.lower() for word in ("env[", "password", "secret", "token")
            )
            before, after = one.get("Old") or "(unset)", one.get("New") or "(unset)"
            yield f"{place}: {HIDDEN}" if is_secret else f"{place}: {before} -> {after}"[:300]
    for name in ("Objects", "TaskGroups", "Tasks"):
        for one in diff.get(name) or ():
            if one.get("Type") in _KINDS:
                yield from _lines(one, f"{path}{one.get('Name')}.")


def refuse_unplaced(failed: Mapping[str, Any] | None) -> None:
    """Raises EngineFailed where the plan finds no place for the job."""
    for group, about in (failed or {}).items():
        reasons = about.get("DimensionExhausted") or about.get("ConstraintFiltered") or ()
        exhausted = ", ".join(str(one) for one in reasons)
        raise EngineFailed(
            f"Nomad has no place for {group}{f': {exhausted}' if exhausted else ''}.",
            "Give the cluster more room, or take a smaller size.",
        )


def outcome_of(deployment: Mapping[str, Any] | None, allocations: list[Mapping[str, Any]]) -> str:
    """One of "running" and "well", or why it is neither."""
    if deployment:
        status = str(deployment.get("Status"))
        if status == "successful":
            return "well"
        if status in ("failed", "cancelled"):
            return f"The deployment {status}: {deployment.get('StatusDescription', '')}"[:400]
        return "running"
    states = {str(one.get("ClientStatus")) for one in allocations}
    if states & {"failed", "lost"}:
        return "An allocation failed."
    return "well" if states and states <= {"running", "complete"} else "running"

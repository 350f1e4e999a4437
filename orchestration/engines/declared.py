"""A plan from what the blueprint declares: a prediction, for engines that cannot compute one.

And what the others, whose plans are exact, cannot plan: a value that is only known later.
"""

import re
from collections.abc import Mapping
from typing import Any

from orchestration.domain.parameters import references
from orchestration.domain.plans import Change, ChangeKind
from orchestration.engines.engine import EngineFailed, Job

_BRACES = re.compile(r"\{([a-z_]+)\}")
_REFERENCE = "${"
# Noted in what was applied last while a run changes it; gone when that has ended well.
IN_DOUBT = "in_doubt"


def declared_changes(job: Job, *, how: str = "") -> tuple[Change, ...]:
    """What is to be made, or how what stands would change; `how` says in which way."""
    return _updates(job, how) if job.applied else _creates(job)


def _creates(job: Job) -> tuple[Change, ...]:
    values = {"name": job.resource, "tier": job.tier, **job.parameters}
    texts = job.manifest.get("declares") or (job.manifest["title"],)
    return tuple(
        Change(job.resource, ChangeKind.CREATE, _BRACES.sub(lambda m: _word(values, m[1]), text))
        for text in texts
    )


def _word(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name, "(chosen when it is built)"))


def _updates(job: Job, how: str) -> tuple[Change, ...]:
    """A reference is followed when it is applied: it is compared as it was written."""
    before: Mapping[str, Any] = job.applied.get("parameters", {})
    details = [
        f"{name}: {before.get(name, 'unset')} -> {value}"
        for name, value in sorted(job.parameters.items())
        if before.get(name) != value and not str(before.get(name, "")).startswith(_REFERENCE)
    ]
    if job.applied.get("tier") != job.tier:
        details.insert(0, f"tier: {job.applied.get('tier')} -> {job.tier}")
    if job.applied.get(IN_DOUBT):
        details.append("It is made again: a change of it ended in the middle.")
    if not details:
        return (Change(job.resource, ChangeKind.NONE, f"{job.manifest['title']} stays"),)
    subject = f"{job.manifest['title']}{how}"
    return (Change(job.resource, ChangeKind.UPDATE, subject, tuple(details)),)


def refuse_unknown(job: Job, values: Mapping[str, Any]) -> None:
    """Raises EngineFailed where one of these values stands for an output that is not there yet.

    A plan that is applied exactly as it is would hold the reference itself, and build with that.
    """
    unknown = {name: value for name, value in values.items() if references({name: value})}
    if not unknown:
        return
    others = " and ".join(sorted({resource for resource, _output in references(unknown)}))
    raise EngineFailed(
        f"{job.resource} cannot be planned: {', '.join(sorted(unknown))} would come from {others}, "
        "which is not built yet, and an exact plan needs every value.",
        f"Build {others} in an environment of its own first; then ask for {job.resource} with the "
        "values that it puts out.",
    )

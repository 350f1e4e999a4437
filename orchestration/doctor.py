"""What the doctor asks about engines, runs, environments and targets."""

from collections.abc import Iterator
from datetime import timedelta

from common import clock
from common.doctor import Finding, Health, examination
from orchestration.domain.states import RunState
from orchestration.engines.registry import ENGINES
from orchestration.models import Environment, Run
from orchestration.selectors import health
from orchestration.selectors.blueprints import blueprints_usable
from orchestration.selectors.pages_environments import unseen_in

# The sweep comes every 15 seconds; what waits longer than this has no worker.
PATIENCE = timedelta(minutes=10)


@examination
def programs() -> Iterator[Finding]:
    """Whether this host has what the blueprints need that build here."""
    missing: dict[str, tuple[str, set[str]]] = {}
    for blueprint in blueprints_usable():
        version = blueprint.current
        engine = ENGINES.get(version.manifest.get("engine", "")) if version else None
        if version is None or engine is None or not engine.is_local:
            continue
        for one in engine.missing(version.manifest):
            missing.setdefault(one.what, (one.advice, set()))[1].add(blueprint.name)
    for what, (advice, names) in sorted(missing.items()):
        needing = ", ".join(sorted(names))
        yield Finding(f"Program {what}", Health.WARNING, f"Missing; needed by {needing}.", advice)
    if not missing:
        yield Finding("Engines", Health.OK, "Everything that blueprints need on this host is here.")


@examination
def runs() -> Iterator[Finding]:
    """Whether runs go on."""
    stuck = health.runs_stuck(clock.now(), PATIENCE)
    for run in stuck:
        yield Finding(f"Run {run.reference}", Health.WARNING, _where(run), _advice(run))
    if not stuck:
        yield Finding("Runs", Health.OK, "None is stuck.")


def _where(run: Run) -> str:
    minutes = int((clock.now() - run.state_at).total_seconds() // 60)
    return f"{run.state.replace('_', ' ').capitalize()} for {minutes} minutes ({run.environment})."


def _advice(run: Run) -> str:
    if run.state in (RunState.QUEUED, RunState.APPLY_QUEUED):
        return "Start a worker for the queue `runs`."
    return (
        f"Its worker was {run.worker or 'unknown'}. If that process still lives and hangs, end it; "
        "the sweep then looks at what is there. Start a worker for the queues `default` and `runs`."
    )


@examination
def environments() -> Iterator[Finding]:
    """Whether what stands is well, and may still be changed."""
    ill = health.environments_ill()
    for environment in ill:
        yield Finding(
            f"Environment {environment.name}",
            Health.WARNING,
            f"{environment.state.capitalize()}. {environment.state_reason}".strip(),
            "Repair it or destroy it.",
        )
    off = health.targets_off_in_use()
    for target in off:
        yield Finding(
            f"Target {target.name}",
            Health.WARNING,
            "Switched off while environments stand on it; they can only be destroyed.",
            "Switch it on again, or destroy them.",
        )
    unseen = unseen_in(Environment.objects.all())
    for environment in unseen:
        yield Finding(
            f"Environment {environment.name}",
            Health.WARNING,
            "It could not be looked at the last time; nobody knows how it is.",
            "Read why in its newest run, then check it for drift again.",
        )
    if not ill and not off and not unseen:
        yield Finding("Environments", Health.OK, "Nothing was found wrong with what stands.")

"""Jobs for engines, with the rows behind them where something asks for those."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from common import clock
from orchestration.domain.manifests import digest_of
from orchestration.domain.states import RunAction, RunState
from orchestration.engines.engine import Job
from orchestration.models import Blueprint, BlueprintVersion, Environment, Resource, Run, Target
from orchestration.services.run_tokens import callback_url_of, state_backend_of

_NUMBERS = itertools.count(1)
MANIFEST = {
    "title": "PostgreSQL",
    "capability": "postgresql",
    "outputs": {"host": {}, "port": {}, "password": {"secret": True}},
    "engine_options": {},
}


@dataclass
class Told:
    """What an engine wrote into the log."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, kind: Any, text: str) -> None:
        self.lines.append(text)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def job(folder: Path, **changes: Any) -> Job:
    """A job of a resource "db" with a folder of its own below `folder`."""
    workdir = folder / f"work-{next(_NUMBERS)}"
    workdir.mkdir(mode=0o700)
    found = Job(
        environment="3f0c1c9e-5d1e-4a53-9a51-0d5c1d9ee001",
        resource="db",
        action=RunAction.PROVISION,
        manifest=MANIFEST,
        files={},
        tier="small",
        parameters={},
        secrets={},
        settings={},
        applied={},
        facts={},
        workdir=workdir,
        home=folder / "home",
        seconds=60.0,
        is_canceled=lambda: False,
        emit=Told(),
        run_key=f"00000000-0000-4000-8000-{next(_NUMBERS):012}",
    )
    return replace(found, **changes)


@dataclass(frozen=True)
class Rows:
    """A run that is applied now, of an environment with one resource."""

    run: Run
    resource: Resource

    def given(self) -> dict[str, Any]:
        """What of a job comes from the rows."""
        return {
            "environment": str(self.run.environment.key),
            "run_key": str(self.run.key),
            "state_backend": state_backend_of(self.run, self.resource),
            "callback_url": callback_url_of(self.run, self.resource),
        }


def rows(engine: str = "terraform", state: RunState = RunState.APPLYING) -> Rows:
    """A run in this state, its lease good for a minute."""
    number = next(_NUMBERS)
    now = clock.now()
    target = Target.objects.create(
        name=f"Target {number}", engine=engine, key=f"key-{number}", created_at=now
    )
    blueprint = Blueprint.objects.create(
        name=f"blueprint-{number}", capability="postgresql", title="PostgreSQL", created_at=now
    )
    manifest: Mapping[str, Any] = {**MANIFEST, "number": number}
    version = BlueprintVersion.objects.create(
        blueprint=blueprint, number=1, digest=digest_of(manifest, {}), manifest=dict(manifest),
        files={}, state="signed_off", created_at=now,
    )  # fmt: skip
    environment = Environment.objects.create(
        name=f"environment {number}", owner="olga", state="provisioning", created_at=now,
        updated_at=now,
    )  # fmt: skip
    resource = Resource.objects.create(
        environment=environment, name="db", position=1, capability="postgresql", target=target,
        version=version, tier="small",
    )  # fmt: skip
    return Rows(run_for(resource, state), resource)


def run_for(resource: Resource, state: RunState, action: RunAction = RunAction.PROVISION) -> Run:
    """Another run of the resource's environment."""
    now = clock.now()
    return Run.objects.create(
        environment=resource.environment, action=action.value, state=state.value,
        requested_at=now, state_at=now, lease_until=now + timedelta(minutes=1),
    )  # fmt: skip

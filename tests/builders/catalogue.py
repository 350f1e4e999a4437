"""Jobs of our own catalogue's blueprints, and of small ones that a test writes itself."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from orchestration.domain import manifests, parameters
from orchestration.domain.states import RunAction
from orchestration.engines.ansible import Ansible
from orchestration.engines.engine import Applied, Job
from tests.builders.engine_jobs import Told

CATALOGUE = Path(settings.BASE_DIR) / "orchestration" / "catalogue"
ENGINE = Ansible()


@dataclass
class Built:
    """One resource of a catalogue's blueprint, as the services would carry it from run to run."""

    blueprint: str
    name: str
    tier: str = "small"
    given: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    environment: str = field(default_factory=lambda: str(uuid.uuid4()))
    workdir: Path = Path()
    told: Told = field(default_factory=Told)
    applied: dict[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folder = CATALOGUE / self.blueprint
        self.manifest = yaml.safe_load((folder / "blueprint.yml").read_text())
        self.files = {
            str(path.relative_to(folder)): path.read_text()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "blueprint.yml" and path.suffix != ".pyc"
        }
        # Every character that a shell, SQL, YAML or a password file could take for its own.
        self.secrets = {
            one: f"{one}'\"\\:$({uuid.uuid4().hex}){{{{ x }}}}#" for one in self.manifest["secrets"]
        }

    @property
    def home(self) -> Path:
        return Path(settings.DATA_DIR) / "environments" / self.environment / self.name

    @property
    def parameters(self) -> dict[str, Any]:
        manifest = manifests.read(self.manifest, self.files)
        values = parameters.checked(manifest, self.tier, self.given)
        return parameters.resolved(values, self.others)

    def job(self, action: RunAction = RunAction.PROVISION, **changes: Any) -> Job:
        values: dict[str, Any] = {
            "environment": self.environment,
            "resource": self.name,
            "action": action,
            "manifest": self.manifest,
            "files": self.files,
            "tier": self.tier,
            "parameters": self.parameters,
            "secrets": self.secrets,
            "settings": {},
            "applied": self.applied,
            "facts": self.facts,
            "workdir": self.workdir,
            "home": self.home,
            "seconds": 300.0,
            "is_canceled": lambda: False,
            "emit": self.told,
        }
        return Job(**{**values, **changes})

    def apply(self, **changes: Any) -> Applied:
        done = ENGINE.apply(self.job(**changes))
        self.outputs, self.facts = done.outputs, done.facts
        self.applied = {"tier": self.tier, "parameters": self.parameters}
        return done

    def differences(self) -> tuple[str, ...]:
        return ENGINE.observe(self.job(RunAction.DRIFT)).differences

    def files_with_secrets(self) -> list[str]:
        """The files of its folder in which a secret stands in clear."""
        wanted = [secret.encode() for secret in self.secrets.values()]
        files = [path for path in self.home.rglob("*") if path.is_file()]
        return [str(path) for path in files if any(one in path.read_bytes() for one in wanted)]

    def destroy(self) -> None:
        ENGINE.destroy(self.job(RunAction.DESTROY))

    def remains(self) -> tuple[str, ...]:
        return ENGINE.remains(self.job(RunAction.DESTROY))

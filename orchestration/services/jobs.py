"""What an engine is given for one resource of a run, and what a plan's digest is made from."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError

from common.encryption import CannotOpen, unseal
from orchestration.adapters.hosts import this_host
from orchestration.adapters.strays import end_strays
from orchestration.domain import parameters
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import RunAction
from orchestration.engines.declared import IN_DOUBT
from orchestration.engines.engine import Emit, Engine, EngineFailed, EngineUnknown, Job
from orchestration.engines.registry import engine_of
from orchestration.models import Environment, Output, Resource, Run
from orchestration.selectors.blueprints import manifest_of
from orchestration.services.recording import Lost
from orchestration.services.reports import reports_of
from orchestration.services.run_tokens import (
    Purpose,
    callback_url_of,
    state_backend_of,
    token_of,
)

log = logging.getLogger(__name__)

# No server starts with less (bytes).
_LITTLE_ROOM = 64 << 20


def resources_of(environment: Environment) -> list[Resource]:
    """In the order in which they are built."""
    return list(
        environment.resources.select_related("version__blueprint", "target").order_by("position")
    )


def engine_for(resource: Resource) -> Engine:
    return engine_of(resource.target.engine)


def wanted_tier(run: Run, resource: Resource) -> str:
    """The tier that the run is to bring the resource to."""
    wanted = run.wanted.get("resources", {}).get(resource.name, {})
    return str(wanted.get("tier", resource.tier))


def wanted_parameters(run: Run, resource: Resource) -> dict[str, Any]:
    """The tier's and the person's values together, references unresolved; checked once more."""
    manifest = manifest_of(resource.version)
    return parameters.checked(manifest, wanted_tier(run, resource), resource.parameters)


def applied_by(run: Run, resource: Resource) -> dict[str, Any]:
    """What stands once the run has ended well; later plans are compared with it."""
    return {
        "tier": wanted_tier(run, resource),
        "version": resource.version.digest,
        "parameters": wanted_parameters(run, resource),
    }


def in_doubt(applied: Mapping[str, Any]) -> dict[str, Any]:
    """The same while a run changes it: where that ends in the middle nobody knows what stands."""
    return {**applied, IN_DOUBT: True} if applied else {}


def secrets_of(resource: Resource) -> dict[str, str]:
    """Passwords that we made for it, by name."""
    return _opened(resource.secrets)


def _opened(sealed: str) -> dict[str, str]:
    """What a sealed object holds. Raises EngineFailed where no key opens it."""
    if not sealed:
        return {}
    return {name: str(value) for name, value in json.loads(_open(sealed)).items()}


def _open(sealed: str) -> str:
    try:
        return unseal(sealed)
    except CannotOpen as error:
        raise EngineFailed(error.message) from None


def outputs_of(resource: Resource) -> dict[str, str]:
    """Everything one needs to use it, secrets opened. For probes and references only."""
    return {one.name: output_value(one) for one in resource.outputs.all()}


def output_value(output: Output) -> str:
    """Opened where it is sealed. Raises EngineFailed."""
    return _open(output.sealed) if output.sealed else output.value


def settings_of(resource: Resource) -> dict[str, str]:
    """The target's settings, the credential opened."""
    target = resource.target
    return {**target.options, **_opened(target.secret)}


def all_secrets(environment: Environment) -> set[str]:
    """Every value that must not be seen in a log of this environment. Raises EngineFailed."""
    found: set[str] = set()
    for resource in resources_of(environment):
        found |= set(secrets_of(resource).values())
        found |= set(_opened(resource.target.secret).values())
        found |= {_open(one.sealed) for one in resource.outputs.all() if one.sealed}
    return {one for one in found if one}


def redactor_of(run: Run) -> Redactor:
    """Takes out of a text what nobody may see of this run. Raises EngineFailed."""
    tokens = {
        token_of(run, resource, purpose)
        for resource in resources_of(run.environment)
        for purpose in Purpose
    }
    return Redactor(all_secrets(run.environment) | tokens)


def home_of(resource: Resource) -> Path:
    """The resource's own folder on this host."""
    return environment_home(resource.environment) / resource.name


def environment_home(environment: Environment) -> Path:
    return Path(settings.DATA_DIR) / "environments" / str(environment.key)


def lock_of(environment: Environment) -> Path:
    """Held by the process of this host that changes an environment."""
    return Path(settings.DATA_DIR) / "locks" / str(environment.key)


@contextmanager
def job_for(
    run: Run,
    resource: Resource,
    *,
    seconds: float,
    is_canceled: Callable[[], bool],
    emit: Emit,
    action: RunAction | None = None,
    artifact: bytes | None = None,
) -> Iterator[Job]:
    """The job of one resource; its folder for working is gone afterwards. Raises EngineFailed.

    A reference to something that is not built yet stays as it is written: that is how a plan of a
    fresh environment reads.
    """
    wanted = action or RunAction(run.action)
    with _explained(run, resource), _workdir(run) as workdir:
        require_here(resource)
        yield Job(
            environment=str(run.environment.key),
            resource=resource.name,
            action=wanted,
            manifest=resource.version.manifest,
            files=resource.version.files,
            tier=wanted_tier(run, resource),
            parameters=_resolved(run, resource, wanted),
            secrets=secrets_of(resource),
            settings=settings_of(resource),
            applied=resource.applied,
            facts=resource.facts,
            workdir=workdir,
            home=home_of(resource),
            seconds=seconds,
            is_canceled=is_canceled,
            emit=emit,
            run_key=str(run.key),
            callback_url=callback_url_of(run, resource),
            reports=reports_of(run, resource),
            state_backend=state_backend_of(run, resource),
            artifact=artifact,
            is_first=run.environment.ready_at is None,
            secret_parameters=_secret_parameters(run, resource),
        )


def is_elsewhere(resource: Resource) -> bool:
    """Whether it stands on another host than this, where nothing of it is to be seen."""
    return bool(resource.stands_on) and resource.stands_on["id"] != this_host()["id"]


def require_here(resource: Resource) -> None:
    """Raises EngineFailed on another host than the one where it stands.

    There it would be called gone, and be built a second time.
    """
    if not is_elsewhere(resource):
        return
    name = resource.stands_on["name"]
    if name == this_host()["name"]:
        name = f"{name}, with another data directory or host-id"
    raise EngineFailed(
        f"{resource.name} stands on {name}, and is seen and changed only there.",
        "Start the worker for the queue “runs” there. Where that host was replaced, bring "
        "“host-id” of its data directory along with “environments”; where it is gone, give the "
        "environment up.",
    )


def stand_here(resource: Resource) -> None:
    """Note this host, before anything is built on it: whoever finds a dead worker must know."""
    if engine_for(resource).stays_on_host and not resource.stands_on:
        resource.stands_on = this_host()
        Resource.objects.filter(pk=resource.pk).update(stands_on=resource.stands_on)


def workdirs() -> Path:
    """Where the folders for working are, each named after its run."""
    return Path(settings.DATA_DIR) / "runs"


@contextmanager
def _workdir(run: Run) -> Iterator[Path]:
    runs = workdirs()
    runs.mkdir(parents=True, exist_ok=True, mode=0o711)
    workdir = Path(tempfile.mkdtemp(prefix=f"{run.reference}-", dir=runs))
    try:
        yield workdir
    except EngineUnknown:
        # Its supervisor may have been killed, and then nobody ends what it started.
        end_strays(workdir)
        raise
    finally:
        shutil.rmtree(workdir, ignore_errors=True)


@contextmanager
def _explained(run: Run, resource: Resource) -> Iterator[None]:
    """Whatever goes wrong around an engine ends the run in words, and is not simply repeated."""
    try:
        yield
    except EngineFailed as error:
        # A program that found no room seldom says so in words that one may show.
        if engine_for(resource).is_local and (said := _little_room(home_of(resource))):
            error.message = f"{error.message} {said}"
        raise
    except (Lost, DatabaseError):
        raise
    except parameters.BadParameters as error:
        raise EngineFailed(f"{resource.name}: {error}") from None
    except OSError as error:
        raise EngineFailed(
            f"{resource.name}: {error.strerror or error}.",
            "Look whether the disk of the data directory is full.",
        ) from error
    except Exception as error:  # a fault of ours in the middle of work: nobody knows what it left
        log.exception("%s: unexpected while working on %s", run.reference, resource.name)
        raise EngineUnknown(
            f"{resource.name}: an error of the program itself ({type(error).__name__})."
        ) from error


def _little_room(home: Path) -> str:
    """That the disk is as good as full, or an empty text."""
    standing = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(standing).free
    if free >= _LITTLE_ROOM:
        return ""
    return f"Only {free >> 20} MB are free on the disk of the data directory."


def _resolved(run: Run, resource: Resource, action: RunAction) -> dict[str, Any]:
    values = wanted_parameters(run, resource)
    named = {name for name, _output in parameters.references(values)}
    outputs = {
        one.name: _known_outputs(one) for one in resources_of(run.environment) if one.name in named
    }
    found = parameters.resolved(values, outputs)
    secret = _secret_parameters(run, resource)
    problems = parameters.unfit(manifest_of(resource.version), values, found, secret)
    if problems and action is not RunAction.DESTROY:
        raise parameters.BadParameters(problems)
    # Whatever another resource said, taking away goes on without it.
    return {**found, **{name: values[name] for name in problems}}


def _secret_parameters(run: Run, resource: Resource) -> frozenset[str]:
    """The names of the parameters that stand for a secret output of another resource."""
    hidden = {
        (one.name, output.name)
        for one in resources_of(run.environment)
        for output in manifest_of(one.version).outputs
        if output.is_secret
    }
    values = wanted_parameters(run, resource).items()
    return frozenset(
        name for name, value in values if parameters.references({name: value}) & hidden
    )


def _known_outputs(resource: Resource) -> dict[str, str]:
    terms = manifest_of(resource.version).outputs
    unknown = {one.name: f"${{resources.{resource.name}.{one.name}}}" for one in terms}
    return {**unknown, **outputs_of(resource)}


def basis_of(run: Run) -> dict[str, Any]:
    """Everything that applying depends on. Another basis is another plan."""
    environment = run.environment
    return {
        "action": run.action,
        "environment": str(environment.key),
        "generation": environment.generation,
        "resources": {one.name: _basis(run, one) for one in resources_of(environment)},
    }


def _basis(run: Run, resource: Resource) -> Mapping[str, Any]:
    return {
        "blueprint": resource.version.blueprint.name,
        "version": resource.version.digest,
        "tier": wanted_tier(run, resource),
        # Floats have no canonical form; as text they do.
        "parameters": json.dumps(wanted_parameters(run, resource), sort_keys=True),
        "target": resource.target.name,
        "target_settings": _digest(resource.target.options),
        "engine": engine_for(resource).version(),
    }


def _digest(options: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()

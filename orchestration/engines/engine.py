"""What every engine can be asked, and how it says that something went wrong.

An engine builds one resource at a time. It is stateless: everything comes with the job. Commands
run only through `common.adapters.processes`, HTTP only through `common.http`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from common.connection_settings import Field
from orchestration.domain.plans import Change
from orchestration.domain.states import EventKind, Fidelity, RunAction

# Takes what is to be written into the run's log; secrets are taken out before it is stored.
Emit = Callable[[EventKind, str], None]


@dataclass(frozen=True)
class Job:
    """One resource that is to be planned, applied, observed or destroyed.

    `files` is the blueprint version's content, `parameters` the tier's and the person's values
    together, references resolved. `secrets` (our own passwords, by name) and `settings` (the
    target's, credential included) never go into argv, logs, events or the database in clear.
    `facts` is what the engine kept between runs; it returns them anew from `apply`.
    `workdir` is empty, only this job's, 0700, and removed afterwards. `home` is the resource's own
    folder on this host and stays until it is destroyed; engines of remote targets leave it alone.
    """

    environment: str
    resource: str
    action: RunAction
    manifest: Mapping[str, Any]
    files: Mapping[str, str]
    tier: str
    parameters: Mapping[str, Any]
    secrets: Mapping[str, str]
    settings: Mapping[str, str]
    applied: Mapping[str, Any]
    facts: Mapping[str, Any]
    workdir: Path
    home: Path
    # Seconds that are left, and whether a person (or a lost lease) wants it to end now.
    seconds: float
    is_canceled: Callable[[], bool]
    emit: Emit
    # The run's key: idempotency key for remote engines. The same for each attempt of a run.
    run_key: str = ""
    # Where a remote system reports to: an address of ours with the run's token.
    callback_url: str = ""
    # What the remote system has reported about an order, the newest last; see `docs/engines.md`.
    reports: Callable[[str], Sequence[Mapping[str, Any]]] = lambda _order: ()
    # Our HTTP backend for this resource's state: address, username, password. For OpenTofu.
    state_backend: Mapping[str, str] = field(default_factory=dict)
    # The engine's own plan file, where it made one.
    artifact: bytes | None = None
    # The environment never was ready: on cancel everything that was started may be killed.
    is_first: bool = False
    # The names of parameters that stand for a secret of another resource.
    secret_parameters: frozenset[str] = frozenset()

    @property
    def hidden(self) -> dict[str, str]:
        """Every secret that it is given, by name: its own, and those of other resources."""
        others = {name: str(self.parameters[name]) for name in self.secret_parameters}
        # A reference that is not followed yet is no secret.
        known = {name: text for name, text in others.items() if not text.startswith("${")}
        return {**known, **self.secrets}

    @property
    def clear_parameters(self) -> dict[str, Any]:
        """The parameters that may be seen by whoever sees the order."""
        return {
            name: value
            for name, value in self.parameters.items()
            if name not in self.secret_parameters
        }


@dataclass(frozen=True)
class Planned:
    """What applying would do. `artifact` is the engine's own plan file; it may hold secrets."""

    changes: tuple[Change, ...]
    fidelity: Fidelity
    artifact: bytes | None = None


@dataclass(frozen=True)
class Applied:
    """What there is now. `outputs` by name; the manifest says which of them are secret."""

    outputs: Mapping[str, str]
    facts: Mapping[str, Any]
    # How many things the engine says that it changed; None where it does not say.
    changed: int | None = None


@dataclass(frozen=True)
class Observed:
    """What is really there. A failed look is an EngineFailed, never "no differences".

    `differences` in words for a person, empty where all is as declared.
    """

    is_present: bool
    differences: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


class EngineFailed(Exception):
    """It did not work, and it is known that it did not. Fit for a page; holds no secret.

    `advice` says what to do about it.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class EngineUnknown(EngineFailed):
    """Nobody can say what came of it: the connection broke after the order was given."""


class Canceled(EngineFailed):
    """It was ended because `is_canceled` said so; its processes are gone."""


class TimedOut(EngineFailed):
    """It was ended because its time was over; its processes are gone."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that an engine or a blueprint needs on this host, and how to get it."""

    what: str
    advice: str


class Engine(ABC):
    """A way to build resources."""

    name: ClassVar[str]
    label: ClassVar[str]
    # Where it builds: True for this host.
    is_local: ClassVar[bool]
    # What it builds, or what it needs to find that again, lies in `job.home` of one host.
    stays_on_host: ClassVar[bool] = False
    fidelity: ClassVar[Fidelity]
    # It can plan a destroy by itself; else the plan says that everything goes.
    plans_destroy: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = ()
    # How to get the settings, step by step, for the page that asks for them.
    steps: ClassVar[tuple[str, ...]] = ()

    def version(self) -> str:
        """The engine and its release: part of every plan's digest."""
        return self.name

    @abstractmethod
    def check(self, settings: Mapping[str, str]) -> None:
        """Look at a target's settings without doing anything. Raises BadSettings."""

    def reach(self, settings: Mapping[str, str]) -> str:
        """Ask the target whether it is there and takes the credential, and say what answered.

        Changes nothing. Raises EngineFailed.
        """
        return f"{self.version()} is here."

    @abstractmethod
    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        """What is not there on this host that the engine, or this blueprint, needs."""

    @abstractmethod
    def plan(self, job: Job) -> Planned:
        """Say what `apply` would do. Changes nothing. Raises EngineFailed."""

    @abstractmethod
    def apply(self, job: Job) -> Applied:
        """Make it so; a second time changes nothing. Raises EngineFailed and its kinds."""

    @abstractmethod
    def observe(self, job: Job) -> Observed:
        """Look what is there. Changes nothing. Raises EngineFailed."""

    @abstractmethod
    def destroy(self, job: Job) -> None:
        """Take it away, also what was only half made; a second time does nothing."""

    @abstractmethod
    def remains(self, job: Job) -> tuple[str, ...]:
        """What is still there after `destroy`: processes, ports, folders. Empty is the proof."""

"""Ansible on this host: the default engine. It needs no root and no other machine.

A blueprint for it has `provision.yml`, `observe.yml` and `destroy.yml`; `docs/ansible.md` says
what they are given and what they answer.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import metadata, util
from typing import Any, ClassVar

from orchestration.domain.plans import Change, ChangeKind
from orchestration.domain.states import EventKind, Fidelity, RunAction
from orchestration.engines import local, local_ports
from orchestration.engines.ansible_run import Outcome, play
from orchestration.engines.declared import declared_changes
from orchestration.engines.engine import (
    Applied,
    Canceled,
    Engine,
    EngineFailed,
    Job,
    Missing,
    Observed,
    Planned,
    TimedOut,
)

PROVISION, OBSERVE, DESTROY = "provision.yml", "observe.yml", "destroy.yml"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED = ("ansible", "dpl_")
_RESOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# Control characters, and halves of characters that no file can hold.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Ansible(Engine):
    """Playbooks, run on this host by ansible-runner."""

    name: ClassVar[str] = "ansible"
    label: ClassVar[str] = "Ansible on this host"
    is_local: ClassVar[bool] = True
    stays_on_host: ClassVar[bool] = True
    fidelity: ClassVar[Fidelity] = Fidelity.ADVISORY

    def version(self) -> str:
        return _version()

    def check(self, settings: Mapping[str, str]) -> None:
        """It has no settings."""

    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        found = [
            Missing(name, f"Install it: pip install {name}")
            for name, module in (("ansible-core", "ansible"), ("ansible-runner", "ansible_runner"))
            if util.find_spec(module) is None
        ]
        names = list(manifest.get("programs", ()))
        try:
            who = local.account()
        except EngineFailed as error:
            found.append(Missing("a user for servers", f"{error.message} {error.advice}"))
        else:
            names += ["setpriv"] if who.prefix else []
            found += local.missing_way(who)
        return (*found, *local.missing_programs(names))

    def plan(self, job: Job) -> Planned:
        """What the blueprint declares, or the difference to what was applied: a prediction.

        `--check` is no plan: it fails where nothing stands yet, and misses a server that is dead.
        """
        _variables(job, {})
        changes = declared_changes(job, how=", in place, its data kept")
        if job.applied and job.action is RunAction.REPAIR:
            changes = self._repairs(job) or changes
        return Planned(changes, self.fidelity)

    def _repairs(self, job: Job) -> tuple[Change, ...]:
        """What is not as declared; where that cannot be seen, everything is made anew."""
        try:
            details = self.observe(job).differences
        except (Canceled, TimedOut):
            raise
        except EngineFailed as error:
            details = (f"It could not be looked at: {error.message}",)
        subject = f"{job.manifest['title']}, made again as declared"
        return (Change(job.resource, ChangeKind.UPDATE, subject, details),) if details else ()

    def apply(self, job: Job) -> Applied:
        self._need_all(job)
        _variables(job, {})
        who = local.account()
        local.make_home(job.home, who)
        ports = local_ports.take_ports(job.home, _port_names(job), job.facts.get("ports", {}))
        outcome = self._play(job, PROVISION, ports)
        answer = outcome.answer
        outputs = {str(name): str(value) for name, value in answer.get("outputs", {}).items()}
        return Applied(outputs, {**answer.get("facts", {}), "ports": ports}, outcome.changed)

    def observe(self, job: Job) -> Observed:
        if not job.home.exists():
            return Observed(False, ("Its folder is gone.",), job.facts)
        answer = self._play(job, OBSERVE, _ports(job)).answer
        if "present" not in answer:
            raise EngineFailed(f"{OBSERVE} of the blueprint gave no answer.")
        differences = tuple(str(one) for one in answer.get("differences", ()))
        return Observed(bool(answer["present"]), differences, answer.get("facts", job.facts))

    def destroy(self, job: Job) -> None:
        """Ask the blueprint to shut down; what is left then, of a half made thing, is ended."""
        if job.home.exists():
            try:
                self._play(job, DESTROY, _ports(job))
            except (Canceled, TimedOut):
                raise
            except EngineFailed as error:
                job.emit(EventKind.WARNING, f"{job.resource}: {error.message}")
        local.end_processes(job.home)
        local.remove_home(job.home)
        if not self.remains(job):
            local_ports.release_ports(job.home)

    def remains(self, job: Job) -> tuple[str, ...]:
        found = [
            f"Process {pid} ({name}) still runs."
            for pid, name in sorted(local.processes_of(job.home).items())
        ]
        found += [
            f"Something listens on port {port}."
            for port in sorted(set(_ports(job).values()))
            if local_ports.is_listening(port)
        ]
        if job.home.exists():
            found.append(f"The folder {job.home} is still there.")
        return tuple(found)

    def _play(self, job: Job, playbook: str, ports: Mapping[str, int]) -> Outcome:
        return play(job, playbook, _variables(job, ports), kills_daemons=job.is_first)

    def _need_all(self, job: Job) -> None:
        lacking = self.missing(job.manifest)
        if lacking:
            raise EngineFailed(
                f"Not on this host: {', '.join(one.what for one in lacking)}.",
                " ".join(one.advice for one in lacking),
            )


@cache
def _version() -> str:
    core, runner = (metadata.version(name) for name in ("ansible-core", "ansible-runner"))
    return f"ansible-core {core}, ansible-runner {runner}"


def _port_names(job: Job) -> list[str]:
    return list(job.manifest.get("engine_options", {}).get("ports", ()))


def _ports(job: Job) -> dict[str, int]:
    """From the last successful run, or as a run that was killed had taken them."""
    return {**local_ports.ports_of(job.home), **job.facts.get("ports", {})}


def _variables(job: Job, ports: Mapping[str, int]) -> dict[str, Any]:
    """Everything that a playbook is given. Raises EngineFailed for what it may not be given."""
    if not _RESOURCE.fullmatch(job.resource):
        raise EngineFailed(f"{job.resource!r} is no name for a resource.")
    given = {**job.parameters, **job.secrets}
    for name, value in given.items():
        if not _NAME.fullmatch(name) or name.startswith(_RESERVED):
            raise EngineFailed(f"{name!r} is no name for a parameter.")
        if _has_unfit(value):
            raise EngineFailed(f"{name} holds a character or a name that nothing may hold.")
    who = local.account()
    programs = job.manifest.get("programs", ())
    return {
        **given,
        "dpl_name": job.resource,
        "dpl_home": str(job.home),
        "dpl_tier": job.tier,
        "dpl_user": who.name,
        "dpl_group": str(who.gid),
        "dpl_as": list(who.prefix),
        "dpl_ports": dict(ports),
        "dpl_programs": {name.replace("-", "_"): local.program(name) for name in programs},
        "dpl_facts": dict(job.facts),
    }


def _has_unfit(value: Any) -> bool:
    if isinstance(value, str):
        return _UNFIT.search(value) is not None
    if isinstance(value, Mapping):
        # Ansible gives some names that begin like this a meaning of their own.
        return any(
            str(key).startswith("__") or _has_unfit(str(key)) or _has_unfit(one)
            for key, one in value.items()
        )
    return isinstance(value, list | tuple) and any(_has_unfit(one) for one in value)

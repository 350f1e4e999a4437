"""OpenTofu or Terraform, whichever is on the PATH: exact plans, applied as they were approved.

A blueprint for it has `*.tf` files. Its variables get the parameters and secrets of their names,
and those of `docs/engines.md`; its outputs are the outputs.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from common.connection_settings import BadSettings, Field
from common.encryption import seal
from orchestration.domain.plans import Change
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind, Fidelity, RunAction
from orchestration.engines import terraform_run
from orchestration.engines.declared import refuse_unknown
from orchestration.engines.engine import (
    Applied,
    Engine,
    EngineFailed,
    EngineUnknown,
    Job,
    Missing,
    Observed,
    Planned,
)
from orchestration.engines.terraform_plan import changes_of, drift_of, sensitive_outputs, stands
from orchestration.engines.terraform_run import PLAN_FILE, Workspace

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
# They would change how the program itself works, or what it loads.
_OURS = ("TF_", "TOFU_", "LD_", "DYLD_")
_OUR_NAMES = frozenset({"PATH", "HOME", "TMPDIR", "CHECKPOINT_DISABLE"})
_LOCK_SECONDS = 5
_FAST = ("-input=false", "-no-color")


class Terraform(Engine):
    """Declared resources of any provider, from this host."""

    name: ClassVar[str] = "terraform"
    label: ClassVar[str] = "OpenTofu or Terraform"
    is_local: ClassVar[bool] = True
    fidelity: ClassVar[Fidelity] = Fidelity.EXACT
    plans_destroy: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "environment", "Environment of providers", "One NAME=value a line: what the providers "
            "read, such as AWS_REGION and credentials.", is_secret=True, is_required=False,
            is_long=True,
        ),
    )  # fmt: skip
    steps: ClassVar[tuple[str, ...]] = (
        "Put tofu or terraform on the PATH of the workers.",
        "Make an account for Displace with the provider, allowed to build no more than it has to.",
        "Give its credentials as the provider's documentation names them, one NAME=value a line.",
    )

    def version(self) -> str:
        return terraform_run.version()

    def check(self, settings: Mapping[str, str]) -> None:
        for line in settings.get("environment", "").splitlines():
            name, equals, _ = line.partition("=")
            name = name.strip()
            if line.strip() and not (equals and _VARIABLE.fullmatch(name)):
                raise BadSettings("Each line is NAME=value, the name in capitals.", "environment")
            if name.startswith(_OURS) or name in _OUR_NAMES:
                raise BadSettings(f"{name} is set by Displace; leave it out.", "environment")

    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        if terraform_run.program() is not None:
            return ()
        advice = "Install OpenTofu 1.7 or Terraform 1.5, or later, on every worker's PATH."
        return (Missing("tofu or terraform", advice),)

    def plan(self, job: Job) -> Planned:
        if job.action is not RunAction.DESTROY:
            refuse_unknown(job, job.parameters)
        workspace = Workspace(job)
        shown = _planned(workspace, *_locking(is_on=True))
        _refuse_clear_secrets(job, shown)
        artifact = (workspace.folder / PLAN_FILE).read_bytes()
        return Planned(_hidden(job, changes_of(job.resource, shown)), self.fidelity, artifact)

    def apply(self, job: Job) -> Applied:
        """Carry out the plan file and nothing else. A second time it is refused as stale."""
        if job.artifact is None:
            raise EngineFailed("The plan has no plan file.", "Plan it again.")
        workspace = Workspace(job)
        _apply(workspace, *_locking(is_on=True), PLAN_FILE)
        outputs = workspace.answer("output", "-json", "-no-color")
        return Applied(_outputs(job, outputs), {"engine": self.version()}, workspace.changed)

    def observe(self, job: Job) -> Observed:
        # Nothing is changed, so that somebody who holds the lock does not keep us from looking.
        workspace = Workspace(_without_plan(job))
        shown = _planned(workspace, *_locking(is_on=False))
        if not stands(shown):
            return Observed(False, ("Nothing of it stands in its state.",), job.facts)
        differences = tuple(workspace.hide(one) for one in drift_of(shown))
        return Observed(True, differences, job.facts)

    def destroy(self, job: Job) -> None:
        """As it was planned, where it was; what was only half made goes by a plan made now."""
        workspace = Workspace(job)
        if job.artifact is not None:
            _apply(workspace, *_locking(is_on=True), PLAN_FILE)
        else:
            _apply(workspace, *_locking(is_on=True), "-destroy", "-auto-approve")

    def remains(self, job: Job) -> tuple[str, ...]:
        workspace = Workspace(_without_plan(job))
        shown = workspace.answer("show", "-json", "-no-color")
        if not stands({"prior_state": shown}):
            return ()
        return ("Its state still holds resources.",)


def _without_plan(job: Job) -> Job:
    return replace(job, artifact=None)


def _locking(*, is_on: bool) -> tuple[str, ...]:
    return (f"-lock-timeout={_LOCK_SECONDS}s",) if is_on else ("-lock=false",)


def _planned(workspace: Workspace, *words: str) -> Mapping[str, Any]:
    """Make a plan file, and say what is in it."""
    if workspace.job.action is RunAction.DESTROY:
        words = (*words, "-destroy")
    workspace.command("plan", "-json", "-detailed-exitcode", *_FAST, *words, f"-out={PLAN_FILE}")
    shown: Mapping[str, Any] = workspace.answer("show", "-json", "-no-color", PLAN_FILE)
    return shown


def _apply(workspace: Workspace, *words: str) -> None:
    try:
        workspace.command("apply", "-json", *_FAST, *words)
    except EngineFailed as error:
        _save(workspace, error)
        raise


def _save(workspace: Workspace, error: EngineFailed) -> None:
    """The program leaves its state in a file where it could not be stored with us."""
    path = workspace.folder / "errored.tfstate"
    if not path.exists():
        return
    try:
        workspace.command("state", "push", *_locking(is_on=True), path.name)
    except EngineFailed:
        kept = workspace.job.home / "errored.tfstate.sealed"
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept.write_text(seal(path.read_text(encoding="utf-8")), encoding="ascii")
        raise EngineUnknown(
            f"{error.message} Its state could not be stored; it is kept, sealed, in {kept}.",
            "Store it before anything else is done to this environment.",
        ) from error
    workspace.job.emit(EventKind.WARNING, "The state was stored at the second attempt.")


def _refuse_clear_secrets(job: Job, shown: Mapping[str, Any]) -> None:
    """An output that the files call sensitive must be secret in the manifest too."""
    terms = job.manifest.get("outputs", {})
    clear = [
        name
        for name in sorted(sensitive_outputs(shown))
        if name in terms and not (terms[name] or {}).get("secret")
    ]
    if clear:
        raise EngineFailed(
            f"The blueprint shows a sensitive output: {', '.join(clear)}.",
            "Write “secret: true” for it in blueprint.yml.",
        )


def _hidden(job: Job, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Without our own secrets, also where the files forgot to call them sensitive."""
    hide = Redactor(terraform_run.secrets_of(job))
    return tuple(
        replace(one, subject=hide(one.subject), details=tuple(hide(line) for line in one.details))
        for one in changes
    )


def _outputs(job: Job, outputs: Mapping[str, Any]) -> dict[str, str]:
    """Those that the blueprint declares, as text."""
    found: dict[str, str] = {}
    for name, terms in job.manifest.get("outputs", {}).items():
        if name not in outputs:
            job.emit(EventKind.WARNING, f"{job.resource}: there is no output {name}.")
            continue
        value = outputs[name].get("value")
        if outputs[name].get("sensitive") and not (terms or {}).get("secret"):
            job.emit(EventKind.WARNING, f"{job.resource}: {name} is sensitive and not kept.")
            continue
        found[name] = value if isinstance(value, str) else json.dumps(value)
    return found

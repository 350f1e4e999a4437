"""The Displace CLI: `displace project init`, `deploy`, `info` and `destroy`, on this host.

The blueprint's files become the project's folder, which stays while the project does. What the
command answers is JSON; `docs/engines.md` says which members are read.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from common.adapters import processes
from common.connection_settings import BadSettings, Field
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind
from orchestration.engines import local
from orchestration.engines.engine import (
    Canceled,
    EngineFailed,
    EngineUnknown,
    Job,
    Missing,
    TimedOut,
)
from orchestration.engines.remote import Dispatching

COMMAND = "displace"
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_OUR_NAMES = frozenset({"PATH", "HOME", "TMPDIR"})
_MOST_ANSWER = 1024 * 1024
_GRACE_SECONDS = 20.0
_ABSENT = ("absent", "destroyed", "not_found")
# In the resource's folder, once its project was taken away.
_DESTROYED = "destroyed"


class DisplaceCli(Dispatching):
    name: ClassVar[str] = "displace_cli"
    label: ClassVar[str] = "Displace CLI"
    stays_on_host: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field("environment", "Environment of the command", "One NAME=value a line, such as the "
              "credentials of the cluster.", is_secret=True, is_required=False, is_long=True),
    )  # fmt: skip
    steps: ClassVar[tuple[str, ...]] = (
        "Put displace on the PATH of the workers.",
        "Give what it needs to reach its cluster, one NAME=value a line.",
    )

    def check(self, settings: Mapping[str, str]) -> None:
        for line in settings.get("environment", "").splitlines():
            name, equals, _ = line.partition("=")
            name = name.strip()
            if line.strip() and not (equals and _VARIABLE.fullmatch(name)):
                raise BadSettings("Each line is NAME=value, the name in capitals.", "environment")
            if name in _OUR_NAMES or name.startswith(("LD_", "DYLD_")):
                raise BadSettings(f"{name} is set by Displace; leave it out.", "environment")

    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        if local.program(COMMAND) is not None:
            return ()
        return (Missing(COMMAND, "Install the Displace CLI on every worker's PATH."),)

    def ask(self, job: Job, action: str) -> Mapping[str, Any]:
        project, destroyed = job.home / "project", job.home / _DESTROYED
        if action == "provision":
            destroyed.unlink(missing_ok=True)
            if not (project / ".initialized").exists():
                _write_files(project, job.files)
                _run(job, project, "init", _name(job))
                (project / ".initialized").touch(mode=0o600)
            else:
                _write_files(project, job.files)
            return _run(job, project, "deploy", _name(job))
        if not project.exists():
            if job.applied and not destroyed.exists():
                raise _lost(job, project)
            return {"present": False, "differences": ["Its folder is gone."]}
        if action == "destroy":
            _run(job, project, "destroy", _name(job), "--yes")
            # Noted first: without its folder it counts as gone only where we took it away.
            destroyed.touch(mode=0o600)
            shutil.rmtree(project, ignore_errors=True)
            return {}
        answer = _run(job, project, "info", _name(job))
        return {**answer, "present": answer.get("status") not in _ABSENT}


def _lost(job: Job, project: Path) -> EngineFailed:
    """It was built, and the folder that knows it is not here."""
    return EngineFailed(
        f"The folder of {_name(job)} is gone ({project}), so that nobody can tell whether it "
        "still stands.",
        f"Put the folder back, from a backup; or take {_name(job)} away by hand, and give the "
        "environment up.",
    )


def _name(job: Job) -> str:
    return f"dpl-{job.environment[:8]}-{job.resource}"


def _run(job: Job, folder: Path, command: str, *words: str) -> Mapping[str, Any]:
    """Run a command of the CLI; its standard input holds the values, its output is JSON."""
    path = local.program(COMMAND)
    if path is None:
        raise EngineFailed("The Displace CLI is not on this host.", "Install it.")
    hide = Redactor({*job.hidden.values(), *_given(job.settings).values()})
    answer = job.workdir / "answer.json"

    def tell(line: str) -> None:
        if line.strip():
            job.emit(EventKind.OUTPUT, hide(f"{job.resource}: {line.strip()}"))

    # What it says on the way goes to its standard error.
    argv = ["/bin/sh", "-c", 'exec "$@" > "$0"', str(answer)]
    try:
        ended = processes.run(
            [*argv, path, "project", command, *words, "--output", "json"],
            cwd=folder,
            env=_environment(job, path),
            seconds=job.seconds,
            on_line=tell,
            is_canceled=job.is_canceled,
            stdin=json.dumps(
                {"tier": job.tier, "parameters": job.parameters, "secrets": job.secrets}
            ).encode(),
            grace_seconds=0.0 if command == "info" else _GRACE_SECONDS,
        )
    except processes.ProcessCanceled:
        raise _interrupted(command, Canceled("It was canceled.")) from None
    except processes.ProcessTimedOut:
        raise _interrupted(command, TimedOut("It did not end in time.")) from None
    except processes.ProcessLost:
        raise EngineUnknown("The Displace CLI was killed from outside.") from None
    if ended.status < 0 and command != "info":
        raise EngineUnknown(f"The Displace CLI was killed (signal {-ended.status}).")
    if ended.status != 0:
        # Hidden before it is cut: half a secret is not found any more.
        said = hide(" ".join(ended.tail.split()))[-500:]
        raise EngineFailed(f"displace project {command} ended with {ended.status}. {said}")
    return _answer(answer)


def _interrupted(command: str, why: EngineFailed) -> EngineFailed:
    """The command is gone; what it had ordered from its cluster may go on."""
    if command == "info":
        return why
    return EngineUnknown(f"{why.message} What it had ordered may go on.")


def _answer(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > _MOST_ANSWER:
        raise EngineFailed("The Displace CLI answered with more than is taken.")
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        found = json.loads(text) if text.strip() else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise EngineFailed("The Displace CLI did not answer with a JSON object.")
    return found


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in files.items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise EngineFailed(f"The blueprint has a file outside of its folder: {name!r}.")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text, encoding="utf-8")


def _given(settings: Mapping[str, str]) -> dict[str, str]:
    pairs = [line.split("=", 1) for line in settings.get("environment", "").splitlines()]
    return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}


def _environment(job: Job, path: str) -> dict[str, str]:
    return {
        **_given(job.settings),
        "HOME": str(job.workdir),
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(path).parent), *local.SYSTEM_PATH]),
        "TMPDIR": str(job.workdir),
    }

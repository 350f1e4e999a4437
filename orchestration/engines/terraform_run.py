"""Commands of OpenTofu and Terraform, each in a private folder and with a bare environment.

Values are in files that only we can read, never in argv. Nothing of the user's own configuration
reaches the program. Its lock and its state are with us, over HTTP.
"""

import fcntl
import io
import json
import os
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from common.adapters import processes
from orchestration.domain.redaction import Redactor
from orchestration.domain.states import EventKind
from orchestration.engines import local
from orchestration.engines.engine import Canceled, EngineFailed, EngineUnknown, Job, TimedOut

PROGRAMS = {"tofu": "opentofu", "terraform": "terraform"}
PLAN_FILE = "plan.bin"
# Told to end, the program finishes what it is at, stores its state and frees its lock.
GRACE_SECONDS = 30.0
_TAKES_LOCK = ("plan", "apply", "state")
_LOCK_FILE = ".terraform.lock.hcl"
# Blueprints have no hidden files: theirs is without the dot.
_LOCK_FILE_GIVEN = "terraform.lock.hcl"
# Overrides are read in the order of their names, the last one counts.
_OVERRIDE = "zz_displace_override.tf.json"
_MOST_ANSWER = 64 * 1024 * 1024
_DECLARED = re.compile(r'^\s*variable\s+"?([A-Za-z_][\w-]*)"?\s*\{', re.MULTILINE)
_STALE = "Saved plan is stale"
_LOCKED = "Error acquiring the state lock"
_SAID = ("apply_start", "apply_complete", "apply_errored", "provision_start", "provision_progress")
_PLAIN = ("planned_change", "resource_drift", "change_summary", "version")


def program() -> tuple[str, str] | None:
    """OpenTofu where it is there, else Terraform: its name and its path."""
    for name in PROGRAMS:
        if path := local.program(name):
            return name, path
    return None


def version() -> str:
    """Such as "opentofu 1.9.0"; "terraform" where neither program is there."""
    found = program()
    if found is None:
        return "terraform"
    name, path = found
    return f"{PROGRAMS[name]} {_release(path, Path(path).stat().st_mtime_ns)}"


@lru_cache(maxsize=4)
def _release(path: str, changed_at: int) -> str:
    said: list[str] = []
    try:
        processes.run(
            [path, "version", "-json"],
            cwd=Path("/"),
            env={"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1", "HOME": "/"},
            seconds=20,
            on_line=said.append,
        )
        return str(json.loads("\n".join(said))["terraform_version"])
    except (processes.ProcessTimedOut, processes.ProcessLost, ValueError, KeyError, TypeError):
        return "of an unknown release"


class Workspace:
    """The folder of one job, initialized: where its commands run."""

    def __init__(self, job: Job) -> None:
        found = program()
        if found is None:
            raise EngineFailed("Neither tofu nor terraform is on this host.", "Install one.")
        if not job.state_backend:
            raise EngineFailed("There is no place for the state of this resource.")
        self.job = job
        self.path = found[1]
        self.folder = job.workdir / "terraform"
        self.hide = Redactor(secrets_of(job))
        self._until = time.monotonic() + job.seconds
        # How many things the last apply says that it changed.
        self.changed: int | None = None
        self._errors: list[tuple[str, str]] = []
        self._write_all()
        with _cache_held(self):
            self.command("init", "-input=false", "-no-color", *self._plugins())

    def command(self, *words: str, into: Path | None = None) -> int:
        """Run a command to its end and give its status, 0 or 2 (a plan that holds changes).

        Raises EngineFailed and its kinds. What it says goes to the log, or into the file `into`.
        """
        self._errors.clear()
        argv = [self.path, *words]
        takes_lock = words[0] in _TAKES_LOCK and "-lock=false" not in words
        if into is not None:
            # JSON comes as one line, longer than lines may be.
            argv = ["/bin/sh", "-c", 'exec "$0" "$@" > answer.json', *argv]
        try:
            ended = processes.run(
                argv,
                cwd=self.folder,
                env=self._environment(),
                seconds=max(1.0, self._until - time.monotonic()),
                on_line=self._line,
                is_canceled=self.job.is_canceled,
                grace_seconds=GRACE_SECONDS if takes_lock else 0.0,
            )
        except processes.ProcessCanceled:
            raise Canceled("It was canceled; its processes are gone.") from None
        except processes.ProcessTimedOut:
            raise TimedOut(f"It did not end within {self.job.seconds:.0f} seconds.") from None
        except processes.ProcessLost:
            raise EngineUnknown("The program was killed from outside.") from None
        if ended.status < 0:
            raise EngineUnknown(f"The program was killed from outside (signal {-ended.status}).")
        if ended.status not in (0, 2) or (ended.status == 2 and words[0] != "plan"):
            raise self._failed(ended.status, ended.tail)
        return ended.status

    def answer(self, *words: str) -> Any:
        """What a command says as JSON."""
        path = self.folder / "answer.json"
        self.command(*words, into=path)
        if path.stat().st_size > _MOST_ANSWER:
            raise EngineFailed("The program answered with more than is taken.")
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise EngineFailed("The program did not answer in JSON.") from None

    def _write_all(self) -> None:
        job = self.job
        for name in ("", "home", "tmp"):
            (self.folder / name).mkdir(mode=0o700)
        for name, text in job.files.items():
            _write(self.folder, _LOCK_FILE if name == _LOCK_FILE_GIVEN else name, text)
        backend = {
            "address": job.state_backend["address"],
            "lock_address": job.state_backend["address"],
            "unlock_address": job.state_backend["address"],
            "retry_max": 3,
        }
        (self.folder / _OVERRIDE).unlink(missing_ok=True)
        _write(self.folder, _OVERRIDE, json.dumps({"terraform": {"backend": {"http": backend}}}))
        _write(self.folder, "terraform.tfvars.json", json.dumps(_variables(job)))
        if job.artifact is not None:
            _write_plan(self.folder, job.artifact)

    def _plugins(self) -> list[str]:
        """From our own folder, where an operator put providers there; else from their registry."""
        ours = _plugins_folder() / "mirror"
        return [f"-plugin-dir={ours}"] if ours.is_dir() and any(ours.iterdir()) else []

    def _environment(self) -> dict[str, str]:
        backend = self.job.state_backend
        path = [str(Path(self.path).parent), *local.SYSTEM_PATH]
        return {
            **provider_environment(self.job.settings),
            "CHECKPOINT_DISABLE": "1",
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join(path),
            "TF_CLI_CONFIG_FILE": os.devnull,
            "TF_HTTP_PASSWORD": backend["password"],
            "TF_HTTP_USERNAME": backend["username"],
            "TF_IN_AUTOMATION": "1",
            "TF_PLUGIN_CACHE_DIR": str(_plugins_folder() / "cache"),
            "TMPDIR": str(self.folder / "tmp"),
        }

    def _line(self, text: str) -> None:
        try:
            event = json.loads(text)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            if text.strip():
                self.job.emit(EventKind.OUTPUT, self.hide(f"{self.job.resource}: {text.strip()}"))
            return
        kind, said = event.get("type"), str(event.get("@message", ""))
        if kind == "diagnostic":
            self._diagnosed(event.get("diagnostic") or {})
        elif kind in _SAID or kind in _PLAIN:
            if kind == "change_summary":
                counted = event.get("changes") or {}
                self.changed = sum(int(counted.get(one, 0)) for one in ("add", "change", "remove"))
            step = EventKind.STEP if kind == "apply_start" else EventKind.OUTPUT
            self.job.emit(step, self.hide(f"{self.job.resource}: {said}"))

    def _diagnosed(self, found: Mapping[str, Any]) -> None:
        summary, detail = str(found.get("summary", "")), str(found.get("detail", ""))
        is_error = found.get("severity") == "error"
        if is_error:
            self._errors.append((summary, detail))
        where = f" ({found['address']})" if found.get("address") else ""
        text = f"{self.job.resource}: {summary}{where}. {detail}".strip()
        self.job.emit(EventKind.ERROR if is_error else EventKind.WARNING, self.hide(text))

    def _failed(self, status: int, tail: str) -> EngineFailed:
        summary, detail = self._errors[0] if self._errors else ("", "")
        if _STALE in summary or _STALE in tail:
            return EngineFailed(
                "Saved plan is stale: the state changed after it was made.", "Plan it again."
            )
        if _LOCKED in summary or _LOCKED in tail:
            return EngineFailed(
                self.hide(f"Somebody else holds the lock of the state. {_holder(detail or tail)}"),
                "Wait until they have ended. A lock that a dead run left is taken over some minutes"
                " later; an operator can break it before.",
            )
        # Hidden before it is cut: half a secret is not found any more.
        said = self.hide(f"{summary}. {detail}") if summary else self.hide(tail.strip())[-600:]
        text = " ".join(said.split()) or f"The program ended with status {status}."
        return EngineFailed(text[:800], "Look at the lines before this one.")


def secrets_of(job: Job) -> set[str]:
    """Whatever must not be seen in what the program says."""
    given = provider_environment(job.settings)
    backend = {job.state_backend.get("password", "")}
    return {one for one in {*job.hidden.values(), *given.values(), *backend} if one}


def provider_environment(target: Mapping[str, str]) -> dict[str, str]:
    """The target's NAME=value lines."""
    pairs = [line.split("=", 1) for line in target.get("environment", "").splitlines()]
    return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}


def _variables(job: Job) -> dict[str, Any]:
    """The values of the variables that the files declare; others would be warned of."""
    given = {
        **job.parameters,
        **job.secrets,
        "dpl_name": job.resource,
        "dpl_environment": job.environment,
        "dpl_tier": job.tier,
        "dpl_home": str(job.home),
    }
    declared: set[str] = set()
    for name, text in job.files.items():
        if name.endswith(".tf.json"):
            with suppress(ValueError, AttributeError):
                declared |= set(json.loads(text).get("variable", {}))
        elif name.endswith(".tf"):
            declared |= set(_DECLARED.findall(text))
    return {name: value for name, value in given.items() if name in declared}


def _write(folder: Path, name: str, text: str) -> None:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise EngineFailed(f"The blueprint has a file outside of its folder: {name!r}.")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _write_plan(folder: Path, plan: bytes) -> None:
    """The plan file, and the versions of providers that it was made with."""
    path = folder / PLAN_FILE
    path.touch(mode=0o600)
    path.write_bytes(plan)
    with suppress(zipfile.BadZipFile, KeyError), zipfile.ZipFile(io.BytesIO(plan)) as packed:
        _write(folder, _LOCK_FILE, packed.read(_LOCK_FILE).decode())


def _plugins_folder() -> Path:
    folder = Path(settings.DATA_DIR) / "terraform"
    (folder / "cache").mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def _cache_held(workspace: Workspace) -> Iterator[None]:
    """One at a time fills the folder of providers."""
    with (_plugins_folder() / "cache.lock").open("w", encoding="utf-8") as file:
        until = time.monotonic() + workspace.job.seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if workspace.job.is_canceled():
                    raise Canceled("It was canceled before it began.") from None
                if time.monotonic() > until:
                    raise TimedOut("Others were loading providers all the time.") from None
                time.sleep(0.1)
        yield


def _holder(text: str) -> str:
    """Which lock it is. What else the program says there is about itself, not the holder."""
    found = re.search(r"already locked: ID=([\w-]+)", text)
    return f"It is lock {found[1]}; the command state_lock says whose it is." if found else ""

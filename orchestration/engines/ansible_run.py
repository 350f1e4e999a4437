"""One run of ansible-runner in a folder of its own, killed with all that it started.

Nothing of the user's own Ansible configuration reaches it, and no value that a person gave is ever
evaluated: each is marked as unsafe. Secrets are in one file that only we can read.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.adapters import processes
from orchestration.domain.states import EventKind
from orchestration.engines import local
from orchestration.engines.engine import Canceled, EngineFailed, EngineUnknown, Job, TimedOut

# Where Ansible would look for code of the user's or the system's.
_CODE = (
    "become", "cache", "callback", "cliconf", "connection", "doc_fragment", "filter",
    "httpapi", "inventory", "lookup", "netconf", "strategy", "terminal", "test", "vars",
)  # fmt: skip
_CONFIG = """\
[defaults]
inventory = {folder}/inventory
roles_path = {folder}/project/roles
collections_path = {folder}/none
library = {folder}/project/library
module_utils = {folder}/none
action_plugins = {ours}:{folder}/project/action_plugins
{code}
gathering = explicit
fact_caching = memory
inject_facts_as_vars = False
retry_files_enabled = False
no_target_syslog = True
deprecation_warnings = False
localhost_warning = False
nocows = True
forks = 1
[inventory]
enable_plugins = ansible.builtin.ini
[connection]
pipelining = True
"""
# The action with which a playbook answers.
_OURS = Path(__file__).with_name("ansible_plugins")
_MOST_ANSWER = 256 * 1024
_LONGEST_EVENT = 1 << 20
_MOST_BYTES = 64 << 20
_LONGEST_MESSAGE = 600


@dataclass
class Outcome:
    """What a playbook did. `answer` is what it wrote for us."""

    changed: int | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)


def play(
    job: Job,
    playbook: str,
    variables: Mapping[str, Any],
    *,
    kills_daemons: bool = False,
) -> Outcome:
    """Run one playbook of the job's blueprint to its end. Raises EngineFailed and its kinds."""
    with _folder(job, variables) as folder:
        telling = _Telling(job)
        # -P: files of the blueprint, where it runs, are no modules of Python.
        argv = [sys.executable, "-P", "-m", "ansible_runner", "run", str(folder), "--json"]
        argv += ["--playbook", playbook, "--omit-env-files"]
        try:
            ended = processes.run(
                argv,
                cwd=folder / "project",
                env=_environment(folder, job.home),
                seconds=job.seconds,
                on_line=telling.line,
                is_canceled=job.is_canceled,
                kills_daemons=kills_daemons,
                most_bytes=_MOST_BYTES,
                longest_line=_LONGEST_EVENT,
                removes=folder,
            )
        except processes.ProcessCanceled:
            raise Canceled("It was canceled; its processes are gone.") from None
        except processes.ProcessTimedOut:
            raise TimedOut(f"It did not end within {job.seconds:.0f} seconds.") from None
        except processes.ProcessLost:
            raise EngineUnknown("Ansible was killed from outside.") from None
        if ended.status != 0:
            raise EngineFailed(
                telling.hide(telling.failure or f"Ansible ended with status {ended.status}."),
                f"Look at the lines before this one, and into {job.home / 'log'}.",
            )
        return Outcome(telling.changed, _answer(folder))


@contextmanager
def _folder(job: Job, variables: Mapping[str, Any]) -> Iterator[Path]:
    """A private folder for one run of Ansible; gone afterwards, secrets and all."""
    folder = Path(tempfile.mkdtemp(prefix="ansible-", dir=job.workdir))
    try:
        for name in ("project", "inventory", "env", "home", "tmp"):
            (folder / name).mkdir(mode=0o700)
        for name, text in job.files.items():
            _write(folder / "project", name, text)
        code = "\n".join(f"{kind}_plugins = {folder}/project/{kind}_plugins" for kind in _CODE)
        _write(folder, "ansible.cfg", _CONFIG.format(folder=folder, ours=_OURS, code=code))
        _write(folder / "inventory", "hosts", "localhost\n")
        given = {
            **variables,
            "dpl_answer": str(folder / "answer.json"),
            "dpl_tmp": str(folder / "tmp"),
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        # ansible-runner passes it as `-e @file`.
        _write(folder / "env", "extravars", as_variables(given))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise EngineFailed(f"The blueprint has a file outside of its folder: {name!r}.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _environment(folder: Path, home: Path) -> dict[str, str]:
    path = [str(Path(sys.executable).parent), *local.SYSTEM_PATH]
    return {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "tmp"),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "PATH": os.pathsep.join(path),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        local.MARK: str(home),
    }


def as_variables(values: Mapping[str, Any]) -> str:
    """Variables as Ansible reads them: no text in them, however deep, is a template.

    As JSON, whose texts stay texts: YAML's `!unsafe "no"` becomes False, and "0777" a number.
    """
    return json.dumps(_unsafe(dict(values)))


def _unsafe(value: Any) -> Any:
    if isinstance(value, str):
        return {"__ansible_unsafe": value}
    if isinstance(value, Mapping):
        return {str(key): _unsafe(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_unsafe(one) for one in value]
    return value


def _answer(folder: Path) -> Mapping[str, Any]:
    path = folder / "answer.json"
    if not path.exists():
        return {}
    if path.stat().st_size > _MOST_ANSWER:
        raise EngineFailed("The blueprint answered with more than is taken.")
    answer = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(answer, dict):
        raise EngineFailed("The blueprint's answer is not an object.")
    return answer


class _Telling:
    """Reads ansible-runner's events, line by line, and tells the run's log what happens."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.failure = ""
        self.changed: int | None = None

    def line(self, text: str) -> None:
        try:
            event = json.loads(text)
        except ValueError:
            # An event that was too long to be passed on whole begins as others do.
            if text.strip() and not text.startswith("{"):
                self._tell(EventKind.OUTPUT, text)
            return
        data = event.get("event_data", {}) if isinstance(event, dict) else {}
        handler = getattr(self, f"_on_{event['event']}", None) if "event" in event else None
        if handler is not None:
            handler(data, event.get("stdout", ""))

    def _on_playbook_on_task_start(self, data: Mapping[str, Any], said: str) -> None:
        self._tell(EventKind.STEP, f"{self.job.resource}: {data.get('name', '')}")

    def _on_runner_on_ok(self, data: Mapping[str, Any], said: str) -> None:
        if data.get("res", {}).get("changed"):
            self._tell(EventKind.OUTPUT, f"{self.job.resource}: changed: {data.get('task', '')}")

    def _on_runner_on_failed(self, data: Mapping[str, Any], said: str) -> None:
        if data.get("ignore_errors"):
            return
        # Hidden before it is cut: half a secret is not found any more.
        why = _why(data.get("res", {}), self.hide)
        self.failure = f"{data.get('task', '')}: {why}"
        self._tell(EventKind.ERROR, f"{self.job.resource}: {self.failure}")

    def _on_error(self, data: Mapping[str, Any], said: str) -> None:
        self.failure = self.failure or said.strip()
        self._tell(EventKind.ERROR, said.strip())

    def _on_warning(self, data: Mapping[str, Any], said: str) -> None:
        self._tell(EventKind.WARNING, said.strip())

    def _on_playbook_on_stats(self, data: Mapping[str, Any], said: str) -> None:
        # Not from the tasks: `no_log` hides whether one of them changed something.
        self.changed = sum(data.get("changed", {}).values())

    def _tell(self, kind: EventKind, text: str) -> None:
        self.job.emit(kind, self.hide(text))

    def hide(self, text: str) -> str:
        for secret in sorted(_secrets_of(self.job), key=len, reverse=True):
            if len(secret) >= 4:
                text = text.replace(secret, "[secret]")
        return text


def _secrets_of(job: Job) -> set[str]:
    """Our own, what a reference to another resource's secret became, and what is called one."""
    given = {name: str(value) for name, value in job.parameters.items()}
    return {*job.hidden.values(), *(given[name] for name in given if "password" in name)}


def _why(result: Mapping[str, Any], hide: Callable[[str], str]) -> str:
    """What a failed task says of itself, the most telling part of it."""
    said = [str(result.get(name, "")).strip() for name in ("stderr", "msg", "stdout")]
    said = [one for one in said if one and one != "non-zero return code"]
    return (hide(said[0]) if said else "it failed")[-_LONGEST_MESSAGE:]

"""A small engine of the suite's own: it makes a folder and a server that listens, and no more.

What it starts is real: a shell below the supervisor, and a daemon with a session of its own. A
test can let it wait in phases by writing their names into the file `hold` of the data directory.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings

from common.adapters import processes
from common.connection_settings import BadSettings
from orchestration.adapters import probes
from orchestration.adapters.probes.outcome import Probed, ProbeFailed
from orchestration.domain.plans import Change, ChangeKind
from orchestration.domain.states import EventKind, Fidelity
from orchestration.engines import registry
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

NAME = "small"
CAPABILITY = "feature-flags"
# A server that says its token and its size to whoever connects.
SERVER = """
import os, socket, sys
home = sys.argv[1]
server = socket.create_server(("127.0.0.1", 0))
with open(home + "/port.draft", "w") as file: file.write(str(server.getsockname()[1]))
with open(home + "/pid", "w") as file: file.write(str(os.getpid()))
os.rename(home + "/port.draft", home + "/port")
while True:
    peer = server.accept()[0]
    with peer, open(home + "/size") as size, open(home + "/token") as token:
        peer.sendall((token.read() + " " + size.read()).encode())
"""
MANIFEST: dict[str, Any] = {
    "schema": 1,
    "name": "small",
    "title": "Small server",
    "capability": CAPABILITY,
    "engine": NAME,
    "summary": "A server for tests.",
    "parameters": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "size": {"type": "integer", "minimum": 1, "maximum": 1000},
            "fails": {"type": "boolean", "default": False},
            "says": {"type": "string", "pattern": "^[a-z ]{0,60}$", "default": ""},
        },
    },
    "secrets": ["token"],
    "declares": ["Server {size}"],
    "outputs": {
        "host": {}, "port": {}, "url": {}, "token": {"secret": True},
    },
    "tiers": {
        name: {
            "parameters": {"size": size},
            "capacity": {"requests_per_second": size},
            "monthly_cost": f"{size}.00",
            "currency": "EUR",
        }
        for name, size in (("small", 10), ("medium", 50), ("large", 500))
    },
}  # fmt: skip


def hold_file() -> Path:
    return Path(settings.DATA_DIR) / "hold"


def _is_held(phase: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return phase in hold_file().read_text().split(", ")
    return False


def wait_while_held(phase: str, job: Job | None = None) -> None:
    while _is_held(phase):
        if job is not None and job.is_canceled():
            raise Canceled("Canceled.")
        time.sleep(0.02)


class SmallEngine(Engine):
    name: ClassVar[str] = NAME
    label: ClassVar[str] = "Small"
    is_local: ClassVar[bool] = True
    stays_on_host: ClassVar[bool] = True
    fidelity: ClassVar[Fidelity] = Fidelity.ADVISORY

    def check(self, settings: Mapping[str, str]) -> None:
        if settings.get("broken"):
            raise BadSettings("It is broken.", "broken")

    def missing(self, manifest: Mapping[str, Any]) -> tuple[Missing, ...]:
        return ()

    def plan(self, job: Job) -> Planned:
        job.emit(EventKind.OUTPUT, f"planning with {job.secrets['token']}")
        wait_while_held("plan", job)
        if (
            job.applied
            and job.applied.get("tier") == job.tier
            and not self.observe(job).differences
        ):
            kind = ChangeKind.NONE
        else:
            kind = ChangeKind.UPDATE if job.applied else ChangeKind.CREATE
        change = Change(job.resource, kind, f"server of size {job.parameters['size']}")
        return Planned((change,), self.fidelity)

    def apply(self, job: Job) -> Applied:
        job.home.mkdir(parents=True, exist_ok=True)
        for name, text in (("token", job.secrets["token"]), ("size", str(job.parameters["size"]))):
            (job.home / name).write_text(text)
        if not _living(job.home):
            self._shell(job, self._start_script())
        wait_while_held("apply", job)
        if _is_held("apply in a child"):
            self._shell(job, 'echo waiting; sleep 300 & echo $! > "$1/child"; wait')
        if job.parameters["fails"]:
            raise EngineFailed("It fails, as it was told to.")
        job.emit(EventKind.OUTPUT, f"built with {job.secrets['token']} {job.parameters['says']}")
        port = _port(job.home)
        address = {"host": "127.0.0.1", "port": str(port), "url": f"tcp://127.0.0.1:{port}"}
        return Applied({**address, "token": job.secrets["token"]}, {"port": port}, 1)

    def _start_script(self) -> str:
        server = 'setsid "$2" -I -S -c "$3" "$1" >/dev/null 2>&1 &'
        return f'{server} while ! test -e "$1/port"; do sleep 0.05; done'

    def _shell(self, job: Job, script: str) -> None:
        try:
            ended = processes.run(
                ["sh", "-c", script, "sh", str(job.home), sys.executable, SERVER],
                cwd=job.workdir,
                env={"PATH": os.environ["PATH"]},
                seconds=job.seconds,
                on_line=lambda line: job.emit(EventKind.OUTPUT, line),
                is_canceled=job.is_canceled,
                kills_daemons=job.is_first,
            )
        except processes.ProcessCanceled:
            raise Canceled("Canceled.") from None
        except processes.ProcessTimedOut:
            raise TimedOut("It took too long.") from None
        if ended.status:
            raise EngineFailed(f"The shell ended with {ended.status}: {ended.tail}")

    def observe(self, job: Job) -> Observed:
        wait_while_held("observe", job)
        if not _living(job.home):
            return Observed(False, ("No server runs.",))
        size = (job.home / "size").read_text()
        wanted = str(job.parameters["size"])
        return Observed(True, () if size == wanted else (f"Its size is {size}, not {wanted}.",))

    def destroy(self, job: Job) -> None:
        wait_while_held("destroy", job)
        for pid in _living(job.home):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while _living(job.home):
            time.sleep(0.02)
        for path in sorted(job.home.glob("*")):
            path.unlink()
        if job.home.exists():
            job.home.rmdir()
            with contextlib.suppress(OSError):
                job.home.parent.rmdir()

    def remains(self, job: Job) -> tuple[str, ...]:
        found = [f"Process {pid} still runs." for pid in _living(job.home)]
        if job.home.exists():
            found.append("Its folder is still there.")
        return tuple(found)


def _living(home: Path) -> list[int]:
    """Processes that name the folder among their arguments."""
    return processes_naming(str(home))


def processes_naming(text: str) -> list[int]:
    """The living processes that have exactly this among their arguments."""
    found = []
    for path in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if path.name.isdigit() and text.encode() in (path / "cmdline").read_bytes().split(
                b"\0"
            ):
                found.append(int(path.name))
    return found


def _port(home: Path) -> int:
    return int((home / "port").read_text())


def probe(outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float) -> Probed:
    """Connect, and see that it says the token and has the size."""
    wait_while_held("verify")
    try:
        with socket.create_connection(
            (outputs["host"], int(outputs["port"])), timeout=seconds
        ) as it:
            said = it.recv(200).decode()
    except OSError as error:
        raise ProbeFailed(f"It does not answer: {error.strerror}.") from None
    if said == f"{outputs['token']} {expected['size']}":
        return Probed(True, (f"It answers with its size {expected['size']}.",))
    return Probed(False, ("It answers something else.",))


def install() -> None:
    """Let this process know the engine, and how to look at what it makes."""
    engines: Any = registry.ENGINES
    engines[NAME] = SmallEngine()
    looks: Any = probes._PROBES
    looks[CAPABILITY] = probe

"""A whole installation of a test's own: web and workers as processes, its API over real HTTP.

with installation(folder) as shop:
    ann = shop.person("ann", "contributor")
    ann.post("environments", {...})
"""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
QUEUES = ("default,analysis", "runs")
WEB = "web"
BEAT = "beat"
# A busy machine takes minutes for what takes seconds elsewhere.
STARTS_WITHIN = 300.0
ENDS_WITHIN = 300.0
STOPS_WITHIN = 20.0
TOKENS = """
from accounts import services
from accounts.domain.roles import Role
for name, role in {roles!r}.items():
    user = services.user_create(username=name, role=Role(role))
    print(services.token_issue(user=user, name="test").secret)
"""


@dataclass(frozen=True)
class Answer:
    """What came back; `json` is None where there was no body."""

    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True)
class Person:
    """Somebody's program: it calls the API with their token."""

    name: str
    address: str
    token: str

    def get(self, path: str) -> Any:
        """What is at a path; anything but 200 is a failure of the test."""
        answer = self.call("GET", path)
        assert answer.status == 200, answer
        return answer.json

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def did(self, path: str, body: Any = None, **headers: str) -> Any:
        """The body of a POST that must be taken."""
        answer = self.post(path, body, **headers)
        assert answer.status in (200, 201, 202), answer
        return answer.json

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.address}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as found:  # noqa: S310 - as above
                return Answer(found.status, found.headers, json.loads(found.read() or b"null"))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, json.loads(error.read() or b"null"))


class Server:
    """A process of an installation, which a test may kill and start again."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.command = command
        self.folder = folder
        self.environment = environment
        self.start()

    def start(self) -> None:
        with (self.folder / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass(frozen=True)
class Installation:
    """One that runs. Its servers are named by what they serve: a group of queues, web, beat."""

    folder: Path
    address: str
    environment: Mapping[str, str]
    servers: dict[str, Server] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """The end of what its processes said."""
        return (self.folder / "output.txt").read_text(encoding="utf-8", errors="replace")[-4000:]

    def manage(self, *arguments: str, status: int = 0) -> str:
        """What a command says on standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stderr}"
        return done.stdout

    def shell(self, script: str) -> str:
        return self.manage("shell", "-v0", "-c", script).strip()

    @contextmanager
    def feed(self, script: str) -> Iterator[Callable[[str], None]]:
        """A script that goes on reading lines from us; gives what writes one."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v0", "-c", script],
            cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        pipe = process.stdin

        def write(line: str) -> None:
            pipe.write(line)
            pipe.flush()

        try:
            yield write
        finally:
            pipe.close()
            process.wait()

    def people(self, **roles: str) -> list[Person]:
        """New people with these roles, by name."""
        tokens = self.shell(TOKENS.format(roles=roles)).split()
        return [
            Person(name, self.address, token) for name, token in zip(roles, tokens, strict=True)
        ]

    def wait(self, what: str, is_so: Callable[[], Any], seconds: float = ENDS_WITHIN) -> Any:
        """The first true answer. The log tells why there was none."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if found := is_so():
                return found
            time.sleep(0.1)
        raise AssertionError(f"{what}: not within {seconds:g} s\n{self.log}")

    def run_reached(
        self, person: Person, reference: str, *states: str, seconds: float = 120
    ) -> Any:
        """A run once it is in one of the states; one that is over in another is a failure."""

        def found() -> Any:
            run = person.get(f"runs/{reference}")
            assert not run["is_over"] or run["state"] in states, (run, self.log)
            return run if run["state"] in states else None

        return self.wait(f"{reference} {'/'.join(states)}", found)


@contextmanager
def installation(
    folder: Path,
    database: str = "",
    *,
    app: str = "displace.celery",
    broker: str = "",
    queues: Sequence[str] = QUEUES,
    has_beat: bool = False,
    **settings: str,
) -> Iterator[Installation]:
    """Start it, with one worker for each group of queues; everything ends with the block.

    `settings` are more of its variables. Where a group is named twice, with a number behind a
    colon, it has two workers.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPLACE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    made = Installation(
        folder,
        address,
        kept
        | {
            "DISPLACE_DATA_DIR": str(folder / "data"),
            "DISPLACE_SECRET_KEY": secrets.token_urlsafe(48),
            "DISPLACE_ENCRYPTION_KEYS": base64.urlsafe_b64encode(bytes(32)).decode(),
            "DISPLACE_BASE_URL": address,
            "DISPLACE_LOG_LEVEL": "WARNING",
        }
        | ({"DISPLACE_DATABASE_URL": database} if database else {})
        | ({"DISPLACE_BROKER_URL": broker} if broker else {})
        | settings,
    )
    (folder / "output.txt").touch()
    made.manage("migrate", "-v0")
    commands = _commands(app, queues, port)
    if not has_beat:
        del commands[BEAT]
    with ExitStack() as running:
        running.callback(_end_servers, folder)
        for name, command in commands.items():
            made.servers[name] = Server(command, folder, made.environment)
            running.callback(made.servers[name].stop)
        made.wait("the web answers", lambda: _answers(address), STARTS_WITHIN)
        yield made


def _commands(app: str, queues: Sequence[str], port: int) -> dict[str, Sequence[str]]:
    """What starts each server, by what it serves."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", app]
    worker = [*celery, "worker", "--pool", "solo", "--queues"]
    web = [
        sys.executable, "-m", "gunicorn", "displace.wsgi", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--threads", "4", "--no-control-socket",
    ]  # fmt: skip
    workers = {one: [*worker, one.partition(":")[0], "-n", f"{one}@h"] for one in queues}
    return {**workers, WEB: web, BEAT: [*celery, "beat"]}


def _end_servers(folder: Path) -> None:
    """What was built and not taken away, because something failed, is ended with its folder."""
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder):
                os.kill(int(process.name), signal.SIGKILL)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):  # noqa: S310 - our own address
            return True
    except OSError:
        return False

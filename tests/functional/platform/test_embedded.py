"""`make run`'s program: starts, is used, refuses a second start, and leaves nothing behind."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.builders.git_history import History
from tests.builders.migrated import begin_with

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("embedded")]

START_SECONDS = 90
STOP_SECONDS = 20
LINK = re.compile(r"http://127\.0\.0\.1:[0-9]+(/accounts/sign-in/\S+/)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def group_members(session: int) -> list[int]:
    """The processes that descend from `session`'s process, by their environment."""
    marker = f"DISPLACE_TEST_MARK={session}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue  # it has ended, or is not ours
    return found


class Installation:
    """One data directory and the programs over it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self.mark = self.port
        self.started: list[subprocess.Popen[bytes]] = []
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DISPLACE_")}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        self.environment = {
            **kept,
            "DISPLACE_DATA_DIR": str(folder / "data"),
            "DISPLACE_TEST_MARK": str(self.mark),
        }

    def start(self, repo: str) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-m", "displace.embedded", "--repo", repo]
        with self.log.open("wb") as log:
            started = subprocess.Popen(
                [*program, "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.started.append(started)
        return started

    def kill_all(self) -> None:
        for process in group_members(self.mark):
            os.kill(process, signal.SIGKILL)
        for started in self.started:
            started.wait()

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, condition: Callable[[], object], seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.2)

    def leader(self, argument: str) -> int:
        """The number of the program with this in its command line; 0 when there is none.

        Each program leads a group, its helpers do not.
        """
        for process in group_members(self.mark):
            with suppress(OSError):
                command = Path(f"/proc/{process}/cmdline").read_bytes()
                if argument.encode() in command and os.getpgid(process) == process:
                    return process
        return 0

    def kill(self, argument: str) -> int:
        """Kill the program with this in its command line; return its number."""
        process = self.leader(argument)
        assert process, f"no program with {argument!r} runs"
        os.kill(process, signal.SIGKILL)
        return process

    def run(self) -> tuple[str, int]:
        """The state of the newest analysis, and how many workers have taken it."""
        database = Path(self.environment["DISPLACE_DATA_DIR"]) / "db.sqlite3"
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            found: tuple[str, int] = connection.execute(
                "SELECT state, fence FROM analysis_analysisrun ORDER BY id DESC"
            ).fetchone()
        return found

    def answers(self, path: str) -> bool:
        try:
            return self.status("GET", path) == 200
        except OSError:
            return False

    def status(self, method: str, path: str) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as client:
            client.request(method, path)
            return client.getresponse().status


@pytest.fixture
def from_nothing(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    installation.kill_all()


@pytest.fixture
def installation(from_nothing: Installation, migrated: Path) -> Installation:
    """One that has its tables already."""
    begin_with(migrated, Path(from_nothing.environment["DISPLACE_DATA_DIR"]))
    return from_nothing


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cart.py").write_text("def total(prices):\n    return sum(prices)\n", "utf-8")
    identity = ["-c", "user.name=Jane", "-c", "user.email=jane@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Start"]):
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    return folder


def test_a_start_from_nothing_to_a_clean_stop(from_nothing: Installation, repository: Path) -> None:
    installation = from_nothing
    program = installation.start(str(repository))
    installation.wait_for(lambda: "shop is analysed." in installation.output())
    link = LINK.search(installation.output())
    assert link is not None
    assert installation.status("GET", "/healthz") == 200
    assert installation.status("GET", "/readyz") == 200
    assert installation.status("GET", link.group(1)) == 200
    for name in ("secret-key", "encryption-keys", "db.sqlite3"):
        secret = Path(installation.environment["DISPLACE_DATA_DIR"]) / name
        assert secret.stat().st_mode & 0o777 == 0o600

    invited = subprocess.run(
        [sys.executable, "manage.py", "sign_in_link", "admin"],
        cwd=ROOT,
        env=installation.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert invited.stdout.startswith(f"http://127.0.0.1:{installation.port}/")

    second = subprocess.run(
        [sys.executable, "-m", "displace.embedded", "--port", str(free_port())],
        cwd=ROOT,
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert "already in use by" in second.stderr
    assert second.stderr.count("\n") == 1

    program.send_signal(signal.SIGINT)
    assert program.wait(STOP_SECONDS) == 0
    assert installation.output().rstrip().endswith("Stopped.")
    assert group_members(installation.mark) == []


def test_a_second_start_keeps_the_data_and_a_kill_leaves_no_orphan(
    installation: Installation, repository: Path
) -> None:
    first = installation.start(str(repository))
    installation.wait_for(lambda: "shop is analysed." in installation.output())
    first.send_signal(signal.SIGTERM)
    assert first.wait(STOP_SECONDS) == 0

    second = installation.start("")
    installation.wait_for(lambda: "Displace is running" in installation.output())
    assert "Analysing" not in installation.output(), "no other repository is added"
    second.kill()
    second.wait()
    installation.wait_for(lambda: not group_members(installation.mark), seconds=STOP_SECONDS)


def test_a_bad_repository_is_named_and_the_rest_starts(
    installation: Installation, tmp_path: Path
) -> None:
    program = installation.start(str(tmp_path / "nowhere"))
    installation.wait_for(lambda: "No repository was analysed" in installation.output())
    assert installation.status("GET", "/healthz") == 200
    program.send_signal(signal.SIGHUP)
    assert program.wait(STOP_SECONDS) == 0
    assert group_members(installation.mark) == []


@pytest.fixture
def large_repository(tmp_path: Path) -> Path:
    """Takes longer to measure than a stop takes."""
    function = (
        "def f{0}(a, b):\n    if a > {0} and b:\n        return [a * x for x in b]\n    return a\n"
    )
    body = "".join(function.format(number) for number in range(120))
    files = {f"shop/part{number}.py": f"N = {number}\n{body}" for number in range(4000)}
    return History(tmp_path / "mall.git").commit("build the mall", files).path


def test_a_killed_worker_is_started_again_and_takes_its_analysis_up(
    installation: Installation, large_repository: Path
) -> None:
    program = installation.start(str(large_repository))
    installation.wait_for(lambda: "Analysing mall: Measuring" in installation.output())
    installation.kill("--queues\0analysis\0")
    # Long before the sweep of beat, which comes every 30 seconds.
    installation.wait_for(lambda: installation.run()[1] == 2, seconds=15)
    assert "worker-analysis was killed (SIGKILL); it is started again." in installation.output()
    installation.wait_for(lambda: "mall is analysed." in installation.output())
    assert installation.run() == ("complete", 2)
    program.send_signal(signal.SIGTERM)
    assert program.wait(STOP_SECONDS) == 0
    assert group_members(installation.mark) == []


def test_a_stop_in_the_middle_of_an_analysis_leaves_it_to_the_next_start(
    installation: Installation, large_repository: Path
) -> None:
    first = installation.start(str(large_repository))
    installation.wait_for(lambda: "Analysing mall: Measuring" in installation.output())
    first.send_signal(signal.SIGTERM)
    assert first.wait(STOP_SECONDS) == 0
    assert group_members(installation.mark) == []
    assert installation.run() == ("running", 1)
    installation.start("")
    installation.wait_for(lambda: installation.run()[0] == "complete")


@pytest.mark.parametrize("name", ["web", "beat"])
def test_a_killed_program_is_started_again(
    installation: Installation, tmp_path: Path, name: str
) -> None:
    argument = {"web": "\0gunicorn\0", "beat": "\0beat\0"}[name]
    installation.start(str(tmp_path / "nowhere"))
    installation.wait_for(lambda: "Displace is running" in installation.output())
    killed = installation.kill(argument)
    installation.wait_for(lambda: installation.leader(argument) not in (0, killed))
    assert f"{name} was killed (SIGKILL); it is started again." in installation.output()
    installation.wait_for(lambda: installation.answers("/healthz"))


def test_a_program_that_keeps_ending_stops_the_rest(
    installation: Installation, tmp_path: Path
) -> None:
    program = installation.start(str(tmp_path / "nowhere"))
    installation.wait_for(lambda: "Displace is running" in installation.output())
    while program.poll() is None:
        if beat := installation.leader("\0beat\0"):
            with suppress(ProcessLookupError):
                os.kill(beat, signal.SIGKILL)
        time.sleep(0.1)
    assert program.returncode == 1
    assert "beat ended 6 times within a minute" in installation.output()
    assert "Traceback" not in installation.output()
    assert group_members(installation.mark) == []


@pytest.mark.parametrize("port", ["http", "0"])
def test_a_bad_port_is_one_line(port: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "displace.embedded", "--port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.startswith(f"displace: PORT is '{port}'")
    assert result.stderr.count("\n") == 1


def test_a_port_in_use_is_one_line() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "displace.embedded", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 2
    assert f"port {port} cannot be used" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["redis://:word@127.0.0.1:9/0", "amqp://guest:word@127.0.0.1:9//"])
def test_a_broker_that_does_not_answer_is_one_line(url: str, installation: Installation) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "displace.embedded", "--port", str(free_port())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**installation.environment, "DISPLACE_BROKER_URL": url},
        timeout=START_SECONDS,
    )
    assert result.returncode == 2
    assert "the broker cannot be used" in result.stderr
    assert "DISPLACE_BROKER_URL" in result.stderr
    assert "word" not in result.stderr
    assert result.stderr.count("\n") == 1

"""`make run`'s program: starts, is used, refuses a second start, and leaves nothing behind."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

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

    def status(self, method: str, path: str) -> int:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        client.request(method, path)
        status = client.getresponse().status
        client.close()
        return status


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    installation.kill_all()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cart.py").write_text("def total(prices):\n    return sum(prices)\n", "utf-8")
    identity = ["-c", "user.name=Jane", "-c", "user.email=jane@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Start"]):
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    return folder


def test_a_start_from_nothing_to_a_clean_stop(installation: Installation, repository: Path) -> None:
    program = installation.start(str(repository))
    installation.wait_for(lambda: "shop is analysed." in installation.output())
    link = LINK.search(installation.output())
    assert link is not None
    assert installation.status("GET", "/healthz") == 200
    assert installation.status("GET", "/readyz") == 200
    assert installation.status("GET", link.group(1)) == 200
    for name in ("secret-key", "encryption-keys"):
        secret = Path(installation.environment["DISPLACE_DATA_DIR"]) / name
        assert secret.stat().st_mode & 0o777 == 0o600

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


def test_a_program_that_ends_stops_the_rest(installation: Installation, tmp_path: Path) -> None:
    program = installation.start(str(tmp_path / "nowhere"))
    installation.wait_for(lambda: "Displace is running" in installation.output())
    beat = [
        process
        for process in group_members(installation.mark)
        if b"\0beat\0" in Path(f"/proc/{process}/cmdline").read_bytes()
    ]
    os.kill(beat[0], signal.SIGKILL)
    assert program.wait(STOP_SECONDS) == 1
    assert "beat ended by itself" in installation.output()
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

"""Real repositories and the hook script as a process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders.hook_script import SCRIPT
from tests.fakes.receiver import ENDPOINT, SECRET, Receiver, receiver

GOOD = (
    '# DEBT(carts, owner=payments, impact="costs 3 days a month", plan="buy a store") '
    "[2099-03-01]: carts live in memory\n"
)


@dataclass
class Place:
    """A folder with Git in it; commands run there in an environment of the test's own."""

    path: Path
    environment: dict[str, str]

    def run(self, *command: str, stdin: str = "", fine: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            list(command), cwd=self.path, env=self.environment, input=stdin,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if fine:
            assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done

    def git(self, *arguments: str, fine: bool = True) -> subprocess.CompletedProcess:
        return self.run("git", *arguments, fine=fine)

    def hook(self, *arguments: str, fine: bool = False) -> subprocess.CompletedProcess:
        return self.run(sys.executable, str(SCRIPT), *arguments, fine=fine)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def commit(self, message: str, **files: str) -> subprocess.CompletedProcess:
        for name, text in files.items():
            self.write(name.replace("__", "/") + ".py", text)
        self.git("add", "--all")
        return self.git("commit", "--message", message)

    @property
    def head(self) -> str:
        return str(self.git("rev-parse", "HEAD").stdout.strip())


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Git without the settings of whoever runs the tests; `python3` is this Python."""
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python3").symlink_to(sys.executable)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "DISPLACE_", "PYTEST"))
    }
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
        "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org",
        "LC_ALL": "C.UTF-8",
    }  # fmt: skip


@pytest.fixture
def work(tmp_path: Path, environment: dict[str, str]) -> Place:
    """An empty work tree on the branch main."""
    place = Place(tmp_path / "work", environment)
    place.path.mkdir()
    place.git("init", "--quiet", "--initial-branch=main")
    return place


@pytest.fixture
def bare(tmp_path: Path, environment: dict[str, str]) -> Place:
    """An empty bare repository on a server."""
    place = Place(tmp_path / "server.git", environment)
    place.path.mkdir()
    place.git("init", "--quiet", "--bare", "--initial-branch=main")
    return place


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as state:
        yield state


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n", encoding="ascii")
    path.chmod(0o600)
    return path


@pytest.fixture
def served(bare: Place, work: Place, listening: Receiver, secret_file: Path) -> Place:
    """The bare repository with the server's hook, configured; `work` pushes to it."""
    bare.hook(
        "install", "--server", "--url", listening.url, "--endpoint", ENDPOINT,
        "--secret-file", str(secret_file), fine=True,
    )  # fmt: skip
    work.git("remote", "add", "origin", bare.path.as_uri())
    return bare


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it holds within some seconds: what runs in the background needs a moment."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

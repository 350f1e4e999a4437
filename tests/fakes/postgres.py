"""A PostgreSQL server of a test's own, which it may stop and start."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDERS = Path("/usr/lib/postgresql")
PATIENCE = "60"


def programs() -> Path | None:
    """Where initdb and pg_ctl are, the newest first; None where there are none."""
    found = sorted(FOLDERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def missing_cluster() -> str:
    """Why no server can be made here, or an empty text."""
    if programs() is None:
        return "no initdb was found"
    if os.geteuid() == 0 and _servant() is None:
        return "initdb refuses root, and there is no user postgres"
    return ""


def _servant() -> "pwd.struct_passwd | None":
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


@dataclass
class Cluster:
    """A server on loopback; its data are in `home`."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k ''"
        self._run("pg_ctl", "start", "-w", "-t", PATIENCE, "-o", options, "-l", "log")

    def stop(self, how: str = "immediate") -> None:
        """As a crash would end it, or `fast`: every client is cut off in either case."""
        self._run("pg_ctl", "stop", "-w", "-t", PATIENCE, "-m", how)

    def create(self) -> None:
        self._run("initdb", "-U", "postgres", "-A", "trust", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        folder = programs()
        assert folder is not None
        servant = _servant() if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(folder / program), *arguments],
            cwd=self.home,
            env={"PGDATA": str(self.home / "data"), "LC_ALL": "C", "PATH": os.environ["PATH"]},
            user=servant.pw_uid if servant else None,
            group=servant.pw_gid if servant else None,
            extra_groups=[] if servant else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            log = self.home / "log"
            said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise AssertionError(f"{program} {' '.join(arguments)} failed: {said}")


@contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """A new server that runs until the block ends. `home` must be reachable by everybody."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Cluster(home, port)
    servant = _servant() if os.geteuid() == 0 else None
    if servant:
        os.chown(home, servant.pw_uid, servant.pw_gid)
    made.create()
    made.start()
    try:
        yield made
    finally:
        made.stop()

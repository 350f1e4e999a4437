"""Workers in processes of their own, which a test may kill, stop and let go on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from orchestration.models import Run
from tests.architecture.sources import ROOT
from tests.fakes.run_worker import START

PATIENCE = 180.0


def until(is_so: Callable[[], object], what: str) -> None:
    """Wait for something, but not for ever."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.05)


def _database_url() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    server = f"{found['USER']}@{found['HOST'] or '127.0.0.1'}:{found['PORT'] or 5432}"
    return f"postgresql://{server}/{found['NAME']}?application_name=worker"


def _environment(data_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPLACE_")}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "displace.settings",
        "DISPLACE_DATA_DIR": str(data_dir),
        "DISPLACE_DATABASE_URL": _database_url(),
        "DISPLACE_SECRET_KEY": settings.SECRET_KEY,
        "DISPLACE_ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
    }


class Worker:
    """One that takes one run one step on, and then ends."""

    def __init__(self, run: Run, data_dir: Path) -> None:
        self.run = run
        with (data_dir / "worker.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START, str(run.pk)],
                cwd=ROOT,
                env=_environment(data_dir),
                stdout=log,
                stderr=log,
            )

    def reaches(self, state: str) -> None:
        """Wait until the run is in this state."""

        def is_so() -> bool:
            found: str = Run.objects.values_list("state", flat=True).get(pk=self.run.pk)
            if found == state:
                return True
            assert self.process.poll() is None, f"it ended in {found}"
            return False

        until(is_so, f"the run was {state}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def ends(self) -> int:
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def worker(run: Run, data_dir: Path) -> Iterator[Worker]:
    """A worker that is gone when the block ends."""
    made = Worker(run, data_dir)
    try:
        yield made
    finally:
        made.kill()

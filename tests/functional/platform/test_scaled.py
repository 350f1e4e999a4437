"""The scaled size: the same code on PostgreSQL and a broker, by environment variables only."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import lanes
from tests.architecture.sources import ROOT
from tests.builders.git_history import History

pytestmark = [pytest.mark.slow, pytest.mark.broker]

ENDS_WITHIN = 60
REQUEST = """
from analysis import services, tasks
repository = services.repository_register(location={location!r})
tasks.analyse_soon(repository=repository)
"""


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own."""
    if reason := lanes.missing_postgres():
        lanes.skip_or_fail("postgres", reason)
    server = lanes.database_url().rsplit("/", maxsplit=1)[0]
    name = f"test_scaled_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]  # our own name
        yield f"{server}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]  # our own name


@pytest.fixture
def environment(database: str, broker_url: str, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPLACE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {
        "DISPLACE_DATABASE_URL": database,
        "DISPLACE_BROKER_URL": broker_url,
        "DISPLACE_DATA_DIR": str(tmp_path / "data"),
        "DISPLACE_SECRET_KEY": "a secret of this test, which is long enough to be accepted",
        "DISPLACE_ENCRYPTION_KEYS": "dGhlLXRlc3Qtc3VpdGUta2V5LW9mLTMyLWJ5dGVzISE=",
    }


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def wait_for_debt(database: str, log: Path) -> tuple[str, str]:
    deadline = time.monotonic() + ENDS_WITHIN
    with psycopg.connect(database, autocommit=True) as connection:
        while time.monotonic() < deadline:
            found = connection.execute(
                "SELECT run.state, item.slug FROM analysis_analysisrun run"
                " JOIN ledger_debtitem item ON item.repository_id = run.repository_id"
            ).fetchone()
            if found is not None:
                return found
            time.sleep(0.2)
    pytest.fail(f"no debt was registered within {ENDS_WITHIN} s: {log.read_text()[-3000:]}")


def test_a_worker_analyses_and_registers(
    environment: dict[str, str], database: str, tmp_path: Path
) -> None:
    history = History(tmp_path / "shop.git").commit(
        "owe", {"debt.py": "# DEBT(late, owner=shop) [2030-01-01]: we hurried\nx = 1\n"}
    )
    manage(environment, "migrate", "-v0")
    manage(environment, "shell", "-v0", "-c", REQUEST.format(location=str(history.path)))
    log = tmp_path / "log"
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "displace.celery", "worker",
             "--queues", "default,analysis,alerts,runs", "--concurrency", "1"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            assert wait_for_debt(database, log) == ("complete", "late")
        finally:
            worker.send_signal(signal.SIGTERM)
            # With Redis that was seen to take half a minute.
            worker.wait(timeout=90)
    manage(environment, "verify_history")  # exits 1 where a chain is broken

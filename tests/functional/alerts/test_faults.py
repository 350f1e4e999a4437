"""Workers killed, a broker that is away, a database that is restarted: nothing is lost.

The benches do it, with many more messages and kills when they are run by hand.
"""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests import lanes
from tests.architecture.sources import ROOT
from tests.fakes.postgres import missing_cluster
from tests.fakes.synapse import missing_synapse

pytestmark = pytest.mark.slow

KILLS = 10


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Where the bench makes its database."""
    if request.param == "sqlite":
        yield []
        return
    if reason := lanes.missing_postgres():
        lanes.skip_or_fail("postgres", reason)
    server = lanes.database_url().rsplit("/", maxsplit=1)[0]
    # The bench puts "test_" before it; nothing has to be there by this name itself.
    yield ["--database", f"{server}/faults_{uuid.uuid4().hex[:12]}"]


def bench(name: str, *arguments: str) -> dict[str, Any]:
    """What a bench printed; it found nothing wrong."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPLACE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_killed_workers_lose_nothing(database: list[str]) -> None:
    found = bench("alerts_kills", "--kills", str(KILLS), *database)
    assert sum(found["kills"].values()) == KILLS
    assert (found["lost"], found["unsent"], found["strange"]) == (0, 0, 0)
    # At least those that died with an answer in their hands were sent again.
    assert found["arrivals"] >= found["messages"] + found["kills"]["after"]
    assert found["attempts"]["lost"] >= KILLS - found["kills"]["random"]


def test_killed_workers_double_nothing_on_matrix() -> None:
    if reason := missing_synapse():
        lanes.skip_or_fail("matrix", reason)
    found = bench("alerts_kills", "--kills", str(KILLS), "--service", "matrix")
    assert (found["lost"], found["unsent"], found["strange"], found["doubled"]) == (0, 0, 0, 0)
    assert found["arrivals"] == found["messages"]
    assert found["attempts"]["lost"] >= KILLS - found["kills"]["random"]


def needs_redis() -> None:
    if shutil.which("redis-server") is None:
        lanes.skip_or_fail("broker", "redis-server, which the test starts itself, is not installed")


def test_a_broker_that_is_away_only_delays() -> None:
    needs_redis()
    found = bench(
        "alerts_delivery", "--messages", "60", "--channels", "6", "--workers", "2",
        "--rate", "20", "--broker", "stopped",
    )  # fmt: skip
    assert (found["lost"], found["unsent"], found["doubled"]) == (0, 0, 0)


def test_a_database_that_is_restarted_only_delays() -> None:
    needs_redis()
    if reason := missing_cluster():
        lanes.skip_or_fail("postgres", reason)
    found = bench(
        "alerts_delivery", "--messages", "120", "--channels", "6", "--workers", "2",
        "--rate", "20", "--restarts", "2",
    )  # fmt: skip
    assert (found["lost"], found["unsent"], found["restarts"]) == (0, 0, 2)

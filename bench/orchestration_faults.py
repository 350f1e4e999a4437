"""Workers that build are killed at any moment: is anything lost, doubled or left behind?

    python -m bench.orchestration_faults [--kills 60] [--lanes 2] [--seed N]

Starts an installation of its own on a PostgreSQL and a Redis of its own, with beat and more workers
for "runs" than lanes. In each lane environments with a Redis are asked for, approved, written to,
looked at, resized and destroyed over the API, or canceled while they are built. Meanwhile the
worker of the run is ended with SIGKILL while it plans, looks, applies, verifies, cancels, destroys
and reconciles; one time in four its supervisor, too, and one time in eight that alone. Another
worker is started in its place. Nobody waits for the minute of its lease: that is set to be over in
the database, once it was looked whether something of the engine goes on.

Prints JSON; exit status 1 where a run did not end, a log has a gap, an environment or what was
written into it is lost, a server was built twice, or something stays after a destroy.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.orchestration_faults_lane import Kills, Lane
from tests.builders.installation import Installation, installation
from tests.builders.processes import processes_below
from tests.fakes.brokers import redis_broker
from tests.fakes.postgres import cluster

SWEEP = """
import sys
from orchestration.tasks import sweep
for line in sys.stdin:
    sweep.delay()
"""
# What has gaps, in numbers of events, of those that a run says it has.
GAPS = """
SELECT count(*) FROM orchestration_run run WHERE events <> (
  SELECT count(*) FROM orchestration_runevent WHERE run_id = run.id AND sequence <= run.events)
OR events <> (SELECT count(*) FROM orchestration_runevent WHERE run_id = run.id)
"""
STATES = "SELECT state, count(*) FROM orchestration_run GROUP BY state"
UNUSUAL = """
SELECT action || ' ' || state || ': ' || reason FROM orchestration_run
WHERE state IN ('plan_failed', 'policy_failed', 'drift_found', 'verify_failed') ORDER BY id
"""
OPEN = "SELECT count(*) FROM orchestration_run WHERE ended_at IS NULL"
LOST = "SELECT count(*) FROM orchestration_environment WHERE state <> 'destroyed'"
HELD = "SELECT count(*) FROM orchestration_environment WHERE active_run_id IS NOT NULL"
FAULTS = (
    "unended", "gaps", "environments_lost", "still_held", "data_lost", "doubled", "orphans",
    "processes_left", "folders_left", "ports_left", "strange",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    began = time.monotonic()
    with _made(options.lanes) as (made, database):
        figures = {"seed": options.seed, **_measure(made, database, options)}
    print(json.dumps({**figures, "seconds": round(time.monotonic() - began)}))
    return int(any(figures[name] for name in FAULTS))


@contextmanager
def _made(lanes: int) -> Iterator[tuple[Installation, str]]:
    with ExitStack() as stack:
        # Servers run as an ordinary user, who has to pass through.
        folder, home = (Path(tempfile.mkdtemp(prefix="displace-bench-")) for _ in range(2))
        for one in (folder, home):
            stack.callback(shutil.rmtree, one, ignore_errors=True)
            one.chmod(0o711)
        database = stack.enter_context(cluster(home)).url
        broker = stack.enter_context(redis_broker(folder))
        workers = [f"runs:{number}" for number in range(lanes + 1)]
        yield (
            stack.enter_context(
                installation(
                    folder, database, broker=broker.url, has_beat=True,
                    queues=["default,analysis", *workers],
                    # A worker that was killed is nothing to warn of here.
                    DISPLACE_LOG_LEVEL="ERROR",
                )
            ),
            database,
        )  # fmt: skip


def _measure(made: Installation, database: str, options: argparse.Namespace) -> dict[str, Any]:
    ann, bea = made.people(ann="contributor", bea="approver")
    kills = Kills(options.kills)
    with made.feed(SWEEP) as sweep, ThreadPoolExecutor(options.lanes) as pool:
        lanes = [
            Lane(made, ann, bea, database, sweep, kills, random.Random(f"{options.seed} {number}"))
            for number in range(options.lanes)
        ]
        for lane in pool.map(Lane.live, lanes):
            kills.say(f"a lane is done: {dict(lane.kills.faults)}")
        sweep("\n")
        runs = made.folder / "data" / "runs"
        made.wait("working folders are forgotten", lambda: not any(runs.iterdir()), 60)
    homes = made.folder / "data" / "environments"
    with psycopg.connect(database, autocommit=True, client_encoding="utf8") as connection:

        def count(query: str) -> int:
            row = connection.execute(query).fetchone()
            return int(row[0]) if row else 0

        states: dict[str, int] = dict(connection.execute(STATES).fetchall())
        return {
            "kills": sum(kills.done.values()),
            "in": dict(kills.done),
            "killed": dict(kills.kinds),
            "environments": kills.environments,
            "runs": sum(states.values()),
            "ends": states,
            "ended_after_a_kill": dict(kills.ends),
            "unusual": [row[0] for row in connection.execute(UNUSUAL)],
            "unended": count(OPEN),
            "gaps": count(GAPS),
            "environments_lost": count(LOST),
            "still_held": count(HELD),
            **{name: kills.faults[name] for name in ("data_lost", "doubled", "orphans", "strange")},
            "processes_left": len(processes_below(homes)),
            "folders_left": sum(not one.name.startswith(".") for one in homes.iterdir()),
            "ports_left": [one.name for one in (homes / ".ports").iterdir()],
        }


if __name__ == "__main__":
    raise SystemExit(main())

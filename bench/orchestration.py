"""How long an environment takes, and whether looking at a hundred starves small work.

    python -m bench.orchestration [--environments 100] [--seconds 60] [--database URL]

Starts an installation of its own (SQLite in a temporary folder, or the empty database of
--database; one worker for the queues "default" and "analysis", one for "runs") and measures over
its API:

1. from the approval to verified PostgreSQL, Redis and monitoring, on this host (goal: --seconds);
2. planning the same again: it changes nothing;
3. so many environments, each held against its declaration by one worker (budget: --budget seconds
   each on average), and meanwhile how long a small job waits (95 of 100 at most --wait seconds).
   They are made for it, rows and folders copied from the first one's Redis, so that every look
   runs the blueprint's own playbook, and what it finds is drift;
4. the environment taken away, with the proof that nothing is left.

Prints JSON; exit status 1 when a goal is missed.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.builders.installation import Installation, Person, installation

APP = "bench.orchestration_app"
DB = {name: f"${{resources.db.{name}}}" for name in ("host", "port", "database", "username")}
CACHE = {name: f"${{resources.cache.{name}}}" for name in ("host", "port", "username")}
WATCHED = {
    **{f"db_{name}": value for name, value in DB.items()},
    "db_password": "${resources.db.password}",
    **{f"redis_{name}": value for name, value in CACHE.items()},
    "redis_password": "${resources.cache.password}",
}
ASKED = {
    "name": "bench",
    "owner": "ann",
    "resources": [
        {"name": "db", "blueprint": "postgresql", "tier": "small"},
        {"name": "cache", "blueprint": "redis", "tier": "small"},
        {"name": "watch", "blueprint": "monitoring", "tier": "small", "parameters": WATCHED},
    ],
}
COPIES = """
import subprocess, uuid
from orchestration.models import Environment
from orchestration.services.environments import environment_check
from orchestration.services.jobs import environment_home
first = Environment.objects.get(name="bench")
cache = first.resources.get(name="cache")
home = environment_home(first) / "cache"
for number in range({count}):
    first.pk, first.key, first.name = None, uuid.uuid4(), f"copy {{number}}"
    first._state.adding = True
    first.save()
    cache.pk, cache.environment = None, first
    cache._state.adding = True
    cache.save()
    copied = environment_home(first)
    copied.mkdir(mode=0o711)
    subprocess.run(["cp", "-a", str(home), str(copied)], check=True)
    environment_check(actor=None, environment_id=first.pk)
"""
MARK = """
import sys
from bench.orchestration_app import mark
for line in sys.stdin:
    mark.delay(line.strip())
"""
EVERY = 1.0
PERCENT = 95


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--environments", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--budget", type=float, default=6.0)
    parser.add_argument("--wait", type=float, default=5.0)
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="displace-bench-"))
    # Servers run as an ordinary user, who has to pass through.
    folder.chmod(0o711)
    try:
        with installation(folder, options.database, app=APP) as made:
            figures = _measure(made, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))
    good = (
        figures["build_seconds"] <= options.seconds
        and figures["second_apply"] == "no_changes"
        and set(figures["looks"]) <= {"drift_found", "no_changes"}
        and figures["seconds_per_look"] <= options.budget
        and (figures["small_job"]["p95"] or 0) <= options.wait
    )
    return int(not good)


def _measure(made: Installation, options: argparse.Namespace) -> dict[str, Any]:
    ann, bea = made.people(ann="contributor", bea="approver")
    asked = ann.did("environments", ASKED)
    at = f"environments/{asked['reference']}"
    plan_seconds, build_seconds = _carried_out(made, ann, bea, asked["open_runs"][0])
    _say(f"built in {build_seconds} s")
    began = time.monotonic()
    again = ann.did(f"{at}/repair")["reference"]
    state = made.run_reached(ann, again, "no_changes", "awaiting_approval")["state"]
    second = round(time.monotonic() - began, 1)
    _say(f"planned again in {second} s: {state}")
    if state != "no_changes":
        ann.did(f"runs/{again}/cancel", {})
    looks = _looked_at(made, ann, options.environments)
    destroyed = ann.did(f"{at}/destroy")["reference"]
    _, gone = _carried_out(made, ann, bea, destroyed)
    return {
        "plan_seconds": plan_seconds,
        "build_seconds": build_seconds,
        "second_apply": state,
        "second_apply_seconds": second,
        **looks,
        "destroy_seconds": gone,
    }


def _carried_out(made: Installation, ann: Person, bea: Person, run: str) -> tuple[float, float]:
    """Seconds to its plan, and from its approval to its verified end."""
    began = time.monotonic()
    plan = made.run_reached(ann, run, "awaiting_approval")["plan"]
    planned = time.monotonic()
    bea.did(f"runs/{run}/approve", {"digest": plan["digest"]})
    made.run_reached(ann, run, "succeeded")
    return round(planned - began, 1), round(time.monotonic() - planned, 1)


def _looked_at(made: Installation, ann: Person, count: int) -> dict[str, Any]:
    with _small_jobs(made) as quiet:
        time.sleep(10 * EVERY)
    with _small_jobs(made) as busy:
        began = time.monotonic()
        made.shell(COPIES.format(count=count))
        made.wait("everything is looked at", lambda: _looks_over(ann, count), 60.0 * count)
        seconds = time.monotonic() - began
    _say(f"looked at {count} in {seconds:.0f} s")
    return {
        "looks": dict(_ends(ann)),
        "looks_seconds": round(seconds, 1),
        "seconds_per_look": round(seconds / count, 2),
        "small_job_before": _figures(quiet),
        "small_job": _figures(busy),
    }


def _looks_over(ann: Person, count: int) -> bool:
    waiting = "runs?action=drift&page_size=1&state=queued&state=planning&state=verifying"
    return not ann.get(waiting)["results"] and _ends(ann).total() >= count


def _ends(ann: Person) -> Counter[str]:
    """How the looks ended."""
    found: Counter[str] = Counter()
    path = "runs?action=drift&page_size=200"
    while path:
        page = ann.get(path)
        found.update(row["state"] for row in page["results"])
        path = (page["next"] or "").partition("/api/v1/")[2]
    return found


@contextmanager
def _small_jobs(made: Installation) -> Iterator[list[float]]:
    """Ask for a small job every second; how long each waited for a worker, once this is over."""
    waits: list[float] = []
    over = threading.Event()
    folder = Path(tempfile.mkdtemp(dir=made.folder))
    with made.feed(MARK) as ask:
        asked: dict[Path, float] = {}

        def go_on() -> None:
            number = 0
            while not over.wait(EVERY):
                path = folder / str(number)
                asked[path] = time.time()
                ask(f"{path}\n")
                number += 1

        asking = threading.Thread(target=go_on)
        asking.start()
        try:
            yield waits
        finally:
            over.set()
            asking.join()
            made.wait("small jobs", lambda: all(one.exists() for one in asked))
    waits += [float(path.read_text(encoding="utf-8")) - at for path, at in asked.items()]


def _figures(waits: list[float]) -> dict[str, Any]:
    cuts = statistics.quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else []
    return {
        "jobs": len(waits),
        "median": round(statistics.median(waits), 2) if waits else None,
        "p95": round(cuts[PERCENT - 1], 2) if cuts else None,
        "most": round(max(waits), 2) if waits else None,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

"""One installation whose parts fail while Ansible builds: broker, database, worker, disk.

Everything is real: PostgreSQL and Redis of the test's own, workers, beat and web as processes, and
the servers that are built. Meanwhile secrets are looked for wherever one could be seen.
"""

import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests import lanes
from tests.builders.catalogue import ENGINE, Built
from tests.builders.installation import Installation, Person, installation
from tests.builders.processes import processes_below, supervisor_of
from tests.fakes.brokers import Broker, redis_broker
from tests.fakes.postgres import Cluster, cluster, missing_cluster
from tests.integration.orchestration.conftest import arguments_seen

pytestmark = [pytest.mark.once, pytest.mark.slow]

RUNS = "runs"
# Longer than the lease of `tests.fakes.short_lease`.
TOO_LONG = 12.0
DISK_MB = 600
MB = 1 << 20
DB = {name: f"${{resources.db.{name}}}" for name in ("host", "port", "database", "username")}
WATCHED = {f"db_{name}": value for name, value in DB.items()} | {
    "db_password": "${resources.db.password}"
}
CACHE = {"name": "cache", "blueprint": "redis", "tier": "small"}
WHOLE = [
    {"name": "db", "blueprint": "postgresql", "tier": "small"},
    CACHE,
    {"name": "watch", "blueprint": "monitoring", "tier": "small", "parameters": WATCHED},
]
SECRETS = """
from orchestration.models import Environment
from orchestration.services.jobs import all_secrets
for one in Environment.objects.all():
    print(*all_secrets(one), sep="\\n")
"""


@dataclass
class Shop:
    """An installation, what it stands on, and what was seen of it."""

    made: Installation
    broker: Broker
    database: Cluster
    ann: Person
    bea: Person
    carl: Person
    vera: Person
    arguments: set[str] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.made.folder / "data"

    def asked(self, path: str, body: Any = None) -> str:
        """The reference of the run that was asked for."""
        answer = self.ann.did(path, body)
        return str(answer["open_runs"][0] if "open_runs" in answer else answer["reference"])

    def approved(self, run: str) -> None:
        plan = self.made.run_reached(self.ann, run, "awaiting_approval")["plan"]
        self.bea.did(f"runs/{run}/approve", {"digest": plan["digest"]})

    def ends(self, run: str, *states: str) -> Any:
        return self.made.run_reached(self.ann, run, *states)

    def is_applying(self, run: str) -> None:
        """Wait until its engine is at work."""
        self.ends(run, "applying")
        self.made.wait("the engine works", lambda: self.engine(run))

    def engine(self, run: str) -> list[str]:
        """What Ansible does for a run."""
        found = processes_below(self.data / "runs" / f"{run}-")
        return [words for words in found.values() if "ansible-playbook" in words]

    def servers(self, environment: str, program: str) -> int:
        """How many of them there are."""
        query = "SELECT key FROM orchestration_environment WHERE id = %s"
        with psycopg.connect(self.database.url) as connection:
            (key,) = connection.execute(query, [int(environment[2:])]).fetchone() or ("",)
        found = processes_below(self.data / "environments" / str(key))
        return sum(program in words.split()[0] for words in found.values())


@contextmanager
def messages_of(broker: Broker, heard: list[str]) -> Iterator[None]:
    """Everything that the broker is told, also after it was started again."""
    is_over = threading.Event()

    def listen() -> None:
        while not is_over.is_set():
            try:
                with redis.Redis(port=broker.port, socket_timeout=1).monitor() as monitor:
                    while not is_over.is_set():
                        heard.append(str(monitor.next_command()["command"]))
            except redis.TimeoutError:
                continue
            except (redis.ConnectionError, OSError, ValueError):  # the last: closed while it read
                time.sleep(0.05)

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield
    finally:
        is_over.set()
        listening.join()


def small_disk(data: Path) -> bool:
    """Put the data directory onto a disk of its own, where we may."""
    data.mkdir()
    options = f"size={DISK_MB}m,mode=0711"
    mount = ["mount", "-t", "tmpfs", "-o", options, "displace-test", str(data)]
    return os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    blueprints = ("postgresql", "redis", "monitoring")
    lacking = [one for name in blueprints for one in ENGINE.missing(Built(name, "x").manifest)]
    if lacking:
        lanes.skip_or_fail("provision", ", ".join(one.what for one in lacking) + " missing")
    if reason := missing_cluster():
        lanes.skip_or_fail("postgres", reason)
    with ExitStack() as stack:
        # Servers run as an ordinary user, who may not enter the folders of the test runner.
        folder, home = (Path(tempfile.mkdtemp(prefix="displace-faults-")) for _ in range(2))
        for one in (folder, home):
            one.chmod(0o711)
            stack.callback(shutil.rmtree, one, ignore_errors=True)
        if small_disk(folder / "data"):
            stack.callback(subprocess.run, ["umount", "-l", str(folder / "data")], check=True)
        database = stack.enter_context(cluster(home))
        broker = stack.enter_context(redis_broker(folder))
        made = stack.enter_context(
            installation(
                folder, database.url, app="tests.fakes.short_lease", broker=broker.url,
                has_beat=True, DISPLACE_LOG_LEVEL="DEBUG",
            )
        )  # fmt: skip
        people = made.people(ann="contributor", bea="approver", carl="approver", vera="viewer")
        found = Shop(made, broker, database, *people)
        stack.enter_context(messages_of(broker, found.messages))
        found.arguments = stack.enter_context(arguments_seen())
        yield found
        for server in made.servers.values():
            server.kill()  # a gentle end takes long, and there is nothing to end any more


@pytest.fixture(scope="module")
def cache(shop: Shop) -> str:
    """An environment; while its server was built the broker was away."""
    asked = shop.ann.did("environments", {"name": "cache", "owner": "ann", "resources": [CACHE]})
    run = asked["open_runs"][0]
    shop.approved(run)
    shop.is_applying(run)
    shop.broker.kill()
    shop.ends(run, "succeeded")
    shop.broker.start()
    return str(asked["reference"])


def require_once(shop: Shop, environment: str, run: str) -> None:
    """Each state once, no line missing, and one server."""
    log = shop.ann.get(f"runs/{run}/events?limit=500")["results"]
    assert [one["sequence"] for one in log] == list(range(1, len(log) + 1))
    states = [one["data"]["state"] for one in log if one["kind"] == "state"]
    assert sorted(states) == sorted(set(states))
    assert shop.servers(environment, "redis-server") == 1


def resized(shop: Shop, environment: str, tier: str) -> str:
    """A run that is about to change the size of the cache, its engine at work."""
    body = {"tiers": {"cache": tier}, "justification": "The sale begins on Monday."}
    run = shop.asked(f"environments/{environment}/resize", body)
    shop.approved(run)
    shop.is_applying(run)
    return run


def a_broker_that_goes_away_while_it_builds(shop: Shop, cache: str) -> None:
    require_once(shop, cache, "R-000001")
    # Whatever is asked for next is taken up: workers and beat are connected again.
    shop.ends(shop.asked(f"environments/{cache}/check"), "no_changes")


def a_database_that_is_restarted_while_it_builds(shop: Shop, cache: str) -> None:
    run = resized(shop, cache, "medium")
    shop.database.stop("immediate")
    shop.database.start()
    shop.ends(run, "succeeded")
    require_once(shop, cache, run)


def a_database_that_is_away_for_longer_than_the_lease(shop: Shop, cache: str) -> None:
    run = resized(shop, cache, "large")
    shop.database.stop("immediate")
    time.sleep(TOO_LONG)
    shop.database.start()
    found = shop.ends(run, "succeeded", "apply_failed")
    assert "Its worker is gone" in found["reason"]
    if found["state"] == "apply_failed":
        again = shop.asked(f"environments/{cache}/repair")
        shop.approved(again)
        shop.ends(again, "succeeded")
    assert shop.ann.get(f"environments/{cache}")["state"] == "ready"
    require_once(shop, cache, run)


def a_worker_and_its_supervisor_that_are_killed(shop: Shop, cache: str) -> None:
    run = resized(shop, cache, "medium")
    worker = shop.made.servers[RUNS]
    supervisor = supervisor_of(worker.process.pid)
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    worker.kill()
    worker.start()
    shop.ends(run, "succeeded", "apply_failed")
    assert not shop.engine(run)
    again = shop.asked(f"environments/{cache}/repair")
    if shop.ends(again, "no_changes", "awaiting_approval")["state"] == "awaiting_approval":
        shop.approved(again)
        shop.ends(again, "succeeded")
    require_once(shop, cache, again)


def a_right_that_is_lost_before_its_run_begins(shop: Shop, cache: str) -> None:
    """Approved over HTTP while the worker is busy elsewhere; then the approver's role is taken."""
    run = shop.asked(f"environments/{cache}/destroy")
    plan = shop.ends(run, "awaiting_approval")["plan"]
    digest = {"digest": plan["digest"]}
    worker = shop.made.servers[RUNS].process
    worker.send_signal(signal.SIGSTOP)
    try:
        for person in (shop.ann, shop.vera):
            assert person.post(f"runs/{run}/approve", digest).status == 403
        shop.carl.did(f"runs/{run}/approve", digest)
        shop.made.manage("set_role", "carl", "viewer")
    finally:
        worker.send_signal(signal.SIGCONT)
    assert "may not do so any more" in shop.ends(run, "stale")["reason"]
    assert shop.servers(cache, "redis-server") == 1


def fill(data: Path, leave: int) -> None:
    """Let so many bytes be free on the disk, the rest taken by a file of somebody else's."""
    ballast = data / "ballast"
    ballast.unlink(missing_ok=True)
    found = os.statvfs(data)
    with ballast.open("wb") as file:
        size = found.f_bavail * found.f_bsize - leave
        if size > 0:
            os.posix_fallocate(file.fileno(), 0, size)


def a_disk_that_is_full(shop: Shop, cache: str) -> None:
    if not shop.data.is_mount():
        return  # only root may mount one; test_faults.py has a full device
    asked = shop.ann.did("environments", {"name": "whole", "owner": "ann", "resources": WHOLE})
    run, at = asked["open_runs"][0], f"environments/{asked['reference']}"
    plan = shop.ends(run, "awaiting_approval")["plan"]
    for leave, said in ((0, "No space left on device"), (8 * MB, " MB are free on the disk")):
        fill(shop.data, leave)
        shop.bea.did(f"runs/{run}/approve", {"digest": plan["digest"]})
        reason = shop.ends(run, "apply_failed")["reason"]
        assert said in reason, reason
        assert "disk" in reason
        assert shop.ann.get(at)["state"] == "degraded"
        run = shop.asked(f"{at}/repair")
        plan = shop.ends(run, "awaiting_approval")["plan"]
    (shop.data / "ballast").unlink()
    shop.bea.did(f"runs/{run}/approve", {"digest": plan["digest"]})
    shop.ends(run, "succeeded")
    assert shop.ann.get(at)["state"] == "ready"


def text_of(backup: Path) -> str:
    with tarfile.open(backup) as archive:
        archive.extract("database.pgdump", backup.parent, filter="data")
    command = ["pg_restore", "-f", "-", str(backup.parent / "database.pgdump")]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def no_secret_was_seen_and_nothing_is_left(shop: Shop, cache: str) -> None:
    """Of everything that was built above; then it is taken away."""
    secrets = set(shop.made.shell(SECRETS).split())
    assert len(secrets) > 1
    backup = shop.made.folder / "backup"
    shop.made.manage("backup", str(backup))
    places = {
        "arguments": "\n".join(shop.arguments),
        "messages": "\n".join(shop.messages),
        "logs": (shop.made.folder / "output.txt").read_text(errors="replace"),
        # It holds the whole database.
        "backup": text_of(backup),
    }
    for place, text in places.items():
        assert len(text) > 1000, place
        assert not [one for one in secrets if one in text], place
    homes = shop.data / "environments"
    for path in shop.data.rglob("*"):
        if path.is_file() and homes not in path.parents:
            assert not [one for one in secrets if one.encode() in path.read_bytes()], path
    standing = shop.ann.get("environments?page_size=50")["results"]
    runs = [shop.asked(f"environments/{one['reference']}/destroy") for one in standing]
    for run in runs:
        shop.approved(run)
    for run in runs:
        shop.ends(run, "succeeded")
    assert [one.name for one in homes.iterdir()] == [".ports"]
    assert not list((homes / ".ports").iterdir())
    shop.made.wait("no folder for working", lambda: not list((shop.data / "runs").iterdir()))
    assert not processes_below(homes)


def test_what_fails_while_it_builds_is_survived(shop: Shop, cache: str) -> None:
    """One after the other in one installation; the last looks at what all of them left."""
    for fault in (
        a_broker_that_goes_away_while_it_builds,
        a_database_that_is_restarted_while_it_builds,
        a_database_that_is_away_for_longer_than_the_lease,
        a_worker_and_its_supervisor_that_are_killed,
        a_right_that_is_lost_before_its_run_begins,
        a_disk_that_is_full,
        no_secret_was_seen_and_nothing_is_left,
    ):
        fault(shop, cache)

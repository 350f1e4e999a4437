"""One environment after the other, its workers killed, for `bench.orchestration_faults`."""

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import redis

from tests.builders.installation import Installation, Person
from tests.builders.processes import processes_below, supervisor_of

# How long a phase goes on, about (seconds): the kill comes at a moment of it.
LASTS = {
    "planning": 0.3, "looking": 4.0, "applying": 5.0, "resizing": 5.0, "verifying": 0.3,
    "canceling": 4.0, "destroying": 4.0, "reconciling": 4.0,
}  # fmt: skip
WORKING = ("planning", "applying", "verifying", "canceling", "reconciling")
LOOK = 0.01
ENDS_WITHIN = 300.0
# A supervisor takes a moment to end a tree of processes, and the sweep comes every 15 seconds.
GONE_WITHIN = 20.0
MOST_REPAIRS = 6
ROW = """
SELECT run.state, run.action, run.worker, run.ended_at IS NOT NULL, environment.key
FROM orchestration_run run JOIN orchestration_environment environment
ON environment.id = run.environment_id WHERE run.id = %s
"""
# A lease is a minute; whoever held it is dead, so nothing is lost by not waiting.
OVER = """
UPDATE orchestration_run SET lease_until = now() - interval '1 second'
WHERE worker LIKE %s AND lease_until IS NOT NULL
"""


class Kills:
    """What was done and found in all lanes together."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.begun = 0
        self.environments = 0
        self.done: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether there is one more to be done."""
        with self._lock:
            self.begun += self.begun < self.wanted
            return sum(self.done.values()) < self.wanted

    def count(self, what: "Counter[str]", name: str) -> None:
        with self._lock:
            what[name] += 1

    def say(self, text: str) -> None:
        print(f"{sum(self.done.values())} kills: {text}", file=sys.stderr, flush=True)


class Lane:
    """Somebody who asks, somebody who approves, and somebody who kills."""

    def __init__(
        self,
        made: Installation,
        ann: Person,
        bea: Person,
        database: str,
        sweep: Callable[[str], None],
        kills: Kills,
        chance: random.Random,
    ) -> None:
        self.made, self.ann, self.bea = made, ann, bea
        self.database, self.sweep = database, sweep
        self.kills, self.chance = kills, chance

    def live(self) -> "Lane":
        """Make and end environments until there were enough kills."""
        with psycopg.connect(
            self.database, autocommit=True, client_encoding="utf8"
        ) as self.connection:
            while self.kills.take():
                self._environment()
        return self

    def _environment(self) -> None:
        name = f"cache {self.chance.randrange(10**9)}"
        parts = [{"name": "cache", "blueprint": "redis", "tier": "small"}]
        asked = self.ann.did("environments", {"name": name, "owner": "ann", "resources": parts})
        self.kills.environments += 1
        self.at = f"environments/{asked['reference']}"
        is_canceled = self.chance.random() < 1 / 5
        end = self._followed(
            asked["open_runs"][0],
            ["canceling"] if is_canceled else ["planning", "applying", "applying", "verifying"],
            cancels=is_canceled,
        )
        if self.ann.get(self.at)["state"] == "destroyed":
            self._require_gone(end)
            return
        self._repaired(end)
        cache = self._cache()
        cache.set("kept", self.at)
        self._followed(self._asked("check"), ["looking"])
        tiers = {"tiers": {"cache": "medium"}, "justification": "The sale begins on Monday."}
        self._repaired(self._followed(self._asked("resize", tiers), ["planning", "resizing"]))
        if cache.get("kept") != self.at.encode():
            self._fault("data_lost", self.at)
        for _ in range(MOST_REPAIRS):
            end = self._followed(self._asked("destroy"), ["destroying", "destroying", "verifying"])
            if end == "succeeded":
                break
        self._require_gone(end)

    def _asked(self, what: str, body: Any = None) -> str:
        return str(self.ann.did(f"{self.at}/{what}", body)["reference"])

    def _cache(self) -> "redis.Redis":
        shown = self.ann.get(self.at)
        outputs = {one["name"]: one["value"] for one in shown["resources"][0]["outputs"]}
        reference = shown["reference"]
        password = self.made.manage(
            "environment", "reveal", reference, "cache", "password", "--as", "ann"
        ).strip()
        return redis.Redis(
            outputs["host"], int(outputs["port"]), username=outputs["username"], password=password,
            retry_on_error=[redis.ConnectionError],
        )  # fmt: skip

    def _repaired(self, end: str) -> None:
        """Until it stands as wanted, once."""
        for _ in range(MOST_REPAIRS):
            if end in ("succeeded", "no_changes") and self.ann.get(self.at)["state"] == "ready":
                break
            end = self._followed(self._asked("repair"), [])
        servers = [one for one in self._processes().values() if "redis-server" in one.split()[0]]
        if self.ann.get(self.at)["state"] != "ready" or not servers:
            self._fault("strange", f"{self.at} is not ready after {end}")
        if len(servers) > 1:
            self._fault("doubled", f"{self.at}: {servers}")

    def _processes(self) -> dict[int, str]:
        return processes_below(self.made.folder / "data" / "environments" / self.key)

    def _require_gone(self, end: str) -> None:
        for one in self._processes().values():
            self._fault("orphans", f"{self.at} after {end}: {one}")
        if self.ann.get(self.at)["state"] != "destroyed":
            self._fault("strange", f"{self.at} is not gone after {end}")

    def _fault(self, kind: str, text: str) -> None:
        self.kills.count(self.kills.faults, kind)
        self.kills.say(f"{kind}: {text}")

    def _followed(self, reference: str, phases: list[str], *, cancels: bool = False) -> str:
        """The state in which a run ended, whose worker was killed in one of the phases."""
        self.run, self.reference = int(reference.rpartition("-")[2]), reference
        target = self.chance.choice(phases) if phases else ""
        was_killed = False
        for phase, state in self._states():
            if state == "awaiting_approval":
                digest = self.ann.get(f"runs/{reference}")["plan"]["digest"]
                self.bea.did(f"runs/{reference}/approve", {"digest": digest})
            elif cancels and phase == "applying":
                time.sleep(self.chance.uniform(0, LASTS[phase]))
                self.ann.post(f"runs/{reference}/cancel", {})
                cancels = False
            elif phase == target and self.kills.take():
                time.sleep(self.chance.uniform(0, LASTS[phase]))
                if self._killed():
                    was_killed = True
                    target = "reconciling" if self.chance.random() < 1 / 2 else ""
        if was_killed:
            self.kills.count(self.kills.ends, state)
            self.sweep("\n")
            self._require_nothing_goes_on(state)
        return state

    def _row(self) -> tuple[str, str, str, bool]:
        row = self.connection.execute(ROW, [self.run]).fetchone()
        assert row is not None
        state, action, worker, is_over, key = row
        self.key = str(key)
        phase = state
        if state == "planning" and action == "drift":
            phase = "looking"
        if state == "applying":
            phase = {"resize": "resizing", "destroy": "destroying"}.get(action, state)
        return phase, state, worker, is_over

    def _states(self) -> Iterator[tuple[str, str]]:
        """Phase and state of the run, over and over until it is over."""
        until = time.monotonic() + ENDS_WITHIN
        while True:
            phase, state, _worker, is_over = self._row()
            yield phase, state
            if is_over:
                return
            if time.monotonic() > until:
                self._fault("strange", f"{self.reference} does not end: {state}")
                raise AssertionError(self.made.log)
            time.sleep(LOOK)

    def _killed(self) -> bool:
        """Whether its worker was still at work, and is dead now; another one is started."""
        phase, state, worker, _is_over = self._row()
        pid = int(worker.rpartition(":")[2] or 0)
        server = next(
            (one for one in self.made.servers.values() if one.process.pid == pid), None
        )  # fmt: skip
        if state not in WORKING or server is None:
            return False
        kind = self.chance.choices(["worker", "both", "supervisor"], [5, 2, 1])[0]
        below = supervisor_of(pid)
        if kind != "worker" and below is None:
            kind = "worker"
        if kind != "worker" and below is not None:
            os.kill(below, signal.SIGKILL)
        self.kills.count(self.kills.done, phase)
        self.kills.count(self.kills.kinds, kind)
        if kind == "supervisor":
            return True
        server.kill()
        server.start()
        if kind == "worker":
            self._require_nothing_goes_on(kind)
        self.connection.execute(OVER, [f"%:{pid}"])
        self.sweep("\n")
        return True

    def _require_nothing_goes_on(self, after: str) -> None:
        until = time.monotonic() + GONE_WITHIN
        folder = self.made.folder / "data" / "runs" / f"{self.reference}-"
        while found := processes_below(folder):
            if time.monotonic() > until:
                self._fault("orphans", f"{self.reference} after {after}: {list(found.values())}")
                return
            time.sleep(0.1)

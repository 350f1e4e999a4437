"""The measures of `bench.alerts_kills`; imported once Django is set up."""

import argparse
import itertools
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from alerts.domain.states import DeliveryState, Outcome
from alerts.models import Attempt, Channel, Delivery
from bench import alerts_kills_worker
from common import clock
from common.connection_settings import sealed
from tests.builders.alert_channels import channel, queued
from tests.fakes.odd_service import odd_service
from tests.fakes.relay import relay
from tests.fakes.synapse import synapse

POINTS = ("before", "request", "answer", "after", "random")
CHANNELS = 5
# Seconds that a killed worker's message stays taken.
LEASE = 1.0
PATIENCE = 60.0


@dataclass
class Killer:
    """Kills the one worker that runs, wherever it is to die."""

    point: str = ""
    pid: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def watch(self, where: str, first: bytes) -> bool:
        """Kill whose request the relay sees here; True when it did."""
        is_message = first.startswith(b"POST /ok") or b"/send/" in first
        if not is_message or where != self.point or self.done.is_set():
            return False
        self.kill()
        return True

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.done.set()


@dataclass(frozen=True)
class Place:
    """A service behind a relay, and how often each message is there."""

    port: int
    make: Callable[[str, int], Channel]
    arrived: Callable[[], Counter[str]]


def measure(options: argparse.Namespace) -> int:
    """Print the figures; 1 when a message was lost, or doubled where that must not be."""
    setup_test_environment()
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    if connection.vendor == "sqlite":  # a file, as an installation has one, not memory
        connection.settings_dict["TEST"]["NAME"] = settings.DATA_DIR / "bench.sqlite3"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with PLACES[options.service]() as place:
            figures = _measure(options.kills, place)
    finally:
        teardown_databases(databases, verbosity=0)
    figures = {"service": options.service, "database": connection.vendor, **figures}
    print(json.dumps(figures))
    may_double = options.service == "loopback"
    return int(
        bool(figures["lost"] or figures["unsent"] or (figures["doubled"] and not may_double))
    )


def _measure(kills: int, place: Place) -> dict[str, Any]:
    killer, began = Killer(), time.monotonic()
    killed: Counter[str] = Counter()
    with relay(place.port, killer.watch) as between:
        rooms = [place.make(f"room {number}", between.port) for number in range(CHANNELS)]
        # A worker that is killed at any time may have sent some before.
        rows = [row for room in rooms for row in queued(room, kills // 2 + 10)]
        points = itertools.cycle(POINTS)
        while sum(killed.values()) < kills:
            point = next(points)
            if _killed(killer, point):
                killed[point] += 1
            if not Delivery.objects.exclude(state=DeliveryState.SENT).exists():
                rows += [row for room in rooms for row in queued(room, 10)]
        killer.point = ""
        _finish(killer)
    arrived = place.arrived()
    keys = {str(row.key) for row in rows}
    outcomes = Counter(Attempt.objects.values_list("outcome", flat=True))
    return {
        "kills": dict(killed),
        "messages": len(rows),
        "lost": sum(arrived[key] == 0 for key in keys),
        "arrivals": sum(arrived.values()),
        "doubled": sum(arrived[key] > 1 for key in keys),
        "strange": len(set(arrived) - keys),
        "unsent": Delivery.objects.exclude(state=DeliveryState.SENT).count(),
        "attempts": {Outcome(name).value if name else "open": n for name, n in outcomes.items()},
        "seconds": round(time.monotonic() - began, 1),
    }


def _killed(killer: Killer, point: str) -> bool:
    """Start a worker and kill it at this point; False when it came to nothing."""
    with _worker(killer, point) as (process, pipe):
        if point == "random":
            time.sleep(random.uniform(0, 0.15))
            killer.kill()
        elif point in ("before", "after"):
            if not pipe.poll(PATIENCE) or pipe.recv() != "here":
                raise AssertionError(f"no worker came to the point {point!r}")
            killer.kill()
        elif not killer.done.wait(PATIENCE):
            raise AssertionError(f"no worker came to the point {point!r}")
        process.join(PATIENCE)
        return bool(process.exitcode == -signal.SIGKILL)


def _finish(killer: Killer) -> None:
    """Let a worker live until everything is sent.

    What took its workers with it again and again rests for up to half an hour: that time is over.
    """
    with _worker(killer, "") as (process, _pipe):
        before, ends = 0, time.monotonic() + PATIENCE
        while unsent := Delivery.objects.exclude(state=DeliveryState.SENT).count():
            resting = Delivery.objects.filter(state=DeliveryState.UNKNOWN)
            resting.update(next_attempt_at=clock.now())
            if unsent != before:
                before, ends = unsent, time.monotonic() + PATIENCE
            if time.monotonic() > ends or not process.is_alive():
                break  # nothing goes out any more
            time.sleep(0.25)
        killer.kill()
        process.join(PATIENCE)


@contextmanager
def _worker(killer: Killer, point: str) -> Iterator[tuple[Any, Any]]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([alerts_kills_worker.__name__])
    pipe, end = context.Pipe()
    name = str(connection.settings_dict["NAME"])
    process = context.Process(
        target=alerts_kills_worker.run, args=(name, LEASE, point, end), daemon=True
    )
    killer.done.clear()
    killer.point = point
    # The relay must not see a request before it knows whom to kill.
    process.start()
    killer.pid = process.pid or 0
    end.close()
    if not pipe.poll(PATIENCE) or pipe.recv() != "ready":
        raise AssertionError("a worker did not start")
    try:
        yield process, pipe
    finally:
        pipe.close()
        if process.is_alive():
            process.kill()
        process.join(PATIENCE)


@contextmanager
def _loopback() -> Iterator[Place]:
    with odd_service() as service:
        yield Place(
            service.port,
            lambda name, port: channel(name, f"http://127.0.0.1:{port}/ok"),
            lambda: service.keys,
        )


@contextmanager
def _matrix() -> Iterator[Place]:
    with synapse(Path(settings.DATA_DIR) / "synapse") as server:
        bot = server.person("displace")
        rooms: list[str] = []

        def make(name: str, port: int) -> Channel:
            rooms.append(bot.room())
            made = channel(name, kind="matrix")
            made.options = {"homeserver": f"http://127.0.0.1:{port}", "room": rooms[-1]}
            made.secret = sealed({"token": bot.token})
            made.save()
            return made

        def arrived() -> Counter[str]:
            references = {row.reference: str(row.key) for row in Delivery.objects.all()}
            found: Counter[str] = Counter()
            for event in itertools.chain.from_iterable(bot.events(room) for room in rooms):
                body = event["content"]["body"]
                named = [key for reference, key in references.items() if reference in body]
                found.update(named or ["?"])
            return found

        yield Place(server.port, make, arrived)


PLACES: dict[str, Callable[[], Any]] = {"loopback": _loopback, "matrix": _matrix}

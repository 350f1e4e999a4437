"""The measures of `bench.alerts_delivery`; imported once Django is set up."""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from alerts.domain.messages import Message
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.models import Attempt, Channel, Delivery
from alerts.services.outbox import Draft, deliveries_queue
from tests.builders.alert_channels import channel
from tests.fakes.odd_service import OddService, odd_service

BATCH = 500
# Seconds without a broker after the last message was written, and the most that a run may take.
AWAY = 10.0
PATIENCE = 1_800.0
# Moments are kept to the microsecond; in messages.
TOLERANCE = 0.01


def measure(options: argparse.Namespace) -> int:
    """Print the figures; 1 when a message was lost or a limit passed."""
    setup_test_environment()
    if connection.vendor == "sqlite":  # a file, as an installation has one, not memory
        connection.settings_dict["TEST"]["NAME"] = settings.DATA_DIR / "bench.sqlite3"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with odd_service() as service:
            figures = _measure(options, service)
    finally:
        teardown_databases(databases, verbosity=0)
    broker = f"{settings.BROKER_URL.scheme}, {options.broker}"
    print(json.dumps({"database": connection.vendor, "broker": broker, **figures}))
    above = max(figures["above_limit"], figures["above_limit_when_begun"])
    return int(bool(figures["lost"] or figures["unsent"] or above > TOLERANCE))


def _measure(options: argparse.Namespace, service: OddService) -> dict[str, Any]:
    arrivals: list[tuple[str, float]] = []
    service.on_message = lambda message: arrivals.append((message["title"], time.monotonic()))
    now_full = {"tokens": options.burst}
    rooms = [
        channel(f"room {number}", service.url("ok"), **now_full)
        for number in range(options.channels)
    ]
    with ExitStack() as running:
        if options.broker == "running" and not options.broker_url:
            running.enter_context(_redis(options.port))
        running.enter_context(_celery(options))
        began = time.monotonic()
        _write(options.messages, rooms)
        written = time.monotonic() - began
        if options.broker == "stopped":
            time.sleep(AWAY)
            if arrivals:
                raise AssertionError("something was sent without a broker")
            running.enter_context(_redis(options.port))
        for number in range(1, options.restarts + 1):
            _restart(options, arrivals, number * options.messages // (options.restarts + 2))
        _wait(options.messages)
        seconds = max((at for _, at in arrivals), default=began) - began
    arrived = service.keys
    keys = {str(key) for key in Delivery.objects.values_list("key", flat=True)}
    return {
        "messages": len(keys),
        "channels": options.channels,
        "limit": f"{options.rate:g}/s, {options.burst} at once",
        "write_seconds": round(written, 2),
        "seconds": round(seconds, 1),
        "per_second": round(len(keys) / seconds, 1),
        "least_seconds": round(_least(options), 1),
        "lost": len(keys - set(arrived)),
        "doubled": sum(count > 1 for count in arrived.values()),
        "unsent": Delivery.objects.exclude(state=DeliveryState.SENT).count(),
        "restarts": options.restarts,
        "above_limit": round(_above_limit(arrivals, options.rate, options.burst), 3),
        "above_limit_when_begun": round(_above_limit(_begun(), options.rate, options.burst), 3),
    }


def _least(options: argparse.Namespace) -> float:
    """What the limits alone ask for."""
    each: float = options.messages / options.channels
    return float(max(0.0, (each - options.burst) / options.rate))


def _write(count: int, rooms: Sequence[Channel]) -> None:
    places = itertools.cycle(rooms)
    for start in range(0, count, BATCH):
        drafts = []
        for number in range(start, min(start + BATCH, count)):
            room = next(places)
            message = Message(str(room.pk), "A sentence.")
            drafts.append(Draft(room.pk, message, DeliveryKind.DIGEST, f"fact {number}"))
        deliveries_queue(drafts)


def _wait(count: int) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if Delivery.objects.filter(state=DeliveryState.SENT).count() == count:
            return
        time.sleep(0.5)


def _restart(options: argparse.Namespace, arrivals: Sequence[Any], after: int) -> None:
    """End the database server once so many messages have arrived, and start it again."""
    while len(arrivals) < after:
        time.sleep(0.005)
    options.cluster.stop("immediate")
    time.sleep(1.0)
    options.cluster.start()
    connection.close()


def _begun() -> list[tuple[str, float]]:
    """Into which channel each attempt went, and when it began."""
    found = Attempt.objects.values_list("delivery__channel", "started_at")
    return [(str(room), at.timestamp()) for room, at in found]


def _above_limit(arrivals: Sequence[tuple[str, float]], rate: float, burst: int) -> float:
    """By how many messages any channel was ever above its limit; 0 when none was."""
    by_room: Mapping[str, list[float]] = defaultdict(list)
    for room, at in arrivals:
        by_room[room].append(at)
    worst = 0.0
    for moments in by_room.values():
        left, before = float(burst), min(moments)
        for at in sorted(moments):
            left = min(float(burst), left + (at - before) * rate) - 1
            worst, before = max(worst, -left), at
    return worst


@contextmanager
def _redis(port: int) -> Iterator[None]:
    with _process(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
         "--appendonly", "no", "--dir", str(settings.DATA_DIR)],
        {},
    ):  # fmt: skip
        yield


@contextmanager
def _celery(options: argparse.Namespace) -> Iterator[None]:
    name = str(connection.settings_dict["NAME"])
    url = options.database.rsplit("/", maxsplit=1)[0] + f"/{name}"
    environment = {
        "DISPLACE_DATABASE_URL": url if options.database else f"sqlite:///{name}",
        "BENCH_RATE": str(options.rate),
        "BENCH_BURST": str(options.burst),
    }
    celery = [sys.executable, "-m", "celery", "-A", "bench.alerts_delivery_app"]
    worker = ["worker", "--queues", "default,alerts", "--concurrency", str(options.workers)]
    schedule = str(Path(settings.DATA_DIR) / "schedule")
    with (
        _process([*celery, *worker], environment),
        _process([*celery, "beat", "--schedule", schedule], environment),
    ):
        yield


@contextmanager
def _process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    with (Path(settings.DATA_DIR) / "output.txt").open("ab") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

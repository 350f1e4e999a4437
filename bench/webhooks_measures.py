"""The measures of `bench.webhooks`; imported once Django is set up."""

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from analysis.models import Repository
from common import clock
from hooks import services
from hooks.domain.kinds import Kind
from hooks.models import Delivery
from tests.builders.webhooks import pushed, signed

GOAL_MS = 20.0
BATCH = 5_000


def measure(options: argparse.Namespace) -> int:
    """Print every measure; 1 when a 95th percentile is above the goal."""
    setup_test_environment()
    if connection.vendor == "sqlite":  # a file, as an installation has one, not memory
        connection.settings_dict["TEST"]["NAME"] = settings.DATA_DIR / "bench.sqlite3"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        return _measure(options)
    finally:
        teardown_databases(databases, verbosity=0)


def _measure(options: argparse.Namespace) -> int:
    repository = Repository.objects.create(
        name="shop",
        slug="shop",
        location="/srv/git/shop.git",
        kind="local",
        default_branch="main",
        created_at=clock.now(),
    )
    issued = services.endpoint_create(repository_id=repository.pk, kind=Kind.GITHUB)
    _fill(issued.endpoint, options.deliveries)
    print(f"{connection.vendor}, {options.deliveries:,} deliveries, {options.events} events each")
    address = f"/webhooks/github/{issued.endpoint.key}"
    late = [
        _run(name, options.events, _poster(address, issued.secret, document))
        for name, document in _documents()
    ]
    return int(max(late) > GOAL_MS)


def _documents() -> list[tuple[str, Any]]:
    push = pushed(Kind.GITHUB, "refs/heads/main")
    commits = [
        {"id": f"{n:040x}", "message": "x" * 300, "added": ["a/b.py"] * 20} for n in range(99)
    ]
    return [
        ("a push to the default branch", push),
        ("the same with 99 commits", {**push, "commits": commits}),
        ("a pushed tag (ignored)", pushed(Kind.GITHUB, "refs/tags/v1")),
    ]


def _poster(address: str, secret: str, document: Any) -> Callable[[], float]:
    client = Client()
    body = json.dumps(document).encode()

    def post() -> float:
        headers = signed(Kind.GITHUB, secret, body, delivery=str(uuid.uuid4()))
        start = time.perf_counter()
        answer = client.post(address, body, content_type="application/json", headers=headers)
        spent = time.perf_counter() - start
        assert answer.status_code == 202
        return spent * 1000

    return post


def _run(name: str, rounds: int, post: Callable[[], float]) -> float:
    for _ in range(10):
        post()
    spent = sorted(post() for _ in range(rounds))
    late = spent[int(0.95 * (len(spent) - 1))]
    verdict = "within" if late <= GOAL_MS else "ABOVE"
    print(
        f"  {name:<32} median {statistics.median(spent):6.2f} ms   p95 {late:6.2f} ms   "
        f"{verdict} the goal of {GOAL_MS:.0f} ms"
    )
    return late


def _fill(endpoint: Any, count: int) -> None:
    now = clock.now()
    for start in range(0, count, BATCH):
        Delivery.objects.bulk_create(
            Delivery(
                endpoint=endpoint,
                delivery_id=str(uuid.uuid4()),
                event="push",
                state=Delivery.State.LOOKED,
                reason="Looked: main is at 0123456789, which is analysed.",
                received_at=now,
            )
            for _ in range(min(BATCH, count - start))
        )

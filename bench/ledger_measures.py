"""What bench.ledger measures: Django is set up when this is imported."""

import argparse
import random
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from analysis.models import Repository, Snapshot
from analysis.selectors import SnapshotHead
from common import bulk, clock
from ledger import selectors
from ledger.domain.annotations import marks_in, without_twins
from ledger.domain.terms import State, Timing
from ledger.models import DebtItem
from ledger.services import registration

OWNERS = [f"team-{number}" for number in range(40)]
STATES = ["proposed"] * 3 + ["active"] * 5 + ["repaying"] * 2 + ["repaid", "verified", "rejected"]
SEVERITIES = ["low", "medium", "high", "critical"]
NOUNS = (
    *("cart", "tax", "invoice", "session", "partner", "search"),
    *("report", "import", "price", "stock", "payroll", "label"),
)


def measure(options: argparse.Namespace) -> None:
    """Measure everything in a new database, which is dropped at the end."""
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    print(f"{connection.vendor}, database {name}")
    try:
        print(f"register ({options.items:,} items)")
        fill(options.items)
        for title, call in calls().items():
            report(title, call, options.rounds)
        print(f"registration ({options.annotations:,} annotations)")
        register(options.annotations)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def costs(dice: random.Random) -> dict[str, Callable[[int], Any]]:
    """What the debts cost; every second one shares its code with others."""
    return {
        "principal": lambda n: dice.randrange(1, 400) if n % 7 else None,
        "interest_p10": lambda n: 1,
        "interest_p50": lambda n: dice.randrange(1, 40),
        "interest_p90": lambda n: 40,
        "known_p10": lambda n: 1,
        "known_p50": lambda n: dice.randrange(1, 40),
        "known_p90": lambda n: 40,
        "known_basis": lambda n: "expert",
        "known_cd3": lambda n: dice.random() if n % 7 else None,
        "place": lambda n: n if n % 2 else dice.randrange(20_000),
    }


def fill(count: int) -> None:
    """Write items with one event and one promise each, in bulk."""
    now, today, dice = clock.now(), clock.today(), random.Random(1)
    repositories = [
        Repository.objects.create(
            name=f"shop {number}", slug=f"shop-{number}", location=f"/srv/{number}.git",
            kind="local", default_branch="main", created_at=now,
        ).pk
        for number in range(20)
    ]  # fmt: skip
    fields = {
        "key": lambda n: uuid.UUID(int=n),
        "repository": lambda n: dice.choice(repositories),
        "slug": lambda n: f"debt-{n}",
        "origin": lambda n: "annotation",
        "state": lambda n: dice.choice(STATES),
        "closed_from": lambda n: "",
        "resolution": lambda n: "",
        "title": lambda n: f"{dice.choice(NOUNS)} {dice.choice(NOUNS)} lives in memory {n}",
        "text": lambda n: " ".join(dice.choices(NOUNS, k=15)),
        "owner": lambda n: dice.choice(OWNERS),
        "severity": lambda n: dice.choice(SEVERITIES),
        "system": lambda n: dice.choice(NOUNS),
        "confidence": lambda n: "medium",
        "quadrant": lambda n: "",
        "containment": lambda n: "",
        "reversibility": lambda n: "",
        "exit_condition": lambda n: "",
        "external_reference": lambda n: "",
        "path": lambda n: f"shop/{dice.choice(NOUNS)}/{dice.choice(NOUNS)}_{n % 977}.py",
        "line": lambda n: dice.randrange(1, 900),
        "end_line": lambda n: None,
        "text_hash": lambda n: "",
        "present": lambda n: True,
        "annotation": lambda n: {},
        "due_on": lambda n: today + timedelta(days=dice.randrange(-40, 300)),
        "first_due_on": lambda n: today + timedelta(days=dice.randrange(-40, 300)),
        "extensions": lambda n: 0,
        "impact": lambda n: "Customers lose 40 carts a month.",
        "impact_level": lambda n: 2,
        **costs(dice),
        "plan_milestones": lambda n: 1,
        "recorded_at": lambda n: now - timedelta(hours=dice.randrange(9000)),
        "repaid_on": lambda n: None,
        "updated_at": lambda n: now,
        "version": lambda n: 1,
        "history_head": lambda n: "0" * 64,
    }  # fmt: skip
    rows = ([make(number) for make in fields.values()] for number in range(1, count + 1))
    start = time.perf_counter()
    bulk.insert_rows(DebtItem, list(fields), rows)
    with connection.cursor() as cursor:
        # What the server does by itself a minute after such a load.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    print(f"  written in {time.perf_counter() - start:.1f} s")


def calls() -> dict[str, Callable[[], Any]]:
    """What the pages and the API ask for."""

    def page(sort: str = "due", number: int = 1, **filters: Any) -> Callable[[], Any]:
        chosen = selectors.RegisterFilter(**filters)
        return lambda: selectors.debts_page(filter=chosen, sort=sort, page=number)

    listed = {
        f"list by {sort}": page(sort, only_open=True)
        for sort in selectors.SORTS
        if not sort.startswith("-")
    }
    return {
        "list, first page": page(only_open=True),
        "list, everything": page(),
        "list, page 1,000": page(number=1_000),
        "list, expired": page(timings=[Timing.EXPIRED]),
        "list, active of one owner": page(states=[State.ACTIVE], owner=OWNERS[0]),
        "list, one repository": page(repository_id=1),
        "search, one word": page(search="invoice"),
        "search, two words": page(search="invoice payroll", only_open=True),
        "search, nothing found": page(search="nowhere"),
        "search, by number": page(search="D-000777"),
        **listed,
        "dashboard": selectors.dashboard,
        "expiry sweep": selectors.due_stages,
        "loads of systems": selectors.system_loads,
        "cost of all": selectors.dashboard_cost,
        "costs by system": lambda: selectors.interest_by("system"),
        "owners": selectors.owners_in_use,
        **pages(),
        "detail": lambda: selectors.debt_detail(777),
    }


def pages() -> dict[str, Callable[[], Any]]:
    """Whole pages, from the request to the last byte of the answer, as a signed-in reader."""
    settings.ALLOWED_HOSTS = ["*"]
    reader = get_user_model().objects.create_user("reader", password=uuid.uuid4().hex)
    client = Client()
    client.force_login(reader)

    def page(path: str) -> Callable[[], Any]:
        def call() -> None:
            answer = client.get(path, secure=True)
            if answer.status_code != HTTPStatus.OK:
                raise SystemExit(f"{path} answered {answer.status_code}")

        return call

    return {
        "dashboard, whole page": page(reverse("review:dashboard")),
        "register, whole page": page(reverse("ledger:register")),
    }


def report(name: str, call: Callable[[], Any], rounds: int) -> None:
    call()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    seconds.sort()
    middle, high = statistics.median(seconds), seconds[int(len(seconds) * 0.95)]
    print(
        f"  {name:<28} best {seconds[0] * 1000:6.1f} ms   median {middle * 1000:6.1f} ms   "
        f"p95 {high * 1000:6.1f} ms"
    )


def register(count: int) -> None:
    """Register a tree for the first time, again, and with every annotation moved or gone."""
    repository = Repository.objects.create(
        name="tree", slug="tree", location="/srv/tree.git", kind="local", default_branch="main",
        created_at=clock.now(),
    )  # fmt: skip
    counted = [field.name for field in Snapshot._meta.concrete_fields if is_count(field)]
    snapshot = Snapshot.objects.create(
        repository=repository, commit_sha="0" * 40, committed_at=clock.now(),
        created_at=clock.now(), **dict.fromkeys(counted, 0),
    )  # fmt: skip
    due = (clock.today() + timedelta(days=90)).isoformat()
    trees = {
        "first time": lambda n: (n, f"debt-{n}"),
        "the same again": lambda n: (n, f"debt-{n}"),
        "every line moved": lambda n: (n + 1, f"debt-{n}"),
        "half of them gone": lambda n: (n + 1, f"debt-{n // 2}" if n % 2 else ""),
    }
    for step, (name, place) in enumerate(trees.items()):
        sources = [
            (f"shop/part_{number}.py", number_source(*place(number), due))
            for number in range(count)
        ]
        start = time.perf_counter()
        marks = without_twins(
            mark for path, source in sources for mark in marks_in(path, "python", source)
        )
        read = time.perf_counter()
        head = SnapshotHead(snapshot.pk, repository.pk, "main", f"{step:040x}", True)
        with transaction.atomic():
            registration._registration_lock(head)
            outcome = registration._apply(head, head.branch, tuple(marks), {}, {})
        end = time.perf_counter()
        print(
            f"  {name:<20} read {1000 * (read - start):6.0f} ms, "
            f"applied {1000 * (end - read):6.0f} ms, {outcome.events:,} events"
        )


def is_count(field: Any) -> bool:
    return bool(field.get_internal_type().startswith("Positive"))


def number_source(line: int, slug: str, due: str) -> bytes:
    mark = f"# DEBT({slug}, owner=core) [{due}]: carts live in memory\n" if slug else ""
    above = "\n" * (line % 50)
    return f"x = 1\n{above}{mark}y = 2\n".encode()

"""What bench.registration measures: Django is set up when this is imported."""

import argparse
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from analysis import services as analysis_services
from analysis.signals import snapshot_completed
from common import clock
from ledger import services
from ledger.models import Registration
from tests.builders.git_history import History


def measure(options: argparse.Namespace, folder: str) -> None:
    """Measure everything in a new database, which is dropped at the end."""
    for name in ("ledger.register_annotations", "ledger.price_items"):
        snapshot_completed.disconnect(dispatch_uid=name)
    database = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    print(f"{connection.vendor}, database {database}")
    try:
        _measure(options, Path(folder))
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def _measure(options: argparse.Namespace, folder: Path) -> None:
    history = History(folder / "shop.git").commit("open", sources(options.files, options.marks))
    for number in range(options.commits):
        history.commit(f"work {number}\n\nReviewed-by: Ann", {"log.py": f"x = {number}\n"})
    repository = analysis_services.repository_register(location=str(history.path))
    snapshot = analysis_services.analyse_now(repository=repository)
    report("first registration", lambda: services.annotations_register(snapshot_id=snapshot))
    report("first search", lambda: services.candidates_register(snapshot_id=snapshot))
    Registration.objects.update(head=history.sha("main^"))
    report("the same tree again", lambda: services.annotations_register(snapshot_id=snapshot))
    changed = {f"shop/part_{n}.py": f"# TODO: new {n}\nz = {n}\n" for n in range(10)}
    history.commit("push", changed)
    snapshot = analysis_services.analyse_now(repository=repository)
    report("ten files changed", lambda: services.annotations_register(snapshot_id=snapshot))
    report("their search", lambda: services.candidates_register(snapshot_id=snapshot))


def sources(files: int, marks: int) -> dict[str, str]:
    due = (clock.today() + timedelta(days=90)).isoformat()
    return {
        f"shop/part_{number}.py": source(number, due if number < marks else "", number % 5 == 0)
        for number in range(files)
    }


def source(number: int, due: str, has_todo: bool) -> str:
    mark = f"# DEBT(debt-{number}, owner=core) [{due}]: carts live in memory\n" if due else ""
    todo = f"# TODO: the rate of partner {number} is in the code\n" if has_todo else ""
    body = "".join(f"    x{line} = {line} + {number}\n" for line in range(20))
    return f"{mark}def part_{number}():\n{body}{todo}    return x1\n"


def report(name: str, call: Callable[[], Any]) -> None:
    start = time.perf_counter()
    outcome = call()
    print(f"  {name:<22} {1000 * (time.perf_counter() - start):7.0f} ms   {outcome}")

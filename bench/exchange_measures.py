"""What `python -m bench.exchange` measures, once Django is set up."""

import argparse
import json
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import connection

from accounts import services as accounts_services
from accounts.domain.roles import Role
from common import clock
from ledger import selectors, services
from ledger.domain.exchange.findings import MOST_FINDINGS
from ledger.domain.exchange.formats import Format
from ledger.domain.exchange.results import ImportOrder


def measure(options: argparse.Namespace) -> None:
    """Measure in a new database, which is dropped at the end."""
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    print(f"{connection.vendor}, database {name}")
    try:
        person = accounts_services.user_create(username="ann", role=Role.CONTRIBUTOR)
        for number in range(max(options.items // MOST_FINDINGS, 1)):
            order = _order(number, min(options.items, MOST_FINDINGS))
            if number == 0:
                with _told("import, dry run"):
                    services.file_import(actor=person, order=order, is_dry_run=True)
            with _told("import") if number == 0 else _untold():
                services.file_import(actor=person, order=order, is_dry_run=False)
        with _told("import, the same again"):
            report = services.file_import(actor=person, order=order, is_dry_run=False)
        assert not report.created
        _archive()
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def _archive() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.json"
        tracemalloc.start()
        with _told("export"), file.open("w", encoding="utf-8") as out:
            out.writelines(selectors.archive_lines())
        print(f"  most memory {tracemalloc.get_traced_memory()[1] / 1e6:,.0f} MB")
        tracemalloc.stop()
        print(f"  file {file.stat().st_size / 1e6:,.0f} MB")
        with _told("check"), file.open(encoding="utf-8", newline="\n") as read:
            result = selectors.archive_check(read)
        assert not result.breaks
        assert not result.problems
        print(f"  {result.items:,} items")


def _order(number: int, size: int) -> ImportOrder:
    found = [
        {
            "engineId": "bench",
            "ruleId": f"R{one % 50}",
            "primaryLocation": {
                "message": f"Finding {one} of file {number} lasts. It was let pass.",
                "filePath": f"src/part{one % 300}/module.py",
                "textRange": {"startLine": one % 400 + 1},
            },
        }
        for one in range(size)
    ]
    return ImportOrder(
        Format.SONAR,
        json.dumps({"issues": found}).encode(),
        source=f"file {number}",
        owner="payments",
        due_on=clock.today() + timedelta(days=60),
    )


@contextmanager
def _told(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"  {what:<28} {time.perf_counter() - start:6.2f} s")


@contextmanager
def _untold() -> Iterator[None]:
    yield

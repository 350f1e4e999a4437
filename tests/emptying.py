"""Emptying the test database after a test that commits.

The ledger's history refuses to be deleted, by a trigger. Django empties the tables with a flush,
so the trigger is lifted just before; the flush itself puts it back, as every migration does.
"""

from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from ledger.adapters import append_only

_empty = TransactionTestCase._fixture_teardown


def _lift_and_empty(self: Any) -> None:
    for connection in connections.all():
        append_only.lift(connection)
    _empty(self)


def allow() -> None:
    """Let tests that commit be followed by a flush; call it once for a run."""
    TransactionTestCase._fixture_teardown = _lift_and_empty  # no hook precedes a flush

"""Emptying the test database after a test that commits.

What has happened in the ledger and to environments refuses to be deleted, by triggers. Django
empties the tables with a flush, so the triggers are lifted just before; the flush itself puts them
back, as every migration does.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

from ledger.adapters import append_only
from orchestration.adapters import kept

_empty = TransactionTestCase._fixture_teardown


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take every such trigger off."""
    append_only.lift(connection)
    kept.lift(connection)


def _lift_and_empty(self: Any) -> None:
    for connection in connections.all():
        lift(connection)
    _empty(self)


def allow() -> None:
    """Let tests that commit be followed by a flush; call it once for a run."""
    TransactionTestCase._fixture_teardown = _lift_and_empty  # no hook precedes a flush

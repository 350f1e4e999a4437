"""A read replica: what is written on its primary is seen on it, and how soon."""

import time
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from orchestration.adapters.probes import postgresql
from orchestration.adapters.probes.outcome import Probed, ProbeFailed, judged

# A replica on the same host that needs longer does not keep up.
_LONGEST_LAG = 10.0


def probe(outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float) -> Probed:
    prefix = ""
    try:
        with postgresql.connected(outputs, seconds) as replica:
            prefix = "primary_"
            with postgresql.connected(outputs, seconds, prefix) as primary:
                prefix = ""
                lag = _lag(primary, replica, min(seconds, _LONGEST_LAG))
            problems = [] if lag is not None else ["What is written on the primary is not seen."]
            if not _is_standby(replica):
                problems.append("It is no replica any more: it takes writes of its own.")
            # It may allow more connections than declared: never fewer than its primary.
            if _connections(replica) < int(expected.get("max_connections", 0)):
                problems.append("It allows fewer connections than declared.")
            loads = postgresql.loads_of(replica)
    except psycopg.OperationalError as error:
        return judged("", [postgresql.unreachable(outputs, error, prefix)])
    except psycopg.Error as error:
        raise ProbeFailed(f"The replica could not be asked: {error}") from error
    good = f"What is written on the primary is seen on the replica after {lag or 0:.2f} s."
    return judged(good, problems, loads)


def _lag(
    primary: psycopg.Connection[Any], replica: psycopg.Connection[Any], seconds: float
) -> float | None:
    """Seconds until a word that is written here is read there; None when it never comes."""
    with postgresql.written(primary) as (table, word):
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            if _sees(replica, table, word):
                return time.monotonic() - began
            time.sleep(0.02)
    return None


def _sees(replica: psycopg.Connection[Any], table: sql.Identifier, word: str) -> bool:
    try:
        return postgresql.read_back(replica, table) == word
    except psycopg.errors.UndefinedTable:
        return False


def _is_standby(replica: psycopg.Connection[Any]) -> bool:
    row = replica.execute("SELECT pg_is_in_recovery()").fetchone()
    return bool(row and row[0])


def _connections(replica: psycopg.Connection[Any]) -> int:
    row = replica.execute("SHOW max_connections").fetchone()
    return int(row[0]) if row else 0

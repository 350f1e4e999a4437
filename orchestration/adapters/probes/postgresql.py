"""PostgreSQL: logs in as its owner, writes and reads back, and asks for its settings."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from orchestration.adapters.probes.outcome import Probed, ProbeFailed, judged

_GIB = 1024**3


def probe(outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float) -> Probed:
    try:
        with connected(outputs, seconds) as connection:
            problems = _writes(connection)
            problems += differences(connection, expected)
            loads = loads_of(connection)
    except psycopg.OperationalError as error:
        return judged("", [unreachable(outputs, error)])
    except psycopg.Error as error:
        raise ProbeFailed(f"PostgreSQL could not be asked: {_first_line(error)}") from error
    return judged("PostgreSQL takes what is written and gives it back.", problems, loads)


@contextmanager
def connected(
    outputs: Mapping[str, str], seconds: float, prefix: str = ""
) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the owner; no statement takes longer than `seconds`.

    `prefix`: of the outputs that name host and port, such as "primary_".
    """
    with psycopg.connect(
        host=outputs[f"{prefix}host"],
        port=outputs[f"{prefix}port"],
        dbname=outputs["database"],
        user=outputs["username"],
        password=outputs["password"],
        connect_timeout=max(2, int(seconds)),
        options=f"-c statement_timeout={int(seconds * 1000)}",
        application_name="displace-probe",
        autocommit=True,
    ) as connection:
        yield connection


@contextmanager
def written(connection: psycopg.Connection[Any]) -> Iterator[tuple[sql.Identifier, str]]:
    """A table of our own with one word in it; it is gone afterwards."""
    table = sql.Identifier(f"displace_probe_{secrets.token_hex(6)}")
    word = secrets.token_hex(12)
    connection.execute(sql.SQL("CREATE TABLE {} (word text)").format(table))
    try:
        connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(table), (word,))
        yield table, word
    finally:
        connection.execute(sql.SQL("DROP TABLE {}").format(table))


def read_back(connection: psycopg.Connection[Any], table: sql.Identifier) -> str:
    row = connection.execute(sql.SQL("SELECT word FROM {}").format(table)).fetchone()
    return row[0] if row else ""


def _writes(connection: psycopg.Connection[Any]) -> list[str]:
    with written(connection) as (table, word):
        if read_back(connection, table) != word:
            return ["What was written into the database was not read back."]
    return []


def differences(connection: psycopg.Connection[Any], expected: Mapping[str, Any]) -> list[str]:
    """Which settings are not as declared."""
    wanted = {"max_connections": expected.get("max_connections")}
    if "shared_buffers_mb" in expected:
        # PostgreSQL counts pages of 8 kB.
        wanted["shared_buffers"] = int(expected["shared_buffers_mb"]) * 128
    return [
        f"{name} is {found}, declared is {value}."
        for name, value in wanted.items()
        if value is not None and (found := _setting(connection, name)) != int(value)
    ]


def _setting(connection: psycopg.Connection[Any], name: str) -> int:
    row = connection.execute("SELECT setting FROM pg_settings WHERE name = %s", (name,)).fetchone()
    return int(row[0]) if row else -1


def loads_of(connection: psycopg.Connection[Any]) -> dict[str, float]:
    """Connections of programs, our own not counted, and what its databases take on disk."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_backend_pid()), pg_database_size(current_database())"
    ).fetchone()
    connections, size = row or (0, 0)
    return {"connections": float(connections), "storage_gb": size / _GIB}


def unreachable(outputs: Mapping[str, str], error: Exception, prefix: str = "") -> str:
    place = f"{outputs[f'{prefix}host']}:{outputs[f'{prefix}port']}"
    return f"PostgreSQL on {place} cannot be used: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__

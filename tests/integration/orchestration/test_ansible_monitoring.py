"""A Prometheus beside a PostgreSQL and a Redis: it watches both, and its alerts really fire."""

import json
from contextlib import ExitStack
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest

from orchestration.adapters.probes import probe
from orchestration.engines import local
from tests.builders.waiting import until

BESIDE = {
    "db_host": "${resources.db.host}",
    "db_port": "${resources.db.port}",
    "db_database": "${resources.db.database}",
    "db_username": "${resources.db.username}",
    "db_password": "${resources.db.password}",
    "redis_host": "${resources.cache.host}",
    "redis_port": "${resources.cache.port}",
    "redis_username": "${resources.cache.username}",
    "redis_password": "${resources.cache.password}",
}
SHORT = {"interval_s": 1, "alert_after_s": 1}


def asked(built: Any, path: str) -> Any:
    with urlopen(f"{built.outputs['url']}/api/v1/{path}") as answer:  # noqa: S310 - our own address
        return json.load(answer)["data"]


def firing(built: Any) -> set[tuple[str, str]]:
    return {
        (one["labels"]["alertname"], one["labels"].get("job", ""))
        for one in asked(built, "alerts")["alerts"]
        if one["state"] == "firing"
    }


def arguments_of(built: Any) -> str:
    return "".join(
        (local.Path("/proc") / str(pid) / "cmdline").read_text()
        for pid in local.processes_of(built.home)
    )


def connected(db: Any) -> psycopg.Connection[Any]:
    names = {"host": "host", "port": "port", "dbname": "database", "user": "username"}
    values = {name: db.outputs[output] for name, output in names.items()}
    return psycopg.connect(**values, password=db.outputs["password"])


@pytest.mark.slow
def test_what_stands_beside_it_is_watched_and_alerts_fire(build: Any) -> None:
    db, cache = build("postgresql", "db"), build("redis", "cache")
    db.apply()
    cache.apply()
    watch = build(
        "monitoring",
        "watch",
        given={**BESIDE, **SHORT, "connections_above": 0.15},
        others={"db": db.outputs, "cache": cache.outputs},
    )
    assert watch.apply().changed > 0
    seen = probe("monitoring", watch.outputs, watch.given, seconds=30)
    assert seen.is_well, seen.sentences
    assert seen.loads["figures_gb"] >= 0
    assert watch.apply().changed == 0
    assert watch.differences() == ()
    said = arguments_of(watch)
    assert str(watch.home) in said
    assert db.outputs["password"] not in said
    assert cache.outputs["password"] not in said

    assert ("Connections", "db") not in firing(watch)
    with ExitStack() as many:
        for _ in range(12):
            many.enter_context(connected(db))
        until(lambda: ("Connections", "db") in firing(watch), seconds=60)
    until(lambda: ("Connections", "db") not in firing(watch), seconds=60)

    cache.destroy()
    until(lambda: ("RedisDown", "redis") in firing(watch), seconds=60)
    gone = probe("monitoring", watch.outputs, watch.given, seconds=10)
    assert gone.sentences == ("It cannot log in to redis.",)

    # Not watched any more: its exporter and its rules go.
    watch.given = {name: one for name, one in watch.given.items() if "redis" not in name}
    assert watch.apply().changed > 0
    assert "redis_exporter" not in arguments_of(watch)
    until(
        lambda: (
            "redis"
            not in {one["labels"]["job"] for one in asked(watch, "targets")["activeTargets"]}
        )
    )
    assert probe("monitoring", watch.outputs, watch.given, seconds=30).is_well

    watch.destroy()
    assert watch.remains() == ()


@pytest.mark.slow
def test_a_replica_that_falls_behind_is_told(build: Any) -> None:
    db = build("postgresql", "db")
    db.apply()
    replica = build("read-replica", "replica", others={"db": db.outputs})
    replica.apply()
    names = ("host", "port", "database", "username", "password")
    given = {f"replica_{name}": f"${{resources.replica.{name}}}" for name in names}
    watch = build(
        "monitoring",
        "watch",
        given={**given, **SHORT, "lag_above_s": 1},
        others={"replica": replica.outputs},
    )
    watch.apply()
    seen = probe("monitoring", watch.outputs, watch.given, seconds=30)
    assert seen.is_well, seen.sentences
    # Nothing is written, and so it is not late.
    assert ("ReplicationLag", "replica") not in firing(watch)
    with connected(db) as connection:
        connection.execute("CREATE TABLE seen (word text)")
    db.destroy()
    until(lambda: ("ReplicationLag", "replica") in firing(watch), seconds=60)

"""A Redis: built, used, resized, killed and stripped by hand, repaired, taken away."""

import os
import signal

import redis

from orchestration.adapters.probes import probe
from orchestration.domain.states import RunAction
from orchestration.engines import local
from tests.builders.waiting import until


def client(built):
    out = built.outputs
    return redis.Redis(
        host=out["host"], port=int(out["port"]), username=out["username"],
        password=out["password"], decode_responses=True,
    )  # fmt: skip


def test_a_cache_from_nothing_and_back(build):
    cache = build("redis", "cache")
    assert cache.apply().changed > 0
    assert probe("redis", cache.outputs, cache.parameters, seconds=10).is_well
    client(cache).set("kept", "42")
    assert cache.files_with_secrets() == []
    assert cache.apply().changed == 0
    assert cache.differences() == ()

    cache.tier = "medium"
    cache.apply()
    assert client(cache).get("kept") == "42"
    seen = probe("redis", cache.outputs, cache.parameters, seconds=10)
    assert seen.is_well
    assert seen.loads["memory_mb"] > 0

    # It is killed, and its settings are deleted.
    for pid in local.processes_of(cache.home):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not local.processes_of(cache.home))
    (cache.home / "etc" / "users.acl").unlink()
    wrong = cache.differences()
    assert wrong[0].startswith("Redis does not answer")
    assert wrong[1] == "The file etc/users.acl is not as declared."
    assert not probe("redis", cache.outputs, cache.parameters, seconds=2).is_well

    cache.apply(action=RunAction.REPAIR)
    assert cache.differences() == ()
    assert client(cache).get("kept") == "42"

    cache.destroy()
    assert cache.remains() == ()
    cache.destroy()

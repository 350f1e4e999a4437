"""Redis: logs in, writes a key that expires, reads it back, and asks for its settings."""

import secrets
from collections.abc import Mapping
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestration.adapters.probes.outcome import Probed, ProbeFailed, judged

_MIB = 1024**2
# It would ask again even where the password is wrong.
_ONCE = Retry(NoBackoff(), 0)


def probe(outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float) -> Probed:
    place = f"{outputs['host']}:{outputs['port']}"
    client = redis.Redis(
        host=outputs["host"],
        port=int(outputs["port"]),
        username=outputs["username"],
        password=outputs["password"],
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        decode_responses=True,
        client_name="displace-probe",
        retry=_ONCE,
    )
    try:
        with client:
            problems = _writes(client) + _open_to_all(outputs, seconds)
            info: Mapping[str, Any] = client.info()
    except (redis.ConnectionError, redis.TimeoutError) as error:
        return judged("", [f"Redis on {place} cannot be used: {error}"])
    except redis.RedisError as error:
        raise ProbeFailed(f"Redis could not be asked: {error}") from error
    problems += _differences(info, expected)
    loads = {
        # Our own is one of them.
        "connections": float(max(0, info["connected_clients"] - 1)),
        "memory_mb": info["used_memory"] / _MIB,
    }
    return judged("Redis keeps what is written and gives it back.", problems, loads)


def _writes(client: "redis.Redis") -> list[str]:
    key, word = f"displace:probe:{secrets.token_hex(6)}", secrets.token_hex(12)
    client.set(key, word, ex=60)
    found = client.get(key)
    client.delete(key)
    return [] if found == word else ["What was written was not read back."]


def _open_to_all(outputs: Mapping[str, str], seconds: float) -> list[str]:
    """Without a password nobody gets in."""
    stranger = redis.Redis(
        host=outputs["host"],
        port=int(outputs["port"]),
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=_ONCE,
    )
    try:
        with stranger:
            stranger.ping()
    except redis.AuthenticationError:
        return []
    return ["It lets everybody in without a password."]


def _differences(info: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    found = []
    wanted = expected.get("maxmemory_mb")
    if wanted is not None and info["maxmemory"] != int(wanted) * _MIB:
        found.append(f"maxmemory is {info['maxmemory'] // _MIB} MB, declared is {wanted} MB.")
    if "persistent" in expected and bool(info["aof_enabled"]) != bool(expected["persistent"]):
        found.append("Whether it keeps its data on disk is not as declared.")
    return found

"""Prometheus: is it ready, does it get figures of all that it watches, and do its rules work?"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from common import http
from common.addresses import Allowance
from orchestration.adapters.probes.outcome import Probed, ProbeFailed, judged

_GIB = 1024**3
_LOOK_SECONDS = 0.5
# A parameter that says that something is watched, and the job that has to be there for it then.
_WATCHED = {
    "db_host": "db",
    "replica_host": "replica",
    "redis_host": "redis",
    "queue_host": "queue",
    "flags_host": "flags",
    "app_address": "app",
}
_ON_DISK = (
    'sum({__name__=~"prometheus_tsdb_(storage_blocks|head_chunks_storage_size|wal_storage_size)'
    '_bytes",job="prometheus"})'
)


@dataclass(frozen=True, slots=True)
class _Server:
    """A Prometheus, and until when (monotonic) it may answer."""

    place: str
    until: float
    allowance: Allowance

    def get(self, path: str) -> bytes:
        """Raises HttpError, also for a status that says that it did not work."""
        limits = http.Limits(seconds=max(1.0, self.until - time.monotonic()), body=4 << 20)
        answer = http.request("GET", self.place + path, limits=limits, allowance=self.allowance)
        if answer.status != 200:
            raise http.HttpError(f"it answers with status {answer.status}")
        return answer.body


def probe(
    outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float, allowance: Allowance
) -> Probed:
    place = f"http://{outputs['host']}:{int(outputs['port'])}"
    server = _Server(place, time.monotonic() + seconds, allowance)
    try:
        server.get("/-/ready")
        problems = _unwatched(server, expected) + _broken_rules(server)
        problems += _shut_out(server, expected)
        size = _value(server, _ON_DISK)
    except http.HttpError as error:
        return judged("", [f"Prometheus on {place} cannot be used: {error}"])
    except (ValueError, KeyError, TypeError) as error:
        raise ProbeFailed(f"Prometheus gave an answer that is none: {error}") from error
    loads = {} if size is None else {"figures_gb": size / _GIB}
    return judged("Prometheus gets figures of all that it watches.", problems, loads)


def _unwatched(server: _Server, expected: Mapping[str, Any]) -> list[str]:
    """What it should watch and gets nothing of.

    Right after its start it knows no targets yet, and a first look may take one interval.
    """
    jobs = {"prometheus", "host"} | _watched(expected)
    while True:
        answer = json.loads(server.get("/api/v1/targets?state=active"))
        targets = {one["labels"]["job"]: one for one in answer["data"]["activeTargets"]}
        waits = {job for job in jobs if job not in targets or targets[job]["health"] == "unknown"}
        if not waits or time.monotonic() + _LOOK_SECONDS > server.until:
            break
        time.sleep(_LOOK_SECONDS)
    found = [f"It does not watch {job}." for job in sorted(jobs - targets.keys())]
    return found + [
        f"It gets nothing of {job}: {one['lastError'] or 'it has not looked yet'}."
        for job, one in sorted(targets.items())
        if one["health"] != "up"
    ]


def _watched(expected: Mapping[str, Any]) -> set[str]:
    return {job for name, job in _WATCHED.items() if expected.get(name)}


def _broken_rules(server: _Server) -> list[str]:
    groups = json.loads(server.get("/api/v1/rules?type=alert"))["data"]["groups"]
    rules = [one for group in groups for one in group["rules"]]
    if not rules:
        return ["It has no alert rules."]
    return [
        f"The rule {one['name']} does not work: {one['lastError']}."
        for one in rules
        if one["health"] == "err"
    ]


def _shut_out(server: _Server, expected: Mapping[str, Any]) -> list[str]:
    """An exporter answers also where it cannot log in.

    What is watched no more keeps its last figure for a while, and does not count.
    """
    found = _ask(server, '{__name__=~"pg_up|redis_up"} == 0')
    jobs = sorted({one["metric"]["job"] for one in found} & _watched(expected))
    return [f"It cannot log in to {job}." for job in jobs]


def _value(server: _Server, query: str) -> float | None:
    found = _ask(server, query)
    return float(found[0]["value"][1]) if found else None


def _ask(server: _Server, query: str) -> list[dict[str, Any]]:
    answer = json.loads(server.get(f"/api/v1/query?query={quote(query)}"))
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result

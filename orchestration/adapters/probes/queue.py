"""A message queue: publishes, takes and confirms a message, and reads the broker's own figures."""

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from kombu import Connection, Exchange, Queue
from kombu.exceptions import KombuError, OperationalError

from common import http
from common.addresses import Allowance
from orchestration.adapters.probes.outcome import Probed, ProbeFailed, judged

_MIB = 1024**2
# Between two looks at a counter.
_LOOK_SECONDS = 1.0


def probe(
    outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float, allowance: Allowance
) -> Probed:
    place = f"{outputs['host']}:{outputs['port']}"
    try:
        problems = _round_trip(outputs, expected, seconds)
    except (OperationalError, OSError) as error:
        return judged("", [f"The broker on {place} cannot be used: {error}"])
    except KombuError as error:
        raise ProbeFailed(f"The broker could not be asked: {error}") from error
    loads: dict[str, float] = {}
    if "metrics_port" in outputs:
        first = _figures(outputs, seconds, allowance)
        time.sleep(_LOOK_SECONDS)
        second = _figures(outputs, seconds, allowance)
        problems += _differences(second, expected)
        loads = _loads(first, second)
    return judged("The broker hands over what is published.", problems, loads)


def _round_trip(
    outputs: Mapping[str, str], expected: Mapping[str, Any], seconds: float
) -> list[str]:
    word = secrets.token_hex(12)
    with Connection(
        hostname=outputs["host"],
        port=int(outputs["port"]),
        userid=outputs["username"],
        password=outputs["password"],
        virtual_host=outputs["vhost"],
        transport="pyamqp",
        connect_timeout=seconds,
        transport_options={"read_timeout": seconds, "write_timeout": seconds},
    ) as connection:
        connection.connect()
        name = f"displace-probe-{secrets.token_hex(6)}"
        queue = Queue(name, Exchange(""), routing_key=name, exclusive=True, auto_delete=True)
        with connection.SimpleQueue(queue) as box:
            box.put(word)
            message = box.get(timeout=seconds)
            message.ack()
        limit = connection.connection.channel_max
    problems = [] if message.payload == word else ["What was published was not what was taken."]
    wanted = expected.get("channel_max")
    if wanted is not None and limit != int(wanted):
        problems.append(f"channel_max is {limit}, declared is {wanted}.")
    return problems


def _figures(outputs: Mapping[str, str], seconds: float, allowance: Allowance) -> dict[str, float]:
    """What RabbitMQ tells Prometheus, added up over its labels; and when it was read."""
    url = f"http://{outputs['host']}:{int(outputs['metrics_port'])}/metrics"
    try:
        answer = http.request(
            "GET", url, limits=http.Limits(seconds=seconds, body=4 << 20), allowance=allowance
        )
    except http.HttpError as error:
        raise ProbeFailed(f"The broker's figures cannot be read: {error}") from error
    found = {"at": time.monotonic()}
    for match in _FIGURE.finditer(answer.body.decode(errors="replace")):
        found[match[1]] = found.get(match[1], 0.0) + float(match[2])
    return found


_FIGURE = re.compile(r"^(rabbitmq_[a-z_]+)(?:\{[^}]*\})? ([0-9.e+-]+)$", re.MULTILINE)


def _differences(figures: Mapping[str, float], expected: Mapping[str, Any]) -> list[str]:
    wanted = expected.get("memory_mb")
    limit = figures.get("rabbitmq_resident_memory_limit_bytes")
    if wanted is None or limit is None or round(limit / _MIB) == int(wanted):
        return []
    return [f"It may take {limit / _MIB:.0f} MB of memory, declared is {wanted} MB."]


def _loads(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    counter = "rabbitmq_global_messages_received_total"
    taken = second.get(counter, 0.0) - first.get(counter, 0.0)
    return {
        "connections": second.get("rabbitmq_connections", 0.0),
        "messages_per_second": max(0.0, taken / (second["at"] - first["at"])),
    }

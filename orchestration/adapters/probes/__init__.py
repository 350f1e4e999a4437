"""Seeing for ourselves whether a resource works, past the engine that built it.

A probe really connects with the outputs that people get, does what they would do, and holds what
the server says of itself against what was declared.
"""

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.adapters.probes import (
    feature_flags,
    load_test,
    monitoring,
    postgresql,
    queue,
    read_replica,
    redis,
)
from orchestration.adapters.probes.outcome import Probed, ProbeFailed
from orchestration.domain.capabilities import Capability

__all__ = ["ProbeFailed", "Probed", "probe"]

_Probe = Callable[[Mapping[str, str], Mapping[str, Any], float], Probed]

_PROBES: Mapping[str, _Probe] = {
    Capability.POSTGRESQL: postgresql.probe,
    Capability.READ_REPLICA: read_replica.probe,
    Capability.REDIS: redis.probe,
    Capability.QUEUE: queue.probe,
    Capability.MONITORING: monitoring.probe,
    Capability.LOAD_TEST: load_test.probe,
    Capability.FEATURE_FLAGS: feature_flags.probe,
}


def probe(
    capability: str, outputs: Mapping[str, str], expected: Mapping[str, Any], *, seconds: float
) -> Probed:
    """Look at a resource; `expected` are its parameters as declared. Raises ProbeFailed."""
    try:
        look = _PROBES[capability]
    except KeyError:
        raise ProbeFailed(f"Nobody knows how to look at {capability!r}.") from None
    try:
        return look(outputs, expected, seconds)
    except KeyError as error:
        raise ProbeFailed(f"The blueprint did not put out {error.args[0]!r}.") from None

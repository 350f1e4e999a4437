"""Seeing for ourselves whether a resource works, past the engine that built it.

A probe really connects with the outputs that people get, does what they would do, and holds what
the server says of itself against what was declared.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from common.addresses import Allowance
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
from orchestration.adapters.probes.places import allowance, require_elsewhere, require_places
from orchestration.domain.capabilities import Capability

__all__ = ["ProbeFailed", "Probed", "probe"]

log = logging.getLogger(__name__)

_Probe = Callable[[Mapping[str, str], Mapping[str, Any], float], Probed]
_OverHttp = Callable[[Mapping[str, str], Mapping[str, Any], float, Allowance], Probed]

_PROBES: Mapping[str, _Probe] = {
    Capability.POSTGRESQL: postgresql.probe,
    Capability.READ_REPLICA: read_replica.probe,
    Capability.REDIS: redis.probe,
}
# The guarded client asks these; a queue, only for its figures.
_OVER_HTTP: Mapping[str, _OverHttp] = {
    Capability.QUEUE: queue.probe,
    Capability.MONITORING: monitoring.probe,
    Capability.LOAD_TEST: load_test.probe,
    Capability.FEATURE_FLAGS: feature_flags.probe,
}


def probe(
    capability: str,
    outputs: Mapping[str, str],
    expected: Mapping[str, Any],
    *,
    seconds: float,
    is_local: bool = True,
) -> Probed:
    """Look at a resource; `expected` are its parameters as declared. Raises ProbeFailed.

    `is_local`: it was built on this host. Else its outputs are another system's words, and do not
    lead to this host.
    """
    try:
        require_places(outputs)
        if not is_local:
            require_elsewhere(outputs)
        if capability in _PROBES:
            return _PROBES[capability](outputs, expected, seconds)
        if capability in _OVER_HTTP:
            who = allowance(is_local=is_local)
            return _OVER_HTTP[capability](outputs, expected, seconds, who)
    except ProbeFailed:
        raise
    except KeyError as error:
        raise ProbeFailed(f"The blueprint did not put out {error.args[0]!r}.") from None
    except Exception as error:  # whatever a stranger's answer makes a library raise, we saw nothing
        log.exception("the probe of %s failed", capability)
        raise ProbeFailed(
            f"Its outputs, or its answers, are not as they have to be ({type(error).__name__})."
        ) from error
    raise ProbeFailed(f"Nobody knows how to look at {capability!r}.")

"""Figures of a running installation for a monitoring system (OpenMetrics, as Prometheus reads it).

An app's `metrics.py` decorates the functions that read its figures with `measured`. They are read
from the database when somebody asks, so they are the same whichever web process answers.
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

Measure = Callable[[], Iterable[GaugeMetricFamily]]
_measures: list[Measure] = []


def measured(function: Measure) -> Measure:
    """Have the function's figures shown."""
    if function not in _measures:
        _measures.append(function)
    return function


class _Everything(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        for function in _measures:
            yield from function()


def exposition(accept: str) -> tuple[bytes, str]:
    """Return all figures and their media type, in the format that an Accept header asks for."""
    registry = CollectorRegistry()
    encode, media_type = choose_encoder(accept)
    registry.register(_Everything())
    return encode(registry), media_type


def gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    """One figure without labels; the name gets the prefix of the product."""
    return GaugeMetricFamily(f"displace_{name}", meaning, value=value)


def gauges(
    name: str,
    meaning: str,
    labels: tuple[str, ...],
    values: Iterable[tuple[tuple[str, ...], float]],
) -> GaugeMetricFamily:
    """One figure for each combination of labels."""
    family = GaugeMetricFamily(f"displace_{name}", meaning, labels=labels)
    for labelled, value in values:
        family.add_metric(labelled, value)
    return family

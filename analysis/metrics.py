"""The figures of repositories and their analyses for a monitoring system."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily

from analysis import selectors
from common import clock
from common.metrics import gauge, gauges, measured


@measured
def analyses() -> Iterator[GaugeMetricFamily]:
    """How many repositories there are, and whether analyses keep up."""
    now = clock.now()
    runs = selectors.open_runs()
    states = Counter("running" if run.started_at else "queued" for run in runs)
    waiting = [(now - run.requested_at).total_seconds() for run in runs if not run.started_at]
    yield gauge("repositories", "Registered repositories.", selectors.repositories_list().count())
    yield gauges(
        "analysis_runs",
        "Analyses that wait or are under way.",
        ("state",),
        [((state,), states[state]) for state in ("queued", "running")],
    )
    yield gauge(
        "analysis_oldest_waiting_seconds",
        "How long the analysis at the head of the queue has waited; 0 when none waits.",
        max(waiting, default=0.0),
    )

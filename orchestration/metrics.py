"""The figures of environments and runs for a monitoring system."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from common import clock
from common.metrics import gauge, gauges, measured
from orchestration.domain.states import EnvironmentState, RunState
from orchestration.selectors import health


@measured
def orchestration() -> Iterator[GaugeMetricFamily]:
    """What stands, what is under way, and what waits."""
    now = clock.now()
    found = health.figures()
    yield gauges(
        "orchestration_runs",
        "Runs by state, those that have ended included.",
        ("state",),
        [((state.value,), found.runs.get(state.value, 0)) for state in RunState],
    )
    yield gauges(
        "orchestration_environments",
        "Environments by state, those that are gone included.",
        ("state",),
        [((state.value,), found.environments.get(state.value, 0)) for state in EnvironmentState],
    )
    yield gauge(
        "orchestration_oldest_waiting_run_seconds",
        "How long a run has waited for a worker; 0 when none waits.",
        _seconds(found.waits_for_worker_since, now),
    )
    yield gauge(
        "orchestration_oldest_awaiting_approval_seconds",
        "How long a run has waited for somebody to approve it; 0 when none waits.",
        _seconds(found.waits_for_person_since, now),
    )
    yield gauges(
        "orchestration_monthly_cost",
        "What the environments that stand cost a month, as their blueprints declare it.",
        ("currency",),
        [((currency,), float(cost)) for currency, cost in sorted(found.monthly.items())],
    )


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0

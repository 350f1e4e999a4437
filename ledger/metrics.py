"""The register's figures for a monitoring system."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily

from common.metrics import gauge, gauges, measured
from ledger import selectors


@measured
def debts() -> Iterator[GaugeMetricFamily]:
    """What is owed, what is late, and what became of the promises."""
    now = selectors.dashboard()
    yield gauge("debts_open", "Debt items that are still owed.", now.open)
    yield gauge("debts_proposed", "Debt items that wait to be accepted.", now.proposed)
    yield gauge("debts_expired", "Debt items whose promised day is over.", now.expired)
    yield gauge("debts_due_within_30_days", "Debt items due in the next 30 days.", now.due_30)
    promises = now.promises
    yield gauges(
        "promises",
        "Promises of debt by what became of them.",
        ("outcome",),
        [
            (("kept",), promises.kept),
            (("kept_extended",), promises.kept_extended),
            (("missed",), promises.missed),
        ],
    )

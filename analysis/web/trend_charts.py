"""The course of a repository as lines over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.selectors.trends import TrendRow


@dataclass(frozen=True, slots=True)
class TrendChart:
    """One chart; `data` is what its drawing reads, `note` what its figures mean."""

    key: str
    title: str
    note: str
    data: dict[str, Any]


def trend_charts(rows: Sequence[TrendRow]) -> list[TrendChart]:
    """Return the charts; none where there is only one point, which is no course."""
    if len(rows) < 2:
        return []
    dates = [f"{row.committed_at:%Y-%m-%d}" for row in rows]

    def lines(*series: tuple[str, str, float]) -> dict[str, Any]:
        return {
            "dates": dates,
            "series": [
                {
                    "name": name,
                    "values": [
                        None if row.totals[figure] is None
                        else round((row.totals[figure] or 0) * factor, 2)
                        for row in rows
                    ],
                }
                for name, figure, factor in series
            ],
        }  # fmt: skip

    per_function = [
        None if row.complexity_per_function is None else round(row.complexity_per_function, 2)
        for row in rows
    ]
    return [
        TrendChart(
            "size",
            "Size",
            "Lines of code without blank lines and comments, in files that are measured.",
            lines(("Lines of code", "sloc", 1)),
        ),
        TrendChart(
            "function",
            "Complexity of a function",
            "The mean over all functions: it does not grow just because the code does.",
            {"dates": dates, "series": [{"name": "Mean complexity", "values": per_function}]},
        ),
        TrendChart(
            "structure",
            "Structure",
            "Propagation cost: the share of all modules that a change to one may reach. In cycles: "
            "the share of modules that depend on each other in a loop. Both in percent.",
            lines(("Propagation cost", "propagation_cost", 100), ("In cycles", "cyclicality", 100)),
        ),
    ]

"""`trend REPO`: how a repository grew, over its whole history."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from analysis.domain.trend import Every
from analysis.selectors import TrendRow
from common.commands import DisplaceCommand
from ledger import selectors

COLUMNS = ("files", "sloc", "functions", "complexity", "modules", "dependencies")


class Command(DisplaceCommand):
    help = (
        "Measure the default branch at chosen commits of its whole history: size, complexity, "
        "module graph, and how much debt was owed. What was measured before is not measured "
        "again, and a stopped run goes on where it was. Exit status: 0 fine, 2 bad input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("repo", metavar="REPO", help="a local path or a URL")
        parser.add_argument(
            "--every", choices=[one.value for one in Every], default=Every.MONTH.value,
            help="measure the last commit of each of these (default: month)",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        repository = analysis_services.repository_register(
            location=options["repo"], base=Path.cwd()
        )
        columns = (TextColumn("Measuring the past"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=None)
            ids = analysis_services.trend_measure(
                repository=repository,
                every=Every(options["every"]),
                report=lambda done, total: bar.update(task, completed=done, total=total),
            )
        rows = analysis_selectors.trend_rows(ids)
        debts = selectors.open_debts_at(
            repository_id=repository.pk, moments=[row.committed_at for row in rows]
        )
        if options["json"]:
            self.report_json(
                {
                    "schema": 1,
                    "repository": {"name": repository.name, "url": repository.shown_location},
                    "every": options["every"],
                    "points": [_point(row, owed) for row, owed in zip(rows, debts, strict=True)],
                }
            )
            return
        self.stdout.write(_line("commit", "date", *COLUMNS, "debts"))
        for row, owed in zip(rows, debts, strict=True):
            figures = [f"{row.totals[name]:,}" for name in COLUMNS]
            date = f"{row.committed_at:%Y-%m-%d}"
            self.stdout.write(_line(row.commit_sha[:10], date, *figures, f"{owed:,}"))


def _point(row: TrendRow, owed: int) -> dict[str, Any]:
    return {
        "commit": {"sha": row.commit_sha, "committed_at": row.committed_at.isoformat()},
        "totals": {**row.totals, "debts": owed},
    }


def _line(commit: str, date: str, *figures: str) -> str:
    return f"{commit:<11}{date:<11}" + "".join(f"{figure:>13}" for figure in figures)

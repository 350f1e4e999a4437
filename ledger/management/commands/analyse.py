"""`analyse REPO`: the whole pipeline in the foreground."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from common.commands import DisplaceCommand
from common.errors import DisplaceError
from common.templatetags.numbers import counted
from ledger import selectors, services

Listener = Callable[[str, int, int], None]


class Command(DisplaceCommand):
    help = (
        "Register or refresh a repository (a local path or a URL), measure it, and register the "
        "debt its default branch announces. Exit status: 0 fine, 2 bad input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("repo", metavar="REPO", help="a local path or a URL")
        parser.add_argument("--rev", default="", help="a revision other than the default branch's")
        parser.add_argument(
            "--no-history", action="store_true", help="leave out everything learnt from commits"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        snapshot_id = self._analyse(options)
        self._find_candidates(snapshot_id)
        document = analysis_selectors.snapshot_document(snapshot_id=snapshot_id)
        document["debts"] = selectors.snapshot_debts(snapshot_id=snapshot_id)
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(summary(document))

    def _find_candidates(self, snapshot_id: int) -> None:
        """Workers do it too, and find nothing left to do; here there may be none."""
        try:
            services.candidates_register(snapshot_id=snapshot_id)
        except DisplaceError as error:
            self.message(f"Candidates were not looked for: {error.message}")

    def _analyse(self, options: dict[str, Any]) -> int:
        repository = analysis_services.repository_register(
            location=options["repo"], base=Path.cwd()
        )
        with progress_bar() as listener:
            return analysis_services.analyse_now(
                repository=repository,
                rev=options["rev"],
                with_history=not options["no_history"],
                listener=listener,
            )


@contextmanager
def progress_bar() -> Iterator[Listener]:
    """Show the stages of an analysis on standard error while the block runs."""
    columns = (
        TextColumn("{task.description:<36}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, Any] = {}

        def listen(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for earlier in tasks.values():
                    known = progress.tasks[earlier].total or 1
                    progress.update(earlier, total=known, completed=known)
                text = analysis_selectors.STAGES.get(stage, stage)
                tasks[stage] = progress.add_task(text, total=total or None)
            progress.update(tasks[stage], completed=done, total=total or None)

        yield listen
        for task in tasks.values():
            known = progress.tasks[task].total or 1
            progress.update(task, total=known, completed=known)


def summary(document: dict[str, Any]) -> str:
    """Return the result in a few lines for people."""
    totals = document["totals"]
    lines = [
        f"{printable(document['repository']['name'])} at {document['commit']['sha'][:12]}",
        (
            f"  {totals['files']:,} source files, {totals['measured_files']:,} measured, "
            f"{totals['unreadable_files']:,} could not be read"
        ),
        (
            f"  {totals['sloc']:,} lines of code in {totals['functions']:,} functions, "
            f"complexity {totals['complexity']:,}"
        ),
        (
            f"  {totals['modules']:,} modules, {totals['dependencies']:,} dependencies, "
            f"{counted(len(document['cycles']), 'cycle,cycles')}"
        ),
    ]
    if totals["commits"] is not None:
        lines.append(
            f"  {counted(totals['commits'], 'commit,commits')}, "
            f"{counted(len(document['change_coupling']), 'pair,pairs')} "
            "of files that change together"
        )
    lines.extend(f"  note: {printable(warning)}" for warning in document["warnings"])
    hottest = sorted(document["files"], key=lambda file: -(file["hotspot"] or 0))[:5]
    lines.extend(
        f"  hotspot {file['hotspot']:.2f}  {printable(file['path'])}"
        for file in hottest
        if file["hotspot"]
    )
    lines.append(f"  {counted(len(document['debts']), 'debt,debts')} announced in the code")
    lines.extend(
        f"    {debt['id']}: due {debt['expires_on']}, {debt['owner']} ({printable(debt['path'])}:"
        f"{debt['line']})"
        for debt in document["debts"]
    )
    return "\n".join(lines)


def printable(text: str) -> str:
    """Return the text with control characters escaped: names come from strangers."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)

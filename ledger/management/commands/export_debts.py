"""`export_debts`: the register as CSV, or the whole ledger with its history as JSON."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from common.commands import DisplaceCommand
from common.errors import Refused
from ledger import selectors


@dataclass(frozen=True, slots=True)
class Sink:
    """What the csv module writes to."""

    write: Callable[[str], object]


class Command(DisplaceCommand):
    help = (
        "Write the debt register as CSV, or the whole ledger with its hash chain as JSON, which "
        "`verify_history --file` checks. Exit status: 0 done, 2 bad input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("format", choices=["csv", "json"])
        parser.add_argument("file", nargs="?", default="-", help="default: standard output")
        parser.add_argument("--open", action="store_true", help="CSV: only what is still owed")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["open"] and options["format"] == "json":
            raise Refused("--open goes with csv: the JSON export is the whole ledger.")
        if options["file"] == "-":
            self._write(lambda text: self.stdout.write(text, ending=""), options)
            return
        try:
            with Path(options["file"]).open("w", encoding="utf-8", newline="") as file:
                self._write(file.write, options)
        except OSError as error:
            raise Refused(f"{options['file']} cannot be written: {error.strerror}.") from None

    def _write(self, write: Callable[[str], object], options: dict[str, Any]) -> None:
        if options["format"] == "json":
            for line in selectors.archive_lines():
                write(line)
            return
        wanted = selectors.RegisterFilter(only_open=options["open"])
        csv.writer(Sink(write)).writerows(selectors.debts_csv(wanted))

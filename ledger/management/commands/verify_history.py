"""`verify_history`: check every hash chain of the ledger."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from common.commands import DisplaceCommand
from common.errors import Refused
from ledger import selectors


class Command(DisplaceCommand):
    help = (
        "Check that every event of the ledger is as it was written and adds up to what is stored. "
        "Exit status: 0 all is well, 1 something is broken (the first broken event is named)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON alone")
        parser.add_argument("--all", action="store_true", help="go on after the first broken item")
        parser.add_argument(
            "--file",
            default="",
            help="check this export (`export_debts json`) instead, and that the ledger still has "
            "all that it holds",
        )
        parser.add_argument(
            "--alone", action="store_true", help="with --file: do not compare with the ledger"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["file"]:
            self._check_file(options)
            return
        result = selectors.history_verify(most_breaks=1_000 if options["all"] else 1)
        missing = selectors.missing_protections()
        if options["json"]:
            self.report_json(
                {
                    "schema": 1,
                    "items": result.items,
                    "events": result.events,
                    "broken": [
                        {
                            "debt": f"D-{found.item_id:06d}",
                            "event": found.event,
                            "problem": found.problem,
                        }
                        for found in result.breaks
                    ],
                    "missing_protections": missing,
                }
            )
        else:
            for found in result.breaks:
                self.stdout.write(str(found))
        if missing:
            self.message(f"The database lacks the protection {', '.join(missing)}; run `migrate`.")
        if result.breaks or missing:
            sys.exit(1)
        self.message(f"{result.events:,} events of {result.items:,} debts are intact.")

    def _check_file(self, options: dict[str, Any]) -> None:
        most = 1_000 if options["all"] else 1
        try:
            with Path(options["file"]).open(encoding="utf-8", newline="\n") as file:
                checked = selectors.archive_check(file, most_breaks=most)
                file.seek(0)
                is_intact = not checked.breaks and not checked.problems
                compares = is_intact and not options["alone"]
                missing = selectors.archive_missing(file, most=most) if compares else []
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{options['file']} cannot be read: {error}.") from None
        broken = [*checked.breaks, *missing]
        if options["json"]:
            self.report_json(
                {
                    "schema": 1,
                    "items": checked.items,
                    "events": checked.events,
                    "broken": [
                        {"debt": one.reference, "event": one.event, "problem": one.problem}
                        for one in broken
                    ],
                    "problems": list(checked.problems),
                }
            )
        else:
            for text in (*map(str, broken), *checked.problems):
                self.stdout.write(text)
        if broken or checked.problems:
            sys.exit(1)
        self.message(f"{checked.events:,} events of {checked.items:,} debts are intact.")

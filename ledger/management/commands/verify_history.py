"""`verify_history`: check every hash chain of the ledger."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from common.commands import DisplaceCommand
from ledger import selectors


class Command(DisplaceCommand):
    help = (
        "Check that every event of the ledger is as it was written and adds up to what is stored. "
        "Exit status: 0 all is well, 1 something is broken (the first broken event is named)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON alone")
        parser.add_argument("--all", action="store_true", help="go on after the first broken item")

    def handle(self, *_args: Any, **options: Any) -> None:
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

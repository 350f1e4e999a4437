"""`lint_statement [TEXT]`: whether a statement of impact is fit for the business."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from common.commands import DisplaceCommand
from common.errors import Refused
from ledger import selectors
from ledger.domain.audiences import Audience
from ledger.domain.lifecycle import NEEDED_IMPACT_LEVEL
from ledger.domain.statements import MOST_CHARACTERS
from ledger.management.arguments import values
from ledger.management.reports import visible
from ledger.selectors.statement_documents import lint_document, suggestion_document
from ledger.selectors.statement_evidence import suggestions_for


class Command(DisplaceCommand):
    help = (
        "Judge the wording of an impact: its level, what to mend, and what to write instead. "
        "Exit status: 0 level L2 or better, 1 below it, 2 bad input."
    )

    # A text is judged without any data.
    makes_tables = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "text", nargs="?", default="-", help="the statement; standard input without it"
        )
        parser.add_argument("--debt", default="", help="a debt whose facts may bind the numbers")
        parser.add_argument(
            "--audience", choices=values(Audience), help="also say what is not for this audience"
        )
        parser.add_argument(
            "--sentences", action="store_true", help="offer sentences from the debt's evidence"
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        text = options["text"]
        if text == "-":
            text = sys.stdin.read(MOST_CHARACTERS + 1)
        if len(text) > MOST_CHARACTERS:
            raise Refused(f"A statement has at most {MOST_CHARACTERS:,} characters.", "text")
        if options["sentences"] and not options["debt"]:
            raise Refused("Say whose evidence to read: --debt REFERENCE.", "debt")
        item = selectors.debt_by_reference(options["debt"]) if options["debt"] else None
        audience = Audience(options["audience"]) if options["audience"] else None
        document = lint_document(text.strip(), item=item, audience=audience)
        if item is not None and options["sentences"]:
            offered = suggestions_for(item, audience or Audience.PRODUCT)
            document["sentences"] = [suggestion_document(one) for one in offered]
        if options["json"]:
            self.report_json({"schema": 1, **document})
        else:
            self._report(document)
        if document["level"] < NEEDED_IMPACT_LEVEL:
            sys.exit(1)

    def _report(self, document: dict[str, Any]) -> None:
        self.stdout.write(document["level_text"])
        for finding in document["findings"]:
            match = f" “{visible(finding['match'])}”" if finding["match"] else ""
            self.stdout.write(f"  {finding['code']:<3} {finding['message']}{match}")
            if finding["advice"]:
                self.stdout.write(f"      {visible(finding['advice'])}")
        for one in document["unfit"]:
            self.stdout.write(
                f"  not for this audience: “{visible(one['match'])}”. {one['reason']}"
            )
        if document["next_step"]:
            self.stdout.write(document["next_step"])
        for sentence in document.get("sentences", ()):
            self.stdout.write(f"  + {visible(sentence['text'])}")

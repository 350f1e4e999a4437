"""`import_debts FORMAT FILE`: what other tools know of debt, as proposed debt."""

import json
import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.management.actors import acting
from analysis import selectors as analysis_selectors
from common import clock
from common.commands import DisplaceCommand
from common.errors import Refused
from ledger import services
from ledger.domain.exchange.baselines import archunit_rules
from ledger.domain.exchange.documents import MOST_BYTES
from ledger.domain.exchange.formats import Format
from ledger.domain.exchange.results import ImportOrder, ImportReport, report_document
from ledger.management.arguments import day


def term(text: str) -> int:
    """A number of days."""
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise ArgumentTypeError(f"'{text}' is no number of days")
    return int(text)


class Command(DisplaceCommand):
    help = (
        "Import debt from a table, a report, a baseline or a waiver file. Nothing is imported "
        "twice. Exit status: 0 everything was taken, 1 some entries were refused, 2 bad input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("format", choices=[one.value for one in Format])
        parser.add_argument("file", help="a file, - for standard input, or ArchUnit's folder")
        parser.add_argument("--repository", default="", help="the short name of its repository")
        parser.add_argument(
            "--source", default="", help="what the file is called from import to import"
        )
        parser.add_argument(
            "--owner", default="", help="for entries that neither the file nor CODEOWNERS gives one"
        )
        until = parser.add_mutually_exclusive_group()
        until.add_argument(
            "--due", type=day, metavar="DATE", help="for entries without a date of their own"
        )
        until.add_argument("--days", type=term, help="the same, so many days from today")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument(
            "--as", dest="username", default="", help="who acts; not needed if there is one person"
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        report = services.file_import(
            actor=acting(options["username"]),
            order=_order(options),
            is_dry_run=options["dry_run"],
        )
        if options["json"]:
            self.report_json(report_document(report))
        else:
            self._tell(report)
        if report.refused:
            sys.exit(1)

    def _tell(self, report: ImportReport) -> None:
        would = "would be " if report.is_dry_run else ""
        for title, outcomes in (
            (f"{would}created", report.created),
            (f"{would}changed", report.changed),
            ("closed here", report.closed),
            ("vanished", report.vanished),
        ):
            for one in outcomes:
                parts = [title, one.reference, one.title, one.owner, str(one.due_on), one.note]
                self.stdout.write("  ".join(filter(None, parts)))
        for refusal in report.refused:
            self.stdout.write(f"refused  {refusal.row}  {refusal.column}  {refusal.reason}")
        for note in report.notes:
            self.message(note)
        self.message(
            f"{len(report.created):,} {would}created, {len(report.changed):,} {would}changed, "
            f"{report.unchanged:,} as they were, {len(report.refused):,} refused, "
            f"{len(report.vanished):,} vanished ({report.encoding})"
        )


def _order(options: dict[str, Any]) -> ImportOrder:
    path = options["file"]
    due_on = options["due"]
    if options["days"] is not None:
        due_on = clock.today() + timedelta(days=options["days"])
    repository = options["repository"]
    return ImportOrder(
        kind=Format(options["format"]),
        data=_content(path),
        file_name="" if path == "-" else Path(path).name,
        repository_id=analysis_selectors.repository_by_slug(repository).pk if repository else None,
        source=options["source"],
        owner=options["owner"],
        due_on=due_on,
    )


def _content(path: str) -> bytes:
    """At most a byte more than is read, so that the importer says what is too long."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        place = Path(path)
        if place.is_dir():
            return _archunit_store(place)
        with place.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None


def _archunit_store(folder: Path) -> bytes:
    """Every rule of a violation store with its violations, as one document."""
    stored = folder / "stored.rules"
    if not stored.is_file():
        raise Refused(f"{folder} has no stored.rules: it is no violation store of ArchUnit.")
    rules = archunit_rules(_text(stored))
    files = {rule: folder / name for rule, name in rules.items()}
    return json.dumps(
        {rule: _text(file) for rule, file in files.items() if file.is_file()}
    ).encode()


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1).decode("utf-8", "replace")

"""`doctor`: look at every part of the installation and say what to do."""

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.module_loading import autodiscover_modules

from common.commands import DisplaceCommand
from common.doctor import Finding, Health, examine

MARKS = {Health.OK: "ok", Health.WARNING: "look", Health.ERROR: "FAULT"}


class Command(DisplaceCommand):
    help = (
        "Check configuration, database, broker, workers, Git, repositories and history, and say "
        "what to do. Exit status: 0 all is well or only worth a look, 1 something does not work."
    )
    makes_tables = False  # it says so instead

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, *_args: Any, **options: Any) -> None:
        autodiscover_modules("doctor")
        findings = []
        for finding in examine():
            findings.append(finding)
            if not options["json"]:
                self._show(finding)
        if options["json"]:
            self.report_json({"schema": 1, "findings": [asdict(finding) for finding in findings]})
        if any(finding.health is Health.ERROR for finding in findings):
            sys.exit(1)

    def _show(self, finding: Finding) -> None:
        styles = {
            Health.OK: self.style.SUCCESS,
            Health.WARNING: self.style.WARNING,
            Health.ERROR: self.style.ERROR,
        }
        mark = styles[finding.health](f"{MARKS[finding.health]:<6}")
        self.stdout.write(f"{mark} {finding.subject}: {finding.message}")
        if finding.advice:
            self.stdout.write(f"       {finding.advice}")

"""The manners of every management command.

Exit status: 0 fine, 1 a check found something, 2 usage or bad input, which is one line on
standard error. With --json, standard output holds JSON alone.
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import DisplaceError

BAD_INPUT = 2


class DisplaceCommand(BaseCommand):
    """Base class: an expected error becomes one line and exit status 2."""

    requires_system_checks: list[str] = []

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DisplaceError as error:
            raise CommandError(error.message, returncode=BAD_INPUT) from error

    def message(self, text: str) -> None:
        """Something for a person; never on standard output."""
        self.stderr.write(text, self.style.NOTICE)

    def report_json(self, value: object) -> None:
        """The answer for a program."""
        self.stdout.write(json.dumps(value, ensure_ascii=False))

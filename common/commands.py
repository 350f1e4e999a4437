"""The manners of every management command.

Exit status: 0 fine, 1 a check found something, 2 usage or bad input, which is one line on
standard error. With --json, standard output holds JSON alone.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, ProgrammingError, connection

from common.errors import DisplaceError

# The help of an action, and what adds its arguments.
Actions = Mapping[str, tuple[str, Callable[[ArgumentParser], None]]]

BAD_INPUT = 2
STOPPED = 130  # as a shell reports a program that Ctrl-C ended


class OneLineParser(CommandParser):
    """Answers wrong arguments in one line; `--help` shows the usage."""

    def error(self, message: str) -> NoReturn:
        if not self.called_from_command_line:
            raise CommandError(message, returncode=BAD_INPUT)
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def add_actions(parser: CommandParser, actions: Actions) -> None:
    """Add every action as a subcommand, each with --json."""
    added = parser.add_subparsers(
        dest="action", required=True, metavar="ACTION", parser_class=OneLineParser
    )
    for name, (text, add) in actions.items():
        action = added.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            # A mistake is answered as for the command itself.
            called_from_command_line=parser.called_from_command_line,
        )
        add(action)
        action.add_argument("--json", action="store_true", help="print JSON alone")


class DisplaceCommand(BaseCommand):
    """Base class: an expected error becomes one line and exit status 2."""

    requires_system_checks: list[str] = []
    # Whether an empty embedded database is given its tables first.
    makes_tables = True

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # Django names the class of the parser itself.
        parser.__class__ = OneLineParser
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            self._make_tables()
            return super().execute(*args, **options)
        except DisplaceError as error:
            raise CommandError(error.message, returncode=BAD_INPUT) from error
        except KeyboardInterrupt:
            raise CommandError("stopped", returncode=STOPPED) from None
        except DatabaseError as error:
            raise CommandError(_database_advice(error), returncode=BAD_INPUT) from error

    def message(self, text: str) -> None:
        """Something for a person; never on standard output."""
        self.stderr.write(text, self.style.NOTICE)

    def report_json(self, value: object) -> None:
        """The answer for a program."""
        self.stdout.write(json.dumps(value, ensure_ascii=False))

    def _make_tables(self) -> None:
        # A first command on a fresh checkout just works; a server's database is its owner's.
        if (
            self.makes_tables
            and settings.IS_EMBEDDED
            and not connection.introspection.table_names()
        ):
            self.message("Making the database ...")
            call_command("migrate", interactive=False, verbosity=0)


def _database_advice(error: DatabaseError) -> str:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    # SQLite reports a missing table or column as an OperationalError.
    if isinstance(error, ProgrammingError) or reason.startswith("no such"):
        return f"{reason}; `python manage.py migrate` brings the tables up to date"
    return f"the database cannot be used: {reason}; check DISPLACE_DATABASE_URL"

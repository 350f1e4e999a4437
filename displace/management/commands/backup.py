"""`backup FILE`: the whole database in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from common.adapters.backups import backup_write
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = (
        "Write the whole database to a file, as it is at this moment, while everything goes on. "
        "The encryption keys are not in it: keep them elsewhere. Copies of repositories are not "
        "either: they are fetched again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup to write; it must not exist")

    def handle(self, *_args: Any, **options: Any) -> None:
        size = backup_write(path=options["file"])
        self.message(f"{options['file']}: {size / (1 << 20):,.1f} MiB.")

"""`restore FILE`: a backup in the place of the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandParser

from common.adapters.backups import backup_restore
from common.commands import DisplaceCommand
from common.errors import Refused
from displace.embedded.guard import running_address


class Command(DisplaceCommand):
    help = (
        "Put a backup in the place of the database: whole, or not at all. Stop web, workers and "
        "beat first. An older backup is brought up to date afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `backup` wrote")
        parser.add_argument(
            "--replace", action="store_true", help="even where the database is in use: it is lost"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if address := running_address(settings.DATA_DIR):
            raise Refused(f"Displace is running at {address}; stop it first.")
        if get_user_model().objects.exists() and not options["replace"]:
            raise Refused(
                "The database is in use; back it up, then give --replace to put this in its place."
            )
        manifest = backup_restore(path=options["file"])
        call_command("migrate", interactive=False, verbosity=0)
        self.message(f"Restored what was there at {manifest.made_at}.")
        call_command("verify_history")

"""`matrix_answers CHANNEL`: the file that lets a homeserver pass on commands from the room."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.management.actors import acting
from alerts.selectors.channels import channel_by_name
from alerts.services.matrix_answers import registration_end, registration_make
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = (
        "Print the registration file (YAML) by which a Matrix homeserver passes on the commands "
        "that people write in the channel's room. It holds a secret, is shown once, and ends the "
        "one made before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", metavar="CHANNEL", help="the name of a Matrix channel")
        parser.add_argument(
            "--end", action="store_true", help="take no more commands from the channel's room"
        )
        parser.add_argument(
            "--as", dest="username", metavar="USERNAME", default="", help="who acts; an admin"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        actor = acting(options["username"])
        channel = channel_by_name(options["channel"])
        if options["end"]:
            registration_end(actor=actor, channel_id=channel.pk)
            self.message(f"No more commands are taken from the room of “{channel.name}”.")
            return
        self.stdout.write(registration_make(actor=actor, channel_id=channel.pk), ending="")
        self.message("Name this file in the homeserver's app_service_config_files and restart it.")

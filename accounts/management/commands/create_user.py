from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from accounts.domain.roles import Role
from accounts.management.people import ROLES_HELP
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = "Create a person. They sign in by a link from `sign_in_link` and set a password there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="also the handle under which they own debt")
        parser.add_argument(
            "--role",
            choices=[role.value for role in Role],
            default=Role.VIEWER.value,
            help=ROLES_HELP,
        )
        parser.add_argument("--name", default="", help="the name that pages show")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        user = services.user_create(
            username=options["username"],
            role=Role(options["role"]),
            display_name=options["name"],
            email=options["email"],
        )
        self.stdout.write(f"Created {user.username} with the role {user.role}.")

from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from accounts.domain.roles import Role
from accounts.management.people import ROLES_HELP, named_user
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = "Change what a person may do. The last active admin keeps the role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("role", choices=[role.value for role in Role], help=ROLES_HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        user = named_user(options["username"])
        services.user_set_role(user=user, role=Role(options["role"]))
        self.stdout.write(f"{user.username} now has the role {user.role}.")

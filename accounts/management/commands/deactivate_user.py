from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from accounts.management.people import named_user
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = (
        "Shut a person out at once: sessions and sign-in links end, API tokens are revoked. What "
        "they own keeps their name. An admin lets them in again on the page People."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = named_user(options["username"])
        services.user_deactivate(user=user)
        self.stdout.write(f"{user.username} is deactivated and can no longer sign in.")

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse

from accounts import selectors, services
from common.commands import DisplaceCommand
from common.errors import NotFound


class Command(DisplaceCommand):
    help = "Print an address that signs one person in, once, within 15 minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = selectors.user_by_name(options["username"])
        if user is None:
            raise NotFound(f"There is no user {options['username']!r}; `create_user` makes one.")
        secret = services.sign_in_link_issue(user=user)
        path = reverse("accounts:sign_in_link", kwargs={"secret": secret})
        self.stdout.write(f"{settings.BASE_URL}{path}")

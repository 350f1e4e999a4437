from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse

from accounts import services
from accounts.management.people import named_user
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = "Print an address that signs one person in, once, within 15 minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        secret = services.sign_in_link_issue(user=named_user(options["username"]))
        path = reverse("accounts:sign_in_link", kwargs={"secret": secret})
        self.stdout.write(f"{settings.BASE_URL}{path}")

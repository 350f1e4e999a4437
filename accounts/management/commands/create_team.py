from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from accounts.management.people import named_user
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = "Create a team, which can own debt (owner=SLUG) together."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the handle under which the team owns debt")
        parser.add_argument("--name", default="", help="the name that pages show (default: SLUG)")
        parser.add_argument(
            "--member",
            nargs="+",
            action="extend",
            default=[],
            metavar="USER",
            help="user names of people who are in it; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        members = [named_user(username) for username in options["member"]]
        slug = options["slug"]
        team = services.team_create(slug=slug, name=options["name"] or slug, members=members)
        names = ", ".join(dict.fromkeys(member.username for member in members)) or "nobody yet"
        self.stdout.write(f"Created the team {team.slug}; in it: {names}.")

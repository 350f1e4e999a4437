from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from accounts.management.people import named_team, named_user
from common.commands import DisplaceCommand


class Command(DisplaceCommand):
    help = "Make a member the lead of a team: the lead hears of what the team leaves overdue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the team")
        parser.add_argument("username", help="somebody who is in it")
        parser.add_argument("--remove", action="store_true", help="they lead it no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        team, user = named_team(options["slug"]), named_user(options["username"])
        is_lead = not options["remove"]
        services.team_lead_set(team=team, user=user, is_lead=is_lead)
        words = "now leads" if is_lead else "no longer leads"
        self.stdout.write(f"{user.username} {words} {team.slug}.")

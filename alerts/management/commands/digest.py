"""`digest`: make the digests whose turn it is, or say what they would say."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from accounts import selectors as accounts_selectors
from accounts.management.actors import acting
from alerts.domain.messages import Message
from alerts.domain.plans import DigestPlan
from alerts.models import Route
from alerts.selectors.channels import channels_all
from alerts.selectors.pages_rules import rule_get, rules_found
from alerts.services.asking import digest_ask, digest_foretold
from alerts.services.digests import digests_make, digests_planned
from common.commands import DisplaceCommand
from common.errors import Refused


class Command(DisplaceCommand):
    help = (
        "Make the digests of every team whose time of speaking has come today, as the worker does "
        "every minute. With --dry-run nothing is written: it says what each channel would be told. "
        "Exit status: 0 done, 2 bad input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be said, and to whom"
        )
        parser.add_argument(
            "--day",
            metavar="YYYY-MM-DD",
            default="",
            help="with --dry-run: on this day, not on each team's next working day",
        )
        parser.add_argument(
            "--now",
            metavar="RULE",
            default="",
            help="say at once what the channel of this rule (its name or number) has not heard "
            "yet, on a day off as well; once a day",
        )
        parser.add_argument(
            "--as",
            dest="username",
            metavar="USERNAME",
            default="",
            help="with --now: who asks for it; needed unless there is only one person",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["day"] and not options["dry_run"]:
            raise Refused("--day goes with --dry-run: nothing is said for another day than today.")
        if options["now"]:
            self._ask(options)
            return
        if options["dry_run"]:
            self._foretell(_day(options["day"]), is_json=options["json"])
            return
        made = digests_make()
        if options["json"]:
            self.report_json({"schema": 1, "dry_run": False, "made": made})
        else:
            self.stdout.write(f"{made} digest{'' if made == 1 else 's'} made.")

    def _ask(self, options: Mapping[str, Any]) -> None:
        user, rule = acting(options["username"]), _rule(options["now"])
        if options["dry_run"]:
            title, number = digest_foretold(actor=user, route_id=rule.pk).message.title, None
        else:
            delivery = digest_ask(actor=user, route_id=rule.pk)
            title, number = delivery.message["title"], delivery.pk
        if options["json"]:
            self.report_json(
                {"schema": 1, "dry_run": number is None, "title": title, "delivery": number}
            )
        else:
            self.stdout.write(f"{rule.channel.name}  {title}")

    def _foretell(self, day: date | None, *, is_json: bool) -> None:
        channels = {channel.pk: channel.name for channel in channels_all()}
        teams = {team.pk: team.slug for team in accounts_selectors.teams_all()}
        found = [
            _shown(plan, message, channels[plan.channel_id], teams)
            for plan, message in digests_planned(day=day)
        ]
        if is_json:
            self.report_json({"schema": 1, "dry_run": True, "digests": found})
            return
        for one in found:
            self.stdout.write(f"{one['day']}  {one['channel']}  {one['title']}")
        if not found:
            self.stdout.write("Nothing would be said.")


def _shown(
    plan: DigestPlan, message: Message, channel: str, teams: dict[int, str]
) -> dict[str, Any]:
    return {
        "day": plan.day.isoformat(),
        "channel": channel,
        "team": teams.get(plan.team_id) if plan.team_id is not None else None,
        "is_personal": plan.person_id is not None,
        "is_summary": plan.is_summary,
        "debts": len(plan.told),
        "mentions": sum(told.is_mentioned for told in plan.told),
        "escalations": sum(told.is_escalated for told in plan.told),
        "title": message.title,
    }


def _rule(text: str) -> Route:
    """The rule with this name or number. Raises Refused or NotFound."""
    if text.isdecimal():
        return rule_get(int(text[:18]))
    found = [one for one in rules_found() if one.name == text]
    if len(found) != 1:
        number = "no" if not found else "more than one"
        raise Refused(f"There is {number} rule “{text[:100]}”; its number stands in its address.")
    return found[0]


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text[:40]}” is no day; write it as YYYY-MM-DD.") from None

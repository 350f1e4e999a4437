"""`gate REPO --base REV --head REV`: what a merge would do."""

import json
import os
import sys
from typing import Any

from django.core.management.base import CommandParser

from accounts import selectors as accounts_selectors
from common.commands import DisplaceCommand
from common.errors import NotFound, Refused
from hooks.domain import gate_reports
from hooks.domain.forges import FORGES
from hooks.domain.gate import GateResult
from hooks.domain.gate_reports.text import coloured, plain
from hooks.services.gate_comments import comment_put
from hooks.services.gate_overrides import Plea
from hooks.services.gates import gate_check_place

FORMATS = ("text", "json", "sarif", "codeclimate")


class Command(DisplaceCommand):
    help = (
        "Say what merging HEAD into BASE would do: debt that it brings or closes, expired debt "
        "whose files it touches, cycles that it makes. The policy says what blocks. Exit status: "
        "0 fine, 1 something blocks, 2 bad input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "repo", metavar="REPO", help="a local checkout, or the slug of a registered repository"
        )
        parser.add_argument("--base", required=True, metavar="REV", help="what is merged into")
        parser.add_argument("--head", required=True, metavar="REV", help="what is merged")
        parser.add_argument("--format", choices=FORMATS, default="text")
        parser.add_argument(
            "--repository",
            metavar="SLUG",
            default="",
            help="the registered repository that the checkout is one of, where its remotes do "
            "not say so",
        )
        parser.add_argument(
            "--break-glass",
            metavar="REASON",
            default="",
            help="let a blocked change through; who, when and why is recorded for all to see",
        )
        parser.add_argument(
            "--as", dest="username", metavar="USERNAME", default="", help="who breaks the glass"
        )
        parser.add_argument(
            "--comment",
            metavar="URL",
            default="",
            help="also write the result on this pull request, with the token in "
            "DISPLACE_FORGE_TOKEN; one comment, changed in place",
        )
        parser.add_argument(
            "--forge", choices=FORGES, default="", help="the kind of host, where URL does not say"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        result = gate_check_place(
            place=options["repo"],
            base=options["base"],
            head=options["head"],
            slug=options["repository"],
            plea=_plea(options),
        )
        self.stdout.write(self._report(result, options))
        if options["comment"]:
            said = comment_put(result=result, url=options["comment"], forge=options["forge"])
            self.message(said)
        if result.is_stopped:
            sys.exit(1)

    def _report(self, result: GateResult, options: dict[str, Any]) -> str:
        match options["format"]:
            case "json":
                return json.dumps(gate_reports.document(result), ensure_ascii=False)
            case "sarif":
                return json.dumps(gate_reports.sarif(result), ensure_ascii=False)
            case "codeclimate":
                return json.dumps(gate_reports.codeclimate(result), ensure_ascii=False)
            case _:
                is_coloured = (
                    self.stdout.isatty()
                    and not options["no_color"]
                    and "NO_COLOR" not in os.environ
                )
                return gate_reports.text(result, coloured if is_coloured else plain)


def _plea(options: dict[str, Any]) -> Plea | None:
    """Who breaks the glass: the person named by --as, or the only one there is."""
    if not options["break_glass"]:
        return None
    name = options["username"]
    if not name:
        people = [owner for owner in accounts_selectors.owners() if owner.kind == "user"]
        if len(people) != 1:
            raise Refused("Say who breaks the glass: --as USERNAME.", "username")
        name = people[0].handle
    actor = accounts_selectors.user_by_name(name)
    if actor is None:
        raise NotFound(f"There is no person '{name}'.")
    return Plea(actor=actor, reason=options["break_glass"], source="command")

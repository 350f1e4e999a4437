"""`environment ACTION`: environments from the command line, through the services of the web."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import localtime

from accounts.management.actors import acting
from accounts.management.people import named_team
from common.commands import DisplaceCommand, add_actions
from ledger.selectors import debt_by_reference
from orchestration.management.environment_arguments import ACTIONS, drafts_of, tiers_of
from orchestration.models import Environment, Run
from orchestration.selectors.documents import (
    environment_document,
    environment_line,
    run_document,
)
from orchestration.selectors.environments import (
    EnvironmentFilter,
    environment_get,
    environments_filtered,
)
from orchestration.selectors.runs import run_get
from orchestration.services import environments as services

Options = Mapping[str, Any]


class Command(DisplaceCommand):
    help = (
        "What the team has built, and asking for it. Exit status: 0 done, 2 bad input. What is "
        "asked for is a run: `run` shows, approves and follows it. `environment ACTION --help` "
        "says what an action takes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_actions(parser, ACTIONS)

    def handle(self, *_args: Any, **options: Any) -> None:
        match options["action"]:
            case "list":
                self._list(options)
            case "reveal":
                self._reveal(options)
            case "show":
                self._show(environment_get(options["reference"]), options)
            case action if action in QUEUED:
                self._queued(QUEUED[action](options), options)
            case action:
                self._show(CHANGED[action](options), options)

    def _list(self, options: Options) -> None:
        wanted = EnvironmentFilter(
            state=options["state"],
            owner=options["owner"],
            team_id=named_team(options["team"]).pk if options["team"] else None,
            capability=options["capability"],
            item_id=debt_by_reference(options["debt"]).pk if options["debt"] else None,
            text=options["search"],
            with_gone=options["all"],
        )
        found = environments_filtered(wanted)
        if options["json"]:
            rows = [environment_line(one) for one in found]
            self.report_json({"schema": 1, "environments": rows})
            return
        for one in found:
            self.stdout.write(_line(environment_line(one)))

    def _show(self, environment: Environment, options: Options) -> None:
        document = environment_document(environment_get(environment.pk))
        if options["json"]:
            self.report_json({"schema": 1, **document})
            return
        self.stdout.write(_line(document))
        if document["state_reason"]:
            self.stdout.write(f"  {document['state_reason']}")
        cost = f"{document['monthly_cost']} {document['currency']} a month"
        if document["cost_until_end"] is not None:
            cost += f", {document['cost_until_end']} until its end"
        self.stdout.write(f"  {cost}")
        for resource in document["resources"]:
            built = f"{resource['blueprint']} {resource['version']}, {resource['tier']}"
            self.stdout.write(f"  {resource['name']}: {built}, on {resource['target']}")
            for output in resource["outputs"]:
                value = "••••••••" if output["is_secret"] else output["value"]
                self.stdout.write(f"    {output['name']}: {value}")
        for reference in document["open_runs"]:
            self.stdout.write(f"  {reference} is under way")

    def _queued(self, run: Run, options: Options) -> None:
        run = run_get(run.pk)
        if options["json"]:
            self.report_json({"schema": 1, **run_document(run)})
            return
        self.stdout.write(
            f"{run.reference} is to {_ACTION_WORDS[options['action']]} "
            f"{run.environment.reference} {run.environment.name}."
        )

    def _reveal(self, options: Options) -> None:
        value = services.output_reveal(
            actor=acting(options["username"]),
            environment_id=environment_get(options["reference"]).pk,
            resource=options["resource"],
            name=options["output"],
        )
        if options["json"]:
            self.report_json({"schema": 1, "value": value})
        else:
            self.stdout.write(value)


_ACTION_WORDS = {
    "request": "build",
    "resize": "resize",
    "check": "check",
    "verify": "verify",
    "repair": "repair",
    "destroy": "destroy",
}


def _line(document: Mapping[str, Any]) -> str:
    parts = [
        document["reference"], document["name"], document["state"], f"of {document['owner']}"
    ]  # fmt: skip
    if document["expires_at"]:
        end = localtime(datetime.fromisoformat(document["expires_at"]))
        parts.append(f"until {end:%Y-%m-%d %H:%M}")
    return " · ".join(parts)


def _request(options: Options) -> Run:
    return services.environment_request(
        actor=acting(options["username"]),
        name=options["name"],
        owner=options["owner"],
        resources=drafts_of(options["resource"], options["set"]),
        purpose=options["purpose"],
        team_id=named_team(options["team"]).pk if options["team"] else None,
        days=options["days"],
        is_production=options["production"],
        system=options["system"],
        justification=options["justification"],
        item_id=debt_by_reference(options["debt"]).pk if options["debt"] else None,
        link_role=options["role"],
        deletion_policy=options["deletion_policy"],
    )


def _resize(options: Options) -> Run:
    return services.environment_resize(
        **_named(options),
        tiers=tiers_of(options["tier"]),
        justification=options["justification"],
    )


def _extend(options: Options) -> Environment:
    return services.environment_extend(
        **_named(options), days=options["days"], reason=options["reason"]
    )


def _promote(options: Options) -> Environment:
    return services.environment_promote(
        **_named(options), owner=options["owner"], reason=options["reason"]
    )


def _adopt(options: Options) -> Environment:
    return services.environment_adopt(
        **_named(options),
        owner=options["owner"],
        days=options["days"],
        reason=options["reason"],
        name=options["name"],
    )


def _orphan(options: Options) -> Environment:
    return services.environment_orphan(**_named(options), reason=options["reason"])


def _named(options: Options) -> dict[str, Any]:
    """Who acts, and on what. The environment first: a wrong name is said of it."""
    environment = environment_get(options["reference"])
    return {"environment_id": environment.pk, "actor": acting(options["username"])}


QUEUED: Mapping[str, Callable[[Options], Run]] = {
    "request": _request,
    "resize": _resize,
    "check": lambda options: services.environment_check(**_named(options)),
    "verify": lambda options: services.environment_verify(**_named(options)),
    "repair": lambda options: services.environment_repair(**_named(options)),
    "destroy": lambda options: services.environment_destroy(**_named(options)),
}
CHANGED: Mapping[str, Callable[[Options], Environment]] = {
    "extend": _extend,
    "promote": _promote,
    "orphan": _orphan,
    "adopt": _adopt,
}

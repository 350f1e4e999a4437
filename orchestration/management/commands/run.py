"""`run ACTION`: runs from the command line: their plans, decisions about them, their log."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import localtime

from accounts.management.actors import acting
from common.commands import Actions, DisplaceCommand, add_actions
from common.errors import Refused
from orchestration.domain.states import FINAL_RUN_STATES, RunAction, RunState
from orchestration.models import Run
from orchestration.selectors.documents import event_document, run_document, run_line
from orchestration.selectors.environments import environment_get
from orchestration.selectors.lists import RunFilter, run_named, runs_found
from orchestration.selectors.runs import events_after, run_get
from orchestration.services.approving import run_approve, run_reject
from orchestration.services.canceling import run_cancel

Options = Mapping[str, Any]
LISTED = 100
POLL_SECONDS = 0.5
# As many characters of a digest as `run show` and the log say; fewer could be guessed.
SHORT_DIGEST = 19
GOOD_ENDS = (RunState.SUCCEEDED, RunState.NO_CHANGES)


def add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--environment", default="", metavar="REFERENCE")
    parser.add_argument("--kind", choices=[one.value for one in RunAction], default="")
    parser.add_argument(
        "--state", action="append", choices=[one.value for one in RunState], default=[]
    )
    parser.add_argument("--open", action="store_true", help="only those that have not ended")


def add_reference(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="RUN", help="R-000042 or 42")


def add_log(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument("--after", type=int, default=0, metavar="NUMBER", help="of a line")
    parser.add_argument(
        "--follow", action="store_true", help="go on until it has ended, or waits for a person"
    )


def add_act(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument(
        "--as", dest="username", default="", help="who acts; not needed if there is one person"
    )


def add_approve(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument(
        "--digest", required=True, help="of the plan that you read; its first 19 characters do"
    )
    parser.add_argument("--reason", default="")


def add_reject(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--digest", required=True, help="of the plan that you read")
    parser.add_argument("--reason", required=True)


def add_cancel(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--reason", default="")


ACTIONS: Actions = {
    "list": ("the newest runs", add_list),
    "show": ("one run with its plan", add_reference),
    "log": ("the lines of a run's log; exit status 1 if it ended badly", add_log),
    "approve": ("let a run do what its plan says; not by whoever asked for it", add_approve),
    "reject": ("refuse what a plan says, and say why", add_reject),
    "cancel": ("end a run before its time; it says what it leaves behind", add_cancel),
}


class Command(DisplaceCommand):
    help = (
        "What is done to environments. Exit status: 0 done, 1 a run whose log was read ended "
        "badly or found differences, 2 bad input. `run ACTION --help` says what an action takes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_actions(parser, ACTIONS)

    def handle(self, *_args: Any, **options: Any) -> None:
        match options["action"]:
            case "list":
                self._list(options)
            case "log":
                self._log(options)
            case "show":
                self._show(run_named(options["reference"]), options)
            case action:
                self._show(STEPS[action](options), options)

    def _list(self, options: Options) -> None:
        of = options["environment"]
        wanted = RunFilter(
            states=tuple(options["state"]),
            action=options["kind"],
            environment_id=environment_get(of).pk if of else None,
            is_open=options["open"],
        )
        rows = [run_line(one) for one in runs_found(wanted)[:LISTED]]
        if options["json"]:
            self.report_json({"schema": 1, "runs": rows})
            return
        for row in rows:
            self.stdout.write(_line(row))

    def _show(self, run: Run, options: Options) -> None:
        document = run_document(run_get(run.pk))
        if options["json"]:
            self.report_json({"schema": 1, **document})
            return
        self.stdout.write(_line(document))
        if document["reason"]:
            self.stdout.write(f"  {document['reason']}")
        plan = document["plan"]
        if plan:
            self.stdout.write(f"  Plan {plan['digest']} ({plan['fidelity']})")
            for change in plan["changes"]:
                how = " (data would be lost)" if change["is_destructive"] else ""
                self.stdout.write(
                    f"    {change['kind']} {change['resource']}: {change['subject']}{how}"
                )
                for detail in change["details"]:
                    self.stdout.write(f"      {detail}")
            for verdict in plan["verdicts"]:
                self.stdout.write(f"    {verdict['text']}")
            self.stdout.write(f"    {plan['monthly_cost']} {plan['currency']} a month")
        for one in document["decisions"]:
            self.stdout.write(f"  {one['decision']} by {one['by']}: {one['reason'] or '-'}")

    def _log(self, options: Options) -> None:
        run = run_named(options["reference"])
        events = []
        for event in _events(run, options["after"], is_followed=options["follow"]):
            events.append(event)
            if not options["json"]:
                said = event["text"] or event["data"].get("state", "")
                at = localtime(datetime.fromisoformat(event["at"]))
                self.stdout.write(f"{at:%H:%M:%S} {event['kind']:<7} {said}")
        run = run_get(run.pk)
        if options["json"]:
            self.report_json({"schema": 1, "run": run_line(run), "events": events})
        elif run.state == RunState.AWAITING_APPROVAL:
            self.message(f"{run.reference} waits for an approver: `run show {run.reference}`.")
        if run.state in FINAL_RUN_STATES and run.state not in GOOD_ENDS:
            sys.exit(1)


def _events(run: Run, after: int, *, is_followed: bool) -> Iterator[dict[str, Any]]:
    """The lines after a number; while a run is followed, those that come too."""
    while True:
        # Read before its lines: an end that is seen here has been written below.
        state = RunState(run_get(run.pk).state)
        is_idle = state in FINAL_RUN_STATES or state is RunState.AWAITING_APPROVAL
        while rows := events_after(run, after):
            yield from map(event_document, rows)
            after = rows[-1].sequence
        if is_idle or not is_followed:
            return
        time.sleep(POLL_SECONDS)


def _line(document: Mapping[str, Any]) -> str:
    return " · ".join(
        (
            document["reference"],
            f"{document['action']} {document['environment']} {document['environment_name']}",
            document["state"],
            f"asked for by {document['requested_by'] or 'Displace'}",
        )
    )


def _digest(run: Run, given: str) -> str:
    """The whole digest of the run's plan where `given` begins it, else what was given."""
    plan = getattr(run, "plan", None)
    if len(given) < SHORT_DIGEST:
        raise Refused(f"Give at least {SHORT_DIGEST} characters of the digest.", "digest")
    return plan.digest if plan and plan.digest.startswith(given) else given


def _decision(step: Callable[..., Run]) -> Callable[[Options], Run]:
    def decide(options: Options) -> Run:
        run = run_named(options["reference"])
        digest = _digest(run, options["digest"])
        return step(
            actor=acting(options["username"]),
            run_id=run.pk,
            digest=digest,
            reason=options["reason"],
        )

    return decide


def _cancel(options: Options) -> Run:
    run = run_named(options["reference"])
    return run_cancel(actor=acting(options["username"]), run_id=run.pk, reason=options["reason"])


STEPS = {"approve": _decision(run_approve), "reject": _decision(run_reject), "cancel": _cancel}

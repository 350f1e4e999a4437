"""`debt ACTION`: the ledger from the command line, through the services of the web."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from accounts.management.actors import acting
from analysis import selectors as analysis_selectors
from common.commands import DisplaceCommand, add_actions
from common.errors import Refused
from ledger import selectors, services
from ledger.domain import terms
from ledger.domain.candidate_terms import CandidateKind, CandidateState
from ledger.domain.estimates import EstimateDraft, Interest, Principal, time_saved_of
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.plans import MilestoneDraft, PlanDraft, needs_of
from ledger.management import candidates, extension_requests, reports
from ledger.management.arguments import ACTIONS, day
from ledger.models import DebtItem
from ledger.selectors.documents import detail_document, page_document

Options = Mapping[str, Any]

_DESCRIBED = (
    "title", "owner", "text", "severity", "confidence", "system", "quadrant", "containment",
    "reversibility", "exit_condition", "external_reference", "impact",
)  # fmt: skip


class Command(DisplaceCommand):
    help = (
        "The debt register. Exit status: 0 done, 2 refused or bad input. "
        "`debt ACTION --help` says what an action takes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_actions(parser, ACTIONS)

    def handle(self, *_args: Any, **options: Any) -> None:
        action = options["action"]
        if action == "list":
            self._list(options)
            return
        if action == "candidates":
            self._candidates(options)
            return
        if action == "requests":
            self._requests(options)
            return
        if action == "dismiss":
            count = services.candidates_dismiss(
                actor=acting(options["username"]),
                candidate_ids=options["candidate"],
                reason=options["reason"],
            )
            self.message(f"{count} dismissed for good")
            return
        if action == "show":
            item = selectors.debt_by_reference(options["reference"])
        else:
            item = STEPS[action](options)
        detail = selectors.debt_detail(item.pk)
        if options["json"]:
            self.report_json(detail_document(detail))
        elif action == "show":
            self.stdout.write(reports.detail(detail))
        else:
            self.stdout.write(reports.line(selectors.rows_of([item])[0]))

    def _list(self, options: Options) -> None:
        page = selectors.debts_page(
            filter=_filter(options),
            sort=options["sort"],
            page=options["page"],
            size=options["size"],
        )
        if options["json"]:
            self.report_json(page_document(page))
            return
        for row in page.rows:
            self.stdout.write(reports.line(row))
        self.message(f"{page.total:,} debts, page {page.page} of {page.pages}")

    def _candidates(self, options: Options) -> None:
        page = selectors.candidates_page(
            filter=selectors.CandidateFilter(
                repository_id=_repository_id(options["repository"]),
                kinds=[CandidateKind(kind) for kind in options["kind"]],
                state=CandidateState(options["state"]),
                search=options["search"],
                min_days=max(options["days"], 0),
            ),
            sort=options["sort"],
            page=options["page"],
            size=options["size"],
        )
        if options["json"]:
            self.report_json(candidates.document(page))
            return
        for line in candidates.lines(page):
            self.stdout.write(line)
        self.message(f"{page.total:,} candidates, page {page.page} of {page.pages}")

    def _requests(self, options: Options) -> None:
        rows = extension_requests.found(options)
        if options["json"]:
            self.report_json(extension_requests.document(rows))
            return
        for line in extension_requests.lines(rows):
            self.stdout.write(line)
        self.message(f"{len(rows):,} requests")


def _filter(options: Options) -> selectors.RegisterFilter:
    return selectors.RegisterFilter(
        states=[terms.State(value) for value in options["state"]],
        timings=[terms.Timing(value) for value in options["timing"]],
        severities=[terms.Severity(value) for value in options["severity"]],
        origins=[terms.Origin(value) for value in options["origin"]],
        owner=options["owner"],
        system=options["system"],
        repository_id=_repository_id(options["repository"]),
        search=options["search"],
        only_open=options["open"],
    )


def _repository_id(slug: str) -> int | None:
    return analysis_selectors.repository_by_slug(slug).pk if slug else None


def _target(options: Options) -> dict[str, Any]:
    """What every step on an existing item is given."""
    return {
        "actor": acting(options["username"]),
        "item_id": selectors.debt_by_reference(options["reference"]).pk,
        "expected_version": options["expect_version"],
    }


def _description(options: Options) -> dict[str, Any]:
    given = {name: options[name] for name in _DESCRIBED if options[name] is not None}
    principal, interest = options["principal"], options["interest"]
    time_saved = options["time_saved"]
    if principal or interest or time_saved is not None:
        given["estimate"] = EstimateDraft(
            Principal.of(*principal) if principal else None,
            Interest.of(*interest) if interest else None,
            terms.Basis(options["basis"]),
            None if time_saved is None else time_saved_of(time_saved),
        )
    if (plan := _plan(options)) is not None:
        given["plan"] = plan
    return given


def _plan(options: Options) -> PlanDraft | None:
    """The plan as it is given; where only the needs are, the rest is as it stands."""
    needs = None if options["needs"] is None else needs_of(options["needs"].split(","))
    if options["plan"] is None and not options["milestone"]:
        return None if needs is None else replace(_plan_now(options), needs=needs)
    steps = tuple(
        MilestoneDraft(title, _milestone_day(due_on))
        for due_on, title in options["milestone"] or ()
    )
    return PlanDraft(options["plan"] or "", steps, needs)


def _plan_now(options: Options) -> PlanDraft:
    if "reference" not in options:
        return PlanDraft()
    item = selectors.debt_by_reference(options["reference"])
    plan = selectors.debt_detail(item.pk).plan
    if plan is None:
        return PlanDraft()
    steps = tuple(MilestoneDraft(step.title, step.due_on) for step in plan.milestones.all())
    return PlanDraft(plan.summary, steps)


def _milestone_day(text: str) -> date:
    try:
        return day(text)
    except ArgumentTypeError as error:
        raise Refused(f"Milestone: {error}.", "plan") from None


def _add(options: Options) -> DebtItem:
    return services.debt_record(
        actor=acting(options["username"]),
        due_on=options["due"],
        repository_id=_repository_id(options["repository"]),
        slug=options["slug"],
        path=options["path"],
        line=options["line"],
        **_description(options),
    )


def _describe(options: Options) -> DebtItem:
    return services.debt_describe(
        **_target(options), due_on=options["due"], **_description(options)
    )


def _extend(options: Options) -> DebtItem:
    return services.debt_extend(
        **_target(options),
        due_on=options["due"],
        reason=options["reason"],
        interest=Interest.of(*options["interest"]),
    )


def _repay(options: Options) -> DebtItem:
    if options["annotation_left"]:
        kind, reference = terms.EvidenceKind.ANNOTATION_LEFT, ""
    elif options["trailer"]:
        kind, reference = terms.EvidenceKind.TRAILER, options["trailer"]
    else:
        kind, reference = terms.EvidenceKind.MERGE_COMMIT, options["commit"]
    evidence = EvidenceDraft(kind, reference, options["note"])
    return services.debt_repay(**_target(options), evidence=evidence)


def _verify(options: Options) -> DebtItem:
    is_measured = options["measured"] is not None
    kind = terms.EvidenceKind.MEASUREMENT if is_measured else terms.EvidenceKind.REVIEWER
    evidence = EvidenceDraft(kind, "", options["measured"] or options["reviewed"] or "")
    return services.debt_verify(**_target(options), evidence=evidence)


def _promote(options: Options) -> DebtItem:
    try:
        due_on = day(options["due"])
    except ArgumentTypeError as error:
        raise Refused(f"--due: {error}.", "due_on") from None
    names = ("title", "owner", "slug", "severity")
    return services.candidate_promote(
        actor=acting(options["username"]),
        candidate_id=options["candidate"],
        due_on=due_on,
        **{name: options[name] for name in names},
    )


def _plain(service: Callable[..., DebtItem]) -> Callable[[Options], DebtItem]:
    return lambda options: service(**_target(options))


def _reasoned(service: Callable[..., DebtItem]) -> Callable[[Options], DebtItem]:
    return lambda options: service(**_target(options), reason=options["reason"])


def _review(options: Options) -> DebtItem:
    return services.debt_review(**_target(options), note=options["note"])


def _snooze(options: Options) -> DebtItem:
    return services.debt_snooze(**_target(options), until=options["until"])


STEPS: Mapping[str, Callable[[Options], DebtItem]] = {
    "add": _add,
    "promote": _promote,
    "accept-extension": extension_requests.accept,
    "refuse-extension": extension_requests.refuse,
    "describe": _describe,
    "activate": _plain(services.debt_activate),
    "extend": _extend,
    "start-repayment": _plain(services.debt_start_repayment),
    "repay": _repay,
    "verify": _verify,
    "write-off": _reasoned(services.debt_write_off),
    "reject": _reasoned(services.debt_reject),
    "roll-back": _reasoned(services.debt_roll_back),
    "reopen": _reasoned(services.debt_reopen),
    "escalate": _reasoned(services.debt_escalate),
    "review": _review,
    "acknowledge": _plain(services.debt_acknowledge),
    "snooze": _snooze,
    "ask-extension": extension_requests.ask,
}

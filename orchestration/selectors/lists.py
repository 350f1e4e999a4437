"""Lists of runs, blueprints and proposals for programs: what is looked for, and by which name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from common.errors import NotFound
from orchestration.domain.states import OPEN_RUN_STATES
from orchestration.models import Blueprint, BlueprintVersion, DebtLink, Environment, Proposal, Run
from orchestration.selectors.runs import run_get

RUN = re.compile(r"(?:[Rr]-)?0*(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are looked for; what is empty does not matter."""

    states: Sequence[str] = ()
    action: str = ""
    environment_id: int | None = None
    # Those that wait for an approver.
    is_open: bool = False


def run_named(text: str) -> Run:
    """By number or reference (R-000042). Raises NotFound."""
    match = RUN.fullmatch(text.strip())
    if match is None:
        raise NotFound("There is no such run.")
    return run_get(int(match[1]))


def runs_found(wanted: RunFilter) -> QuerySet[Run]:
    """The runs that a filter lets through, the newest first."""
    rows = Run.objects.select_related("environment", "requested_by").order_by("-pk")
    return runs_narrowed(rows, wanted)


def runs_narrowed(rows: QuerySet[Run], wanted: RunFilter) -> QuerySet[Run]:
    """Those of the runs that a filter lets through, in the order that they have."""
    found = rows
    if wanted.states:
        found = found.filter(state__in=list(wanted.states))
    if wanted.is_open:
        found = found.filter(state__in=[one.value for one in OPEN_RUN_STATES])
    if wanted.action:
        found = found.filter(action=wanted.action)
    if wanted.environment_id is not None:
        found = found.filter(environment_id=wanted.environment_id)
    return found


def open_runs_of(environment: Environment) -> Sequence[Run]:
    """What is under way or waits, the newest first."""
    return list(runs_found(RunFilter(environment_id=environment.pk, is_open=True)))


def debts_of(environment: Environment) -> Sequence[DebtLink]:
    """The debts whose repayment an environment serves."""
    return list(DebtLink.objects.filter(environment=environment).select_related("item"))


def blueprints_found(*, capability: str = "", name: str = "") -> QuerySet[Blueprint]:
    """Every blueprint by name, those that nobody signed off included; without their files."""
    found = Blueprint.objects.select_related("current__blueprint", "current__decided_by", "source")
    found = found.defer("current__files")
    if capability:
        found = found.filter(capability=capability)
    return (found.filter(name=name) if name else found).order_by("name")


def blueprint_numbered(number: int) -> Blueprint:
    """Raises NotFound."""
    found = blueprints_found().filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such blueprint.")
    return found


def versions_found(blueprint: Blueprint | None = None) -> QuerySet[BlueprintVersion]:
    """The versions, of one blueprint or of all, the newest first; without their contents."""
    found = _versions().defer("manifest", "files").order_by("-pk")
    return found.filter(blueprint=blueprint) if blueprint else found


def _versions() -> QuerySet[BlueprintVersion]:
    return BlueprintVersion.objects.select_related("blueprint", "decided_by")


def version_numbered(number: int) -> BlueprintVersion:
    """Raises NotFound."""
    found = _versions().filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such version of a blueprint.")
    return found


def proposals_found(
    *, states: Sequence[str] = (), item_id: int | None = None
) -> QuerySet[Proposal]:
    """The proposals, the newest first."""
    found = Proposal.objects.select_related("item", "decided_by", "environment").order_by("-pk")
    if states:
        found = found.filter(state__in=list(states))
    return found if item_id is None else found.filter(item_id=item_id)

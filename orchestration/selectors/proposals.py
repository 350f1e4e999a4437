"""What is proposed to prepare the refactors of debts that come due."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from common.errors import NotFound
from ledger.domain.debts import Debt
from ledger.selectors.needs import burdened_system
from orchestration.domain.lifetimes import cost_for
from orchestration.domain.manifests import Manifest
from orchestration.domain.proposing import SHOWN_DAYS, Candidate, Draft, draft, unanswered
from orchestration.domain.states import GONE_STATES, ProposalState
from orchestration.models import DebtLink, Proposal
from orchestration.selectors.loads import peak_of
from orchestration.selectors.offers import NAMES, blueprints_offered, title_of
from orchestration.selectors.targets import places_all


@dataclass(frozen=True, slots=True)
class Question:
    """A required parameter of a proposed resource that has no value by itself."""

    resource: str
    parameter: str
    title: str


def candidates_now() -> Sequence[Candidate]:
    """Every blueprint that may be used and has a place to be built, in the order of building.

    This host is the place where an engine builds here; else the one target that there is. Where
    there are several a person chooses, and nothing is proposed.
    """
    places = places_all()
    return [
        Candidate(
            blueprint.name,
            blueprint.current.number,
            manifest,
            NAMES[manifest.capability],
            places[manifest.engine][0],
        )
        for blueprint, manifest in blueprints_offered()
        if blueprint.current is not None and _is_settled(places.get(manifest.engine, ()))
    ]


def _is_settled(places: Sequence[str]) -> bool:
    return len(places) == 1 or "" in places


def questions_of(proposal: Proposal) -> Sequence[Question]:
    """What somebody has to answer before an open proposal can be taken."""
    names = [one["blueprint"] for one in proposal.resources]
    known = {one.name: manifest for one, manifest in blueprints_offered() if one.name in names}
    before: dict[str, Manifest] = {}
    found: list[Question] = []
    for part in proposal.resources:
        # One that may not be used any more is refused with a reason of its own.
        if (manifest := known.get(part["blueprint"])) is not None:
            found += _questions(part, manifest, before)
            before[part["name"]] = manifest
    return found


def _questions(
    part: Mapping[str, Any], manifest: Manifest, before: Mapping[str, Manifest]
) -> list[Question]:
    properties: Mapping[str, Any] = manifest.parameters.get("properties", {})
    return [
        Question(part["name"], name, title_of(name, properties.get(name, {})))
        for name in unanswered(manifest, part["tier"], part["parameters"], before)
    ]


def draft_for(item: Debt, candidates: Sequence[Candidate], now: datetime) -> Draft:
    """What would prepare the refactor of a debt today."""
    system = item.system or burdened_system(item.pk)
    peak = peak_of(system, now=now) if system else {}
    return draft(item.needs, candidates, peak, system)


def cost_shown(proposal: Proposal) -> Decimal:
    """What it costs for the days that an environment has by itself."""
    return cost_for(proposal.monthly_cost, timedelta(days=SHOWN_DAYS))


def proposal_get(proposal_id: int) -> Proposal:
    """With its debt and its environment. Raises NotFound."""
    rows = Proposal.objects.select_related("item", "environment", "decided_by")
    found = rows.filter(pk=proposal_id).first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def proposals_open() -> Sequence[Proposal]:
    """Those that wait for somebody, the most urgent debt first."""
    rows = Proposal.objects.filter(state=ProposalState.OPEN).select_related("item")
    return list(rows.order_by("item__due_on", "pk"))


def newest_of(item_ids: Collection[int]) -> Mapping[int, Proposal]:
    """The newest proposal of each debt."""
    rows = Proposal.objects.filter(item__in=item_ids).select_related("environment", "decided_by")
    # The later ones overwrite those before them.
    return {one.item_id: one for one in rows.order_by("pk")}


def served_debts(item_ids: Collection[int]) -> frozenset[int]:
    """Those of the debts for which an environment stands, or is being asked for."""
    gone = [one.value for one in GONE_STATES]
    links = DebtLink.objects.filter(item__in=item_ids).exclude(environment__state__in=gone)
    return frozenset(links.values_list("item_id", flat=True))

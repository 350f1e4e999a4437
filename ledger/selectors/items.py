"""One debt item: finding it, and what the rules look at in it."""

import re

from django.db.models import QuerySet

from common.errors import NotFound, Refused
from ledger.domain.history import Json
from ledger.domain.lifecycle import Standing
from ledger.domain.payloads import hours
from ledger.domain.terms import Confidence, Reversibility, State
from ledger.models import DebtItem, Estimate

_REFERENCE = re.compile(r"(?:d-)?0*([0-9]{1,12})", re.IGNORECASE)
_POINTS = (
    "principal_optimistic",
    "principal_likely",
    "principal_pessimistic",
    "interest_p10",
    "interest_p50",
    "interest_p90",
    "time_saved",
)


def items() -> QuerySet[DebtItem]:
    """All items with their repositories at hand."""
    return DebtItem.objects.select_related("repository")


def debt_get(item_id: int) -> DebtItem:
    """The item as it is stored now, or NotFound."""
    item = items().filter(pk=item_id).first()
    if item is None:
        raise NotFound(f"There is no debt D-{item_id:06d}.")
    return item


def debt_by_reference(reference: str) -> DebtItem:
    """Find an item by D-000123 or 123, by its id in code, or by repository/id.

    Raises NotFound, and Refused when an id stands in several repositories.
    """
    reference = reference.strip()
    if (number := number_in(reference)) is not None:
        return debt_get(number)
    repository, _, slug = reference.rpartition("/")
    found = items().filter(slug=slug).exclude(slug="")
    if repository:
        found = found.filter(repository__slug=repository)
    matches = list(found[:2])
    if not matches:
        raise NotFound(f"There is no debt '{reference[:100]}'.")
    if len(matches) > 1:
        raise Refused(
            f"Several repositories have a debt '{slug}'; write repository/{slug} or D-number.",
            "reference",
        )
    return matches[0]


def number_in(reference: str) -> int | None:
    """The number in D-000123 or 123, or None for anything else."""
    match = _REFERENCE.fullmatch(reference)
    return int(match[1]) if match else None


def standing_of(item: DebtItem) -> Standing:
    """What the guards look at."""
    return Standing(
        state=State(item.state),
        owner=item.owner,
        due_on=item.due_on,
        confidence=Confidence(item.confidence),
        impact_level=item.impact_level,
        milestones=item.plan_milestones,
        has_principal=item.principal is not None,
        has_interest=item.interest_p50 is not None,
        extensions=item.extensions,
        is_one_way=item.reversibility == Reversibility.ONE_WAY,
        reviewer=item.reviewer,
        path=item.path,
        seen_by=item.seen_by,
        snoozes=item.snoozes,
    )


def latest_estimate(item: DebtItem | None) -> Json | None:
    """The numbers of the newest estimate as plain values, or None."""
    if item is None:
        return None
    estimate = Estimate.objects.filter(item=item).order_by("-sequence").first()
    return None if estimate is None else estimate_numbers(item, estimate)


def estimate_numbers(item: DebtItem, estimate: Estimate) -> Json:
    """An item's estimate as plain values."""
    numbers: Json = {name: hours(getattr(estimate, name)) for name in _POINTS}
    return {**numbers, "principal": hours(item.principal)}

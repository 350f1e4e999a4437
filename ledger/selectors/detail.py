"""Everything about one item."""

from dataclasses import dataclass
from decimal import Decimal

from accounts import selectors as accounts_selectors
from common import clock
from ledger.domain.estimates import payback_months
from ledger.domain.reconciliation import differences
from ledger.domain.terms import Timing
from ledger.models import (
    Commitment,
    DebtEvent,
    DebtItem,
    Estimate,
    Evidence,
    ImpactStatement,
    Plan,
)
from ledger.selectors.item_state import fields_of
from ledger.selectors.items import debt_get
from ledger.selectors.register import timing_of


@dataclass(frozen=True, slots=True)
class DebtDetail:
    """An item with its series, each oldest first; `plan` is the newest one."""

    item: DebtItem
    repository_name: str
    repository_slug: str
    timing: Timing | None
    days_left: int | None
    commitments: list[Commitment]
    statements: list[ImpactStatement]
    estimates: list[Estimate]
    plan: Plan | None
    evidence: list[Evidence]
    events: list[DebtEvent]
    # "known", "deactivated" (a person who left) or "unknown".
    owner_standing: str
    payback_months: Decimal | None
    # What the annotation says other than the register, as sentences.
    annotation_differs: tuple[str, ...]

    @property
    def owner_known(self) -> bool:
        return self.owner_standing == "known"


def debt_detail(item_id: int) -> DebtDetail:
    """Read an item whole, in a constant number of queries, or raise NotFound."""
    item = debt_get(item_id)
    today = clock.today()
    now = timing_of(item, today)
    repository = item.repository
    return DebtDetail(
        item=item,
        repository_name=repository.name if repository else "",
        repository_slug=repository.slug if repository else "",
        timing=now,
        days_left=(item.due_on - today).days if now else None,
        commitments=list(
            item.commitments.select_related("made_by", "approver").order_by("sequence")
        ),
        statements=list(item.statements.select_related("made_by").order_by("sequence")),
        estimates=list(item.estimates.order_by("sequence")),
        plan=item.plans.prefetch_related("milestones").order_by("-sequence").first(),
        evidence=list(item.evidence.order_by("sequence")),
        events=list(item.events.select_related("actor").order_by("sequence")),
        owner_standing=accounts_selectors.owner_standing(item.owner),
        payback_months=payback_months(item.principal, item.interest_p50),
        annotation_differs=tuple(differences(fields_of(item))),
    )


def debt_events(item_id: int) -> list[DebtEvent]:
    """The history of an item, oldest first."""
    return list(DebtEvent.objects.filter(item_id=item_id).order_by("sequence"))

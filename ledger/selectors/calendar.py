"""The dates of open debts for calendars: promises, and the steps of their newest plans."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ledger.domain.terms import ACCEPTED_STATES, OPEN_STATES
from ledger.models import DebtItem, Milestone

# Far more than anybody reads in a calendar; the nearest dates come first.
MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of the newest plan; `position` is its place in it."""

    position: int
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class DatedDebt:
    """An open debt with its dates. `key` never changes; `version` grows with every change."""

    key: UUID
    reference: str
    title: str
    owner: str
    due_on: date
    is_accepted: bool
    version: int
    changed_at: datetime
    steps: tuple[Step, ...] = ()


def dated_debts(*, owners: Collection[str]) -> Sequence[DatedDebt]:
    """The open debts of these handles, the nearest date first; two queries."""
    found = DebtItem.objects.filter(owner__in=owners, state__in=OPEN_STATES)
    items = list(found.order_by("due_on", "pk")[:MOST_ITEMS])
    steps = _steps([item.pk for item in items if item.plan_milestones])
    return [
        DatedDebt(
            key=item.key,
            reference=item.reference,
            title=item.title,
            owner=item.owner,
            due_on=item.due_on,
            is_accepted=item.state in ACCEPTED_STATES,
            version=item.version,
            changed_at=item.updated_at,
            steps=tuple(steps.get(item.pk, ())),
        )
        for item in items
    ]


def _steps(numbers: Sequence[int]) -> Mapping[int, Sequence[Step]]:
    """By item, the milestones of the newest plan."""
    rows = Milestone.objects.filter(plan__item__in=numbers).order_by("plan__sequence", "position")
    found: dict[int, dict[int, list[Step]]] = defaultdict(lambda: defaultdict(list))
    for item_id, sequence, position, title, due_on in rows.values_list(
        "plan__item_id", "plan__sequence", "position", "title", "due_on"
    ):
        found[item_id][sequence].append(Step(position, title, due_on))
    return {item_id: plans[max(plans)] for item_id, plans in found.items()}

"""Everything that comes due, by stage: one look at 100,000 debts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from common import clock
from ledger.domain.stages import LONGEST_LEAD, Stage, stage_of, working_days_overdue
from ledger.domain.terms import OPEN_STATES
from ledger.models import DebtItem


@dataclass(frozen=True, slots=True)
class DueItem:
    """An open debt that is near or past its promised day; `days_left` is negative past it."""

    id: int
    owner: str
    state: str
    repository_id: int | None
    due_on: date
    days_left: int
    working_days_overdue: int


def due_stages(*, on: date | None = None) -> Mapping[Stage, list[DueItem]]:
    """The open debts of every stage but LATER, each by its day; today unless `on` is given.

    One query. The database has a debt expire by nothing but the day, and so does this.
    """
    today = on or clock.today()
    found: dict[Stage, list[DueItem]] = {stage: [] for stage in Stage if stage is not Stage.LATER}
    rows = (
        DebtItem.objects.filter(state__in=OPEN_STATES, due_on__lte=today + LONGEST_LEAD)
        .order_by("due_on", "pk")
        .values_list("pk", "owner", "state", "repository_id", "due_on")
    )
    # Few days, many debts: what follows from the day is worked out once for each.
    by_day: dict[date, tuple[list[DueItem], int, int]] = {}
    for number, owner, state, repository_id, due_on in rows.iterator(chunk_size=5_000):
        if due_on not in by_day:
            by_day[due_on] = (
                found[stage_of(due_on, today)],
                (due_on - today).days,
                working_days_overdue(due_on, today),
            )
        stage, left, overdue = by_day[due_on]
        stage.append(DueItem(number, owner, state, repository_id, due_on, left, overdue))
    return found

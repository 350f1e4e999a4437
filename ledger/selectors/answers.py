"""What people answered to the reminders of promises."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ledger.models import DebtItem

BATCH = 500


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """The answers to the present promise of a debt; names are empty where nobody answered."""

    seen_by: str
    seen_at: datetime | None
    snoozed_by: str
    snoozed_until: date | None


def answers_of(item_ids: Collection[int]) -> Mapping[int, ItemAnswers]:
    """By item, where somebody answered at all; one query for every 500 items."""
    numbers = list(item_ids)
    found: dict[int, ItemAnswers] = {}
    for start in range(0, len(numbers), BATCH):
        rows = DebtItem.objects.filter(pk__in=numbers[start : start + BATCH]).order_by()
        for number, seen_by, seen_at, snoozed_by, snoozed_until in rows.values_list(
            "pk", "seen_by", "seen_at", "snoozed_by", "snoozed_until"
        ):
            if seen_by or snoozed_by:
                found[number] = ItemAnswers(seen_by, seen_at, snoozed_by, snoozed_until)
    return found

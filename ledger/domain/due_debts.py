"""What reminders look at in a debt."""

from datetime import date, datetime
from typing import NamedTuple


class DueDebt(NamedTuple):
    """An open debt as it stands, or stood, at some moment; there may be 100,000 of them.

    `seen_by` and `snoozed_until` are answers to reminders of the present promise.
    """

    item_id: int
    owner: str
    repository_id: int | None
    system: str
    severity_rank: int
    due_on: date
    recorded_at: datetime
    seen_by: str
    snoozed_until: date | None

"""What one channel is to be told on one day, before anybody words it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ledger.domain.audiences import Audience


@dataclass(frozen=True, slots=True)
class Told:
    """One debt and the stage of its promise that is to be spoken of.

    `stage` and `rank` are those of alerts.domain.cadence. `days_left` is negative past the day,
    `working_days_overdue` 0 before it. `is_escalated`: the team's lead is called.
    """

    item_id: int
    due_on: date
    stage: str
    rank: int
    days_left: int
    working_days_overdue: int
    is_mentioned: bool = False
    is_escalated: bool = False


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """Everything that a team (or one person, or nobody's debts) is told in a channel on a day.

    `told` is ordered, the most urgent first; only the first rows are worded. `summary` counts the
    debts by stage where there is no sense in naming each: the first time that a repository is
    spoken of in this channel, or after an import.
    """

    channel_id: int
    team_id: int | None
    person_id: int | None
    day: date
    audience: Audience
    told: tuple[Told, ...]
    is_summary: bool = False
    summary: Mapping[str, int] | None = None

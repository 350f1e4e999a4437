"""How a debt will be repaid: a summary and dated steps."""

from dataclasses import dataclass
from datetime import date

from common.errors import Refused

MOST_MILESTONES = 100


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class PlanDraft:
    summary: str = ""
    milestones: tuple[MilestoneDraft, ...] = ()


def require_sound(plan: PlanDraft) -> None:
    """Refuse milestones without a title, and more of them than a person can read."""
    if len(plan.milestones) > MOST_MILESTONES:
        raise Refused(f"A plan has at most {MOST_MILESTONES} milestones.", "plan")
    for milestone in plan.milestones:
        if not milestone.title.strip():
            raise Refused("Each milestone needs a title.", "plan")

"""How a debt will be repaid: a summary, dated steps, and the infrastructure that it needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from common.errors import Refused
from ledger.domain.terms import Need

MOST_MILESTONES = 100


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A whole plan; `needs` None leaves what the debt needs as it was said before."""

    summary: str = ""
    milestones: tuple[MilestoneDraft, ...] = ()
    needs: tuple[Need, ...] | None = None


def needs_of(words: Iterable[str]) -> tuple[Need, ...]:
    """The needs by their names, each once, in a fixed order. Raises Refused for an unknown one."""
    given = {word.strip() for word in words} - {""}
    if unknown := sorted(given - set(Need)):
        raise Refused(f"'{unknown[0][:40]}' is nothing to need; use {', '.join(Need)}.", "needs")
    return tuple(need for need in Need if need in given)


def require_sound(plan: PlanDraft) -> None:
    """Refuse milestones without a title, and more of them than a person can read."""
    if len(plan.milestones) > MOST_MILESTONES:
        raise Refused(f"A plan has at most {MOST_MILESTONES} milestones.", "plan")
    for milestone in plan.milestones:
        if not milestone.title.strip():
            raise Refused("Each milestone needs a title.", "plan")

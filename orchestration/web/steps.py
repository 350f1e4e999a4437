"""The way of a run as a row of steps: what is behind it, where it stands, where it broke off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchestration.domain.states import FINAL_RUN_STATES, RunAction, RunState

_S = RunState
# How many steps are behind a run in each state; -1: as many as it had before.
_BEHIND: Mapping[RunState, int] = {
    _S.QUEUED: 0,
    _S.PLANNING: 0,
    _S.PLAN_FAILED: 0,
    _S.PLANNED: 1,
    _S.POLICY_CHECK: 1,
    _S.POLICY_FAILED: 1,
    _S.AWAITING_APPROVAL: 2,
    _S.REJECTED: 2,
    _S.APPROVED: 3,
    _S.APPLY_QUEUED: 3,
    _S.APPLYING: 3,
    _S.APPLY_FAILED: 3,
    _S.VERIFYING: 4,
    _S.VERIFY_FAILED: 4,
    _S.SUCCEEDED: 5,
    _S.NO_CHANGES: 1,
}
_AS_BEFORE = -1
_GOOD_ENDS = (_S.SUCCEEDED, _S.NO_CHANGES, _S.DRIFT_FOUND)
_LABELS = ("Planned", "Checked", "Approved", "Built", "Verified")
_LABELS_OF: Mapping[RunAction, tuple[str, ...]] = {
    RunAction.RESIZE: ("Planned", "Checked", "Approved", "Changed", "Verified"),
    RunAction.REPAIR: ("Planned", "Checked", "Approved", "Repaired", "Verified"),
    RunAction.DESTROY: ("Planned", "Checked", "Approved", "Taken away", "Proved gone"),
}
_MEANINGS = (
    "What would change is worked out; nothing is touched.",
    "Size, cost, end and blueprint are held against the policy.",
    "Somebody else than whoever asked reads the plan.",
    "The engine does what the plan says.",
    "Everything is looked at from outside, past the engine.",
)


class Mark(StrEnum):
    """How a step looks."""

    DONE = "done"
    NOW = "now"
    WAITING = "waiting"
    FAILED = "failed"
    SKIPPED = "skipped"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    meaning: str
    mark: Mark
    at: datetime | None = None

    @property
    def says(self) -> str:
        """The mark in a word, for those who do not see it."""
        return {
            Mark.DONE: "done", Mark.NOW: "under way", Mark.WAITING: "waits for a person",
            Mark.FAILED: "broke off here", Mark.SKIPPED: "not needed", Mark.AHEAD: "to come",
        }[self.mark]  # fmt: skip


def steps_of(
    action: RunAction, state: RunState, passed: Iterable[tuple[str, datetime]]
) -> list[Step]:
    """The steps of a run; `passed` are its earlier states with their moments, oldest first."""
    if not action.mutates:
        return [_look(state)]
    history = [(RunState(name), at) for name, at in passed]
    behind = _behind(state, [one for one, _at in history])
    moments = _moments(history)
    labels = _LABELS_OF.get(action, _LABELS)
    return [
        Step(label, _MEANINGS[index], _mark(index, behind, state), moments.get(index))
        for index, label in enumerate(labels)
    ]


def _look(state: RunState) -> Step:
    if state not in FINAL_RUN_STATES:
        mark = Mark.NOW
    else:
        mark = Mark.DONE if state in _GOOD_ENDS else Mark.FAILED
    return Step("Looked at", "Nothing is changed, so nobody has to approve it.", mark)


def _behind(state: RunState, history: list[RunState]) -> int:
    known = _BEHIND.get(state, _AS_BEFORE)
    if known != _AS_BEFORE:
        return known
    return max((_BEHIND.get(one, 0) for one in history), default=0)


def _moments(history: list[tuple[RunState, datetime]]) -> dict[int, datetime]:
    """When each step was first behind the run."""
    found: dict[int, datetime] = {}
    for state, at in history:
        for index in range(_BEHIND.get(state, 0)):
            found.setdefault(index, at)
    return found


def _mark(index: int, behind: int, state: RunState) -> Mark:
    if index < behind:
        return Mark.DONE
    if state is RunState.NO_CHANGES:
        return Mark.SKIPPED
    if index > behind:
        return Mark.AHEAD
    if state in FINAL_RUN_STATES:
        return Mark.FAILED
    return Mark.WAITING if state is RunState.AWAITING_APPROVAL else Mark.NOW

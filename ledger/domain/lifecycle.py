"""The life of a debt item: which action leads where, who may take it, and what stands against it.

proposed -> active -> repaying -> repaid -> verified
exits: rejected, rolled_back, written_off; a relapse leads from repaid or verified to repaying
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accounts.domain.roles import Role, allows
from ledger.domain.promises import last_day
from ledger.domain.terms import ACCEPTED_STATES, OPEN_STATES, Confidence, EventType, State
from ledger.domain.texts import day_words


class Action(StrEnum):
    """What a person can do with an item; the names are those of the API and the commands."""

    ACTIVATE = "activate"
    EXTEND = "extend"
    START_REPAYMENT = "start-repayment"
    REPAY = "repay"
    VERIFY = "verify"
    WRITE_OFF = "write-off"
    REJECT = "reject"
    ROLL_BACK = "roll-back"
    REOPEN = "reopen"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an action may start, where it leads (None: it stays) and whose role it needs."""

    sources: tuple[State, ...]
    target: State | None
    role: Role
    event: EventType


TRANSITIONS: Mapping[Action, Transition] = {
    Action.ACTIVATE: Transition(
        (State.PROPOSED,), State.ACTIVE, Role.APPROVER, EventType.ACTIVATED
    ),
    Action.EXTEND: Transition(ACCEPTED_STATES, None, Role.APPROVER, EventType.EXTENDED),
    Action.START_REPAYMENT: Transition(
        (State.ACTIVE,), State.REPAYING, Role.CONTRIBUTOR, EventType.REPAYMENT_STARTED
    ),
    Action.REPAY: Transition((State.REPAYING,), State.REPAID, Role.CONTRIBUTOR, EventType.REPAID),
    Action.VERIFY: Transition(
        (State.REPAID,), State.VERIFIED, Role.CONTRIBUTOR, EventType.VERIFIED
    ),
    Action.WRITE_OFF: Transition(
        ACCEPTED_STATES, State.WRITTEN_OFF, Role.APPROVER, EventType.WRITTEN_OFF
    ),
    Action.REJECT: Transition((State.PROPOSED,), State.REJECTED, Role.APPROVER, EventType.REJECTED),
    Action.ROLL_BACK: Transition(
        OPEN_STATES, State.ROLLED_BACK, Role.APPROVER, EventType.ROLLED_BACK
    ),
    Action.REOPEN: Transition(
        (State.REPAID, State.VERIFIED), State.REPAYING, Role.CONTRIBUTOR, EventType.REOPENED
    ),
    Action.ESCALATE: Transition(OPEN_STATES, None, Role.CONTRIBUTOR, EventType.ESCALATED),
}

# An item is active only with a statement of at least this level (evidenced: numbers and window).
NEEDED_IMPACT_LEVEL = 2
# Who may grant the first and the second extension; a third can only be escalated.
EXTENSION_ROLES: tuple[Role, ...] = (Role.APPROVER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guards look at in an item."""

    state: State
    owner: str
    due_on: date
    confidence: Confidence
    impact_level: int
    milestones: int
    has_principal: bool
    has_interest: bool
    extensions: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the role, and whether the item is their own (or their team's)."""

    role: Role
    is_owner: bool


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an action may not be taken, as a sentence; `field` names what to fill in."""

    message: str
    field: str | None = None
    # The person is at fault, not the item: somebody with another role could do it.
    is_denial: bool = False


def objections(action: Action, standing: Standing, asker: Asker, today: date) -> list[Objection]:
    """Everything that stands against an action, apart from what is wrong with its own inputs."""
    transition = TRANSITIONS[action]
    if standing.state not in transition.sources:
        allowed = " or ".join(words(state) for state in transition.sources)
        return [
            Objection(
                f"This item is {words(standing.state)}; only {allowed} debt can take this step.",
                "state",
            )
        ]
    found = list(_role_objections(transition.role, asker))
    if action in GUARDS:
        found += GUARDS[action](standing, asker, last_day(today, standing.confidence))
    return found


def words(state: State) -> str:
    return state.value.replace("_", " ")


def _role_objections(needed: Role, asker: Asker) -> Iterable[Objection]:
    if not allows(asker.role, needed):
        yield Objection(
            f"This needs the role {needed.value}; yours is {asker.role.value}.", is_denial=True
        )


def _activation(standing: Standing, _asker: Asker, latest: date) -> Iterable[Objection]:
    if not standing.owner:
        yield Objection("Name the team or person who owns this debt.", "owner")
    if standing.due_on > latest:
        yield Objection(
            f"With {standing.confidence.value} confidence the promise may run until "
            f"{day_words(latest)} at the latest, not {day_words(standing.due_on)}: promise an "
            "earlier date.",
            "due_on",
        )
    if standing.impact_level < NEEDED_IMPACT_LEVEL:
        yield Objection(
            "Word the impact on the business with a number and a time frame (level L2); it is "
            f"L{standing.impact_level} now.",
            "impact",
        )
    if standing.milestones < 1:
        yield Objection("Give the plan at least one milestone with a date.", "plan")
    if not standing.has_principal:
        yield Objection("Estimate the effort to repay as a range of hours.", "principal")
    if not standing.has_interest:
        yield Objection("Estimate the interest as a range of hours per month.", "interest")


def _extension(standing: Standing, asker: Asker, _latest: date) -> Iterable[Objection]:
    yield from _not_the_owner(standing, asker, _latest)
    if standing.extensions >= len(EXTENSION_ROLES):
        yield Objection(
            f"This promise was extended {standing.extensions} times already; escalate it: pay, "
            "roll back or write off.",
            "due_on",
        )
    elif not allows(asker.role, EXTENSION_ROLES[standing.extensions]):
        needed = EXTENSION_ROLES[standing.extensions]
        if needed is not Role.APPROVER:
            yield Objection(
                f"Extension {standing.extensions + 1} needs the role {needed.value}.",
                is_denial=True,
            )


def _not_the_owner(standing: Standing, asker: Asker, _latest: date) -> Iterable[Objection]:
    if asker.is_owner:
        yield Objection(
            f"You own this debt as {standing.owner}; another approver has to decide.",
            is_denial=True,
        )


Guard = Callable[[Standing, Asker, date], Iterable[Objection]]
GUARDS: Mapping[Action, Guard] = {
    Action.ACTIVATE: _activation,
    Action.EXTEND: _extension,
    Action.WRITE_OFF: _not_the_owner,
}

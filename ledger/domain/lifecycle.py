"""The life of a debt item: which action leads where, who may take it, and what stands against it.

proposed -> active -> repaying -> repaid -> verified
exits: rejected, rolled_back, written_off; a relapse leads from repaid or verified to repaying
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accounts.domain.roles import Role, allows
from ledger.domain.ceilings import SystemLoad, over_words
from ledger.domain.policy import DEFAULT_POLICY, Enforcement, Policy, Rule, next_tier
from ledger.domain.promises import last_day
from ledger.domain.reminders import MOST_SNOOZES
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
    REVIEW = "review"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"


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
    Action.REVIEW: Transition(OPEN_STATES, None, Role.APPROVER, EventType.DOOR_REVIEWED),
    Action.ACKNOWLEDGE: Transition(OPEN_STATES, None, Role.CONTRIBUTOR, EventType.ACKNOWLEDGED),
    Action.SNOOZE: Transition(OPEN_STATES, None, Role.CONTRIBUTOR, EventType.SNOOZED),
}

# An item is active only with a statement of at least this level (evidenced: numbers and window).
NEEDED_IMPACT_LEVEL = 2
# From this level on, a rule of the policy changes who decides.
DECIDING = Enforcement.WARN


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guards look at in an item; `load` is that of its system, where it has one."""

    state: State
    owner: str
    due_on: date
    confidence: Confidence
    impact_level: int
    milestones: int
    has_principal: bool
    has_interest: bool
    extensions: int
    is_one_way: bool = False
    reviewer: str = ""
    path: str = ""
    load: SystemLoad | None = None
    seen_by: str = ""
    snoozes: int = 0
    # What has to be settled before the item is closed for good, as sentences.
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the role, and whether the item is their own (or their team's)."""

    role: Role
    is_owner: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """An item, who wants something of it, the day, and the policy in force."""

    standing: Standing
    asker: Asker
    today: date
    policy: Policy

    def decides(self, rule: Rule) -> bool:
        """Whether the rule is hard enough, today and here, to change who decides."""
        level = self.policy.enforcement(rule, self.today, self.standing.path)
        return level.rank >= DECIDING.rank


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an action may not be taken, as a sentence; `field` names what to fill in."""

    message: str
    field: str | None = None
    # The person is at fault, not the item: somebody with another role could do it.
    is_denial: bool = False


def objections(
    action: Action, standing: Standing, asker: Asker, today: date, policy: Policy = DEFAULT_POLICY
) -> list[Objection]:
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
        found += GUARDS[action](Case(standing, asker, today, policy))
    return found


def words(state: State) -> str:
    return state.value.replace("_", " ")


def _role_objections(needed: Role, asker: Asker) -> Iterable[Objection]:
    if not allows(asker.role, needed):
        yield Objection(
            f"This needs the role {needed.value}; yours is {asker.role.value}.", is_denial=True
        )


def _activation(case: Case) -> Iterable[Objection]:
    standing = case.standing
    latest = last_day(case.today, standing.confidence, case.policy.longest_terms)
    yield from _activation_approver(case)
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
            "Word the impact on the business with a number, the evidence for it and a time frame "
            f"(level L2); it is L{standing.impact_level} now.",
            "impact",
        )
    if standing.milestones < 1:
        yield Objection("Give the plan at least one milestone with a date.", "plan")
    if not standing.has_principal:
        yield Objection("Estimate the effort to repay as a range of hours.", "principal")
    if not standing.has_interest:
        yield Objection("Estimate the interest as a range of hours per month.", "interest")


def _activation_approver(case: Case) -> Iterable[Objection]:
    standing, policy = case.standing, case.policy
    needed = policy.approvers[standing.confidence]
    if needed is not Role.APPROVER:
        yield from _tier(
            case, needed, f"Debt with {standing.confidence.value} confidence: accepting it"
        )
    if standing.is_one_way and case.decides(Rule.ONE_WAY_DOOR):
        needed = max(needed, policy.one_way_role, key=lambda role: role.rank)
        yield from _tier(case, needed, "This decision cannot be undone: accepting it")
        yield from _door_objections(case)
    yield from _ceiling_objections(case, needed)


def _door_objections(case: Case) -> Iterable[Objection]:
    if not case.standing.reviewer:
        yield Objection(
            "This decision cannot be undone: a reviewer has to put their name to what they looked "
            "at before it is accepted.",
            "review",
        )
    elif case.standing.reviewer == case.asker.name:
        yield Objection(
            "You reviewed this decision; another approver has to accept it.", is_denial=True
        )


def _ceiling_objections(case: Case, needed: Role) -> Iterable[Objection]:
    """Once a system's ceiling is passed, the next tier of approver decides."""
    load = case.standing.load
    if load is not None and load.is_over and case.decides(Rule.OVER_CEILING):
        yield from _tier(case, next_tier(needed), f"{over_words(load)} Until it is below, this")


def _tier(case: Case, needed: Role, subject: str) -> Iterable[Objection]:
    if not allows(case.asker.role, needed):
        yield Objection(
            f"{subject} needs the role {needed.value}; yours is {case.asker.role.value}.",
            is_denial=True,
        )


def _extension(case: Case) -> Iterable[Objection]:
    standing, policy = case.standing, case.policy
    yield from _not_the_owner(case)
    if standing.extensions >= len(policy.extension_roles):
        yield Objection(
            f"This promise was extended {standing.extensions} times already; escalate it: pay, "
            "roll back or write off.",
            "due_on",
        )
        return
    tiers = policy.extension_roles[standing.extensions], policy.approvers[standing.confidence]
    needed = max(tiers, key=lambda role: role.rank)
    if needed is not Role.APPROVER and not allows(case.asker.role, needed):
        yield Objection(
            f"Extension {standing.extensions + 1} needs the role {needed.value}.",
            is_denial=True,
        )
    yield from _ceiling_objections(case, needed)


def _not_the_owner(case: Case) -> Iterable[Objection]:
    if case.asker.is_owner:
        yield Objection(
            f"You own this debt as {case.standing.owner}; another approver has to decide.",
            is_denial=True,
        )


def _settled(case: Case) -> Iterable[Objection]:
    for sentence in case.standing.obligations:
        yield Objection(sentence, "obligations")


def _write_off(case: Case) -> Iterable[Objection]:
    yield from _not_the_owner(case)
    yield from _settled(case)


def _review(case: Case) -> Iterable[Objection]:
    yield from _not_the_owner(case)
    if not case.standing.is_one_way:
        yield Objection(
            "Only a decision that cannot be undone is reviewed; say so in the debt first.",
            "reversibility",
        )


def _acknowledgement(case: Case) -> Iterable[Objection]:
    if case.standing.seen_by and case.standing.seen_by == case.asker.name:
        yield Objection("You have said already that you have seen it.", "state")


def _snooze(case: Case) -> Iterable[Objection]:
    if case.standing.snoozes >= MOST_SNOOZES:
        yield Objection(
            f"The reminder of this promise was put off {case.standing.snoozes} times already. "
            "Repay the debt, or ask for an extension with a reason.",
            "until",
        )


Guard = Callable[[Case], Iterable[Objection]]
GUARDS: Mapping[Action, Guard] = {
    Action.ACTIVATE: _activation,
    Action.EXTEND: _extension,
    Action.VERIFY: _settled,
    Action.WRITE_OFF: _write_off,
    Action.REJECT: _settled,
    Action.REVIEW: _review,
    Action.ACKNOWLEDGE: _acknowledgement,
    Action.SNOOZE: _snooze,
}

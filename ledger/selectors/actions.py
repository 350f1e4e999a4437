"""What a person may do with an item now, and why not."""

from dataclasses import dataclass
from typing import Any, cast

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from common import clock
from ledger.domain import lifecycle
from ledger.domain.actors import Person
from ledger.domain.policy import Policy
from ledger.models import DebtItem
from ledger.selectors.ceilings import standing_under
from ledger.selectors.policies import policy_in_force

LABELS = {
    lifecycle.Action.ACTIVATE: "Accept",
    lifecycle.Action.EXTEND: "Extend",
    lifecycle.Action.START_REPAYMENT: "Start repayment",
    lifecycle.Action.REPAY: "Mark as repaid",
    lifecycle.Action.VERIFY: "Verify",
    lifecycle.Action.WRITE_OFF: "Write off",
    lifecycle.Action.REJECT: "Reject",
    lifecycle.Action.ROLL_BACK: "Roll back",
    lifecycle.Action.REOPEN: "Reopen",
    lifecycle.Action.ESCALATE: "Escalate",
    lifecycle.Action.REVIEW: "Review the decision",
    lifecycle.Action.ACKNOWLEDGE: "Say that you have seen it",
    lifecycle.Action.SNOOZE: "Put off the reminder",
}


@dataclass(frozen=True, slots=True)
class Action:
    """An action with what stands against it, as sentences."""

    name: str
    label: str
    allowed: bool
    reasons: tuple[str, ...]


def actions_for(user: Person, item: DebtItem, policy: Policy | None = None) -> list[Action]:
    """All actions in the order of an item's life, under the policy in force."""
    # The user model is private to accounts; whoever asks has one.
    is_owner = accounts_selectors.is_owner(cast("Any", user), item.owner)
    asker = lifecycle.Asker(Role(user.role), is_owner, user.username)
    policy, today = policy or policy_in_force(repository_id=item.repository_id), clock.today()
    standing = standing_under(item, policy)
    result = []
    for action, text in LABELS.items():
        found = lifecycle.objections(action, standing, asker, today, policy)
        reasons = tuple(objection.message for objection in found)
        result.append(Action(action.value, text, not reasons, reasons))
    return result

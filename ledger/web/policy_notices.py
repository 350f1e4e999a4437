"""What the policy says of one debt and its system, in words for its page."""

from dataclasses import dataclass

from common import clock
from ledger.domain.ceilings import over_words
from ledger.domain.lifecycle import DECIDING
from ledger.domain.policy import Policy, Rule, next_tier
from ledger.domain.terms import Confidence, Reversibility
from ledger.models import DebtItem
from ledger.selectors import system_load_of


@dataclass(frozen=True, slots=True)
class PolicyNotice:
    """A warning with the sentence that explains it."""

    title: str
    text: str


def policy_notices(item: DebtItem, policy: Policy) -> list[PolicyNotice]:
    """What the policy holds against an open debt today; empty where it holds nothing."""
    if not item.is_open:
        return []
    found = [_ceiling(item, policy), _door(item, policy)]
    return [notice for notice in found if notice is not None]


def _ceiling(item: DebtItem, policy: Policy) -> PolicyNotice | None:
    load = system_load_of(item, policy) if policy.ceiling_share is not None else None
    if load is None or not load.is_over:
        return None
    text = over_words(load)
    if _decides(policy, Rule.OVER_CEILING, item):
        tier = next_tier(policy.approvers[Confidence(item.confidence)])
        text += (
            f" Until it is below, accepting or extending debt there needs the role {tier.value}."
        )
    return PolicyNotice(f"{load.system} is over its debt ceiling.", text)


def _door(item: DebtItem, policy: Policy) -> PolicyNotice | None:
    if item.reversibility != Reversibility.ONE_WAY or item.reviewer:
        return None
    text = "No reviewer has put their name to this decision yet."
    if item.state == "proposed" and _decides(policy, Rule.ONE_WAY_DOOR, item):
        text += f" It takes one, and then the role {policy.one_way_role.value}, to accept it."
    return PolicyNotice("This cannot be undone.", text)


def _decides(policy: Policy, rule: Rule, item: DebtItem) -> bool:
    return policy.enforcement(rule, clock.today(), item.path).rank >= DECIDING.rank

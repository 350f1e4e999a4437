"""A policy and its changes in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.domain.policy import Enforcement, Rule
from ledger.domain.policy_documents import cost_limits
from ledger.domain.terms import Confidence
from ledger.domain.texts import day_words

RULE_LABELS: Mapping[Rule, str] = {
    Rule.MISSING_EXPIRY: "Debt without an expiry",
    Rule.MISSING_OWNER: "Debt without an owner",
    Rule.MISSING_IMPACT: "Debt without an impact",
    Rule.MISSING_PLAN: "Debt without a plan",
    Rule.MALFORMED_ANNOTATION: "Mark that cannot be read",
    Rule.DUPLICATE_ANNOTATION: "Mark whose id is used twice",
    Rule.TERM_TOO_LONG: "Date beyond the longest term",
    Rule.EXPIRED_DEBT: "Expired debt in the changed code",
    Rule.NEW_CYCLE: "New dependency cycle",
    Rule.STABLE_DEPENDENCY: "Stable code that depends on unstable code",
    Rule.OVER_CEILING: "System over its debt ceiling",
    Rule.ONE_WAY_DOOR: "Decision that cannot be undone",
}
LEVEL_MEANINGS: Mapping[Enforcement, str] = {
    Enforcement.OFF: "is not looked at",
    Enforcement.ADVISE: "is said and changes nothing",
    Enforcement.WARN: "is a warning, and the merge goes on",
    Enforcement.BLOCK: "stops the merge",
}


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> list[str]:
    """What differs between two documents, as sentences; `names` are those of repositories."""
    return [
        *_term_changes(before, after),
        *_role_changes(before, after),
        *_ceiling_changes(before, after),
        *_cost_changes(before, after),
        *_rule_changes(before["rules"], after["rules"], ""),
        *_repository_changes(before["repositories"], after["repositories"], names or {}),
    ]


def share_words(share: str | Decimal | None) -> str:
    """ "20 %", or "none"."""
    return "none" if share is None else f"{(Decimal(share) * 100).normalize():f} %"


def setting_words(setting: Mapping[str, Any] | None) -> str:
    """ "warn, block from 1 Mar 2027"."""
    if setting is None:
        return "as everywhere"
    later = setting["announced"]
    if later is None:
        return str(setting["enforcement"])
    begins = day_words(date.fromisoformat(later["effective_from"]))
    return f"{setting['enforcement']}, {later['enforcement']} from {begins}"


def roles_words(roles: list[str]) -> str:
    return ", then ".join(roles) if roles else "none allowed"


def extension_words(roles: Sequence[str]) -> str:
    """Who grants which extension, as a sentence."""
    if not roles:
        return "No extension is granted: a promise that cannot be kept is escalated."
    each = [f"extension {number} takes the role {role}" for number, role in enumerate(roles, 1)]
    sentence = ", ".join(each)
    return f"{sentence[0].upper()}{sentence[1:]}; after that it can only be escalated."


def _term_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for level in Confidence:
        old, new = (one["longest_terms"][level.value] for one in (before, after))
        if old != new:
            yield f"Longest term with {level.value} confidence: {old} to {new} days."
        old, new = (one["approvers"][level.value] for one in (before, after))
        if old != new:
            yield f"Approver of debt with {level.value} confidence: {old} to {new}."


def _role_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before["extension_roles"], after["extension_roles"]
    if old != new:
        yield f"Approvers of extensions: {roles_words(old)} to {roles_words(new)}."
    old, new = before["one_way_role"], after["one_way_role"]
    if old != new:
        yield f"Approver of decisions that cannot be undone: {old} to {new}."


def _ceiling_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before["ceiling_share"], after["ceiling_share"]
    if old != new:
        yield f"Debt ceiling: {share_words(old)} to {share_words(new)} of capacity."
    old, new = before["hours_per_person"], after["hours_per_person"]
    if old != new:
        yield f"Hours of a person a month: {_plain(old)} to {_plain(new)}."
    capacities = before["capacities"], after["capacities"]
    for system in sorted({*capacities[0], *capacities[1]}):
        old, new = (given.get(system) for given in capacities)
        if old != new:
            yield f"Capacity of {system}: {_plain(old)} to {_plain(new)} hours a month."


def _cost_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    labels = {
        "admin_above": "An admin must ask for environments above",
        "most": "Environments are refused above",
    }
    for name, label in labels.items():
        old, new = cost_limits(before)[name], cost_limits(after)[name]
        if old != new:
            yield f"{label}: {cost_words(old)} to {cost_words(new)}."


def cost_words(limit: str | Decimal | None) -> str:
    """ "500.00 a month", or "no limit"."""
    return "no limit" if limit is None else f"{Decimal(limit):,.2f} a month"


def _rule_changes(before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> Iterator[str]:
    for rule in Rule:
        old, new = before.get(rule.value), after.get(rule.value)
        if old != new:
            yield f"{RULE_LABELS[rule]}{place}: {setting_words(old)} to {setting_words(new)}."


def _repository_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[str]:
    for number in sorted({*before, *after}, key=int):
        place = f" in {names.get(number, f'repository {number}')}"
        yield from _rule_changes(before.get(number, {}), after.get(number, {}), place)


def _plain(hours: str | None) -> str:
    return "from its people" if hours is None else f"{Decimal(hours).normalize():f}"

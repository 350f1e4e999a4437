"""A policy as the document that is stored, edited and compared.

    {"longest_terms": {"high": 365, ...}, "approvers": {"high": "approver", ...},
     "extension_roles": ["approver", "admin"], "one_way_role": "admin",
     "ceiling_share": "0.20" | null, "hours_per_person": "80", "capacities": {"shop": "320"},
     "environment_costs": {"admin_above": "500" | null, "most": "2000" | null},
     "rules": {rule: {"enforcement": "warn", "announced": null |
               {"enforcement": "block", "effective_from": "2027-03-01"}}},
     "repositories": {"7": {rule: as above}}}

Shares are 0..1, hours are hours a month, terms are days, costs are money a month. A stored document
names everything, so that a version means the same when the defaults of the program change; one from
before there were limits of costs has none.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from accounts.domain.roles import Role
from common.errors import Refused
from ledger.domain.history import Json
from ledger.domain.policy import (
    APPROVER_TIERS,
    DEFAULT_LEVELS,
    DEFAULT_POLICY,
    Enforcement,
    EnvironmentCosts,
    Policy,
    Rule,
    Step,
    Waiver,
)
from ledger.domain.terms import Confidence
from ledger.domain.texts import line

MOST_DAYS = 3_650
MOST_EXTENSIONS = 10
MOST_SYSTEMS = 500
MOST_REPOSITORIES = 1_000
MOST_HOURS = Decimal(1_000_000)
MOST_COSTS = Decimal(100_000_000)
PARTS = (
    "longest_terms",
    "approvers",
    "extension_roles",
    "one_way_role",
    "ceiling_share",
    "hours_per_person",
    "capacities",
    "environment_costs",
    "rules",
    "repositories",
)

Kind = TypeVar("Kind", bound=StrEnum)


def document_of(policy: Policy) -> Json:
    """The document of an organisation's policy without overrides: the default, to begin with."""
    return {
        "longest_terms": {level.value: policy.longest_terms[level] for level in Confidence},
        "approvers": {level.value: policy.approvers[level].value for level in Confidence},
        "extension_roles": [role.value for role in policy.extension_roles],
        "one_way_role": policy.one_way_role.value,
        "ceiling_share": None if policy.ceiling_share is None else str(policy.ceiling_share),
        "hours_per_person": str(policy.hours_per_person),
        "capacities": {name: str(hours) for name, hours in policy.capacities.items()},
        "environment_costs": dict(UNLIMITED),
        "rules": {
            rule.value: {"enforcement": DEFAULT_LEVELS[rule].value, "announced": None}
            for rule in Rule
        },
        "repositories": {},
    }


UNLIMITED: Mapping[str, None] = {"admin_above": None, "most": None}
DEFAULT_DOCUMENT = document_of(DEFAULT_POLICY)


def policy_of(
    document: Mapping[str, Any],
    *,
    version: int,
    repository_id: int | None = None,
    waivers: tuple[Waiver, ...] = (),
) -> Policy:
    """The policy that a stored document means for a repository."""
    share = document["ceiling_share"]
    own = document["repositories"].get(str(repository_id), {})
    return Policy(
        version=version,
        longest_terms={Confidence(name): days for name, days in document["longest_terms"].items()},
        approvers={Confidence(name): Role(role) for name, role in document["approvers"].items()},
        extension_roles=tuple(Role(role) for role in document["extension_roles"]),
        one_way_role=Role(document["one_way_role"]),
        ceiling_share=None if share is None else Decimal(share),
        hours_per_person=Decimal(document["hours_per_person"]),
        capacities={name: Decimal(hours) for name, hours in document["capacities"].items()},
        environment_costs=EnvironmentCosts(
            **{
                name: None if limit is None else Decimal(limit)
                for name, limit in cost_limits(document).items()
            }
        ),
        steps=tuple(_steps(document["rules"])),
        overrides=tuple(_steps(own)),
        waivers=waivers,
    )


def cost_limits(document: Mapping[str, Any]) -> Mapping[str, str | None]:
    """The limits of a stored document, which may be from before there were any."""
    found: Mapping[str, str | None] = document.get("environment_costs", UNLIMITED)
    return found


def checked(given: Mapping[str, Any], today: date) -> Json:
    """The document in the form in which it is stored.

    Raises Refused, naming the part, for whatever is missing, unknown or out of bounds. An
    announced level must begin after today; one whose day has come is taken as in force.
    """
    if unknown := given.keys() - set(PARTS):
        raise Refused(f"A policy has no part “{min(unknown)[:40]}”.", "policy")
    if missing := [name for name in PARTS if name not in given]:
        raise Refused(f"The policy lacks “{missing[0]}”.", missing[0])
    return {
        "longest_terms": _terms(given["longest_terms"]),
        "approvers": _approvers(given["approvers"]),
        "extension_roles": _extension_roles(given["extension_roles"]),
        "one_way_role": _tier(given["one_way_role"], "one_way_role"),
        "ceiling_share": _share(given["ceiling_share"]),
        "hours_per_person": _hours(given["hours_per_person"], "hours_per_person"),
        "capacities": _capacities(given["capacities"]),
        "environment_costs": _costs(given["environment_costs"]),
        "rules": _rules(given["rules"], "rules", today, is_whole=True),
        "repositories": _repositories(given["repositories"], today),
    }


def rolled(document: Mapping[str, Any], today: date) -> Json:
    """The document as it stands today: what was announced and has begun is simply in force."""
    own = {number: _begun(rules, today) for number, rules in document["repositories"].items()}
    return {
        **document,
        "environment_costs": dict(cost_limits(document)),
        "rules": _begun(document["rules"], today),
        "repositories": own,
    }


def _begun(rules: Mapping[str, Json], today: date) -> Json:
    return {name: _setting_today(setting, today) for name, setting in rules.items()}


def _setting_today(setting: Json, today: date) -> Json:
    later = setting["announced"]
    if later is None or date.fromisoformat(later["effective_from"]) > today:
        return setting
    return {"enforcement": later["enforcement"], "announced": None}


def _steps(rules: Mapping[str, Json]) -> Iterator[Step]:
    for name, setting in rules.items():
        yield Step(Rule(name), Enforcement(setting["enforcement"]))
        if later := setting["announced"]:
            begins = date.fromisoformat(later["effective_from"])
            yield Step(Rule(name), Enforcement(later["enforcement"]), begins)


def _terms(given: Any) -> Json:
    days = _by_confidence(given, "longest_terms")
    for level, value in days.items():
        if not _is_whole(value) or not 1 <= value <= MOST_DAYS:
            raise Refused(
                f"The longest term of {level} confidence is 1 to {MOST_DAYS:,} days.",
                "longest_terms",
            )
    if not days["low"] <= days["medium"] <= days["high"]:
        raise Refused(
            "Debt that is less well understood cannot run longer: low, medium and high confidence "
            "have terms in rising order.",
            "longest_terms",
        )
    return days


def _approvers(given: Any) -> Json:
    roles = _by_confidence(given, "approvers")
    return {level: _tier(role, "approvers") for level, role in roles.items()}


def _extension_roles(given: Any) -> list[str]:
    if not isinstance(given, list | tuple) or len(given) > MOST_EXTENSIONS:
        raise Refused(
            f"Name the approver of at most {MOST_EXTENSIONS} extensions.", "extension_roles"
        )
    roles = [_tier(role, "extension_roles") for role in given]
    ranks = [Role(role).rank for role in roles]
    if ranks != sorted(ranks):
        raise Refused(
            "A later extension needs no lower approver than one before.", "extension_roles"
        )
    return roles


def _tier(given: Any, field: str) -> str:
    if given in [tier.value for tier in APPROVER_TIERS]:
        return str(given)
    names = " or ".join(tier.value for tier in APPROVER_TIERS)
    raise Refused(f"Who approves has the role {names}.", field)


def _share(given: Any) -> str | None:
    if given is None:
        return None
    share = _decimal(given)
    if share is None or not 0 < share <= 1:
        raise Refused("The ceiling is a share of capacity above 0 and up to 1.", "ceiling_share")
    return format(share.quantize(Decimal("0.0001")).normalize(), "f")


def _hours(given: Any, field: str) -> str:
    hours = _decimal(given)
    if hours is None or not 0 < hours <= MOST_HOURS:
        raise Refused(f"Give hours a month above 0 and up to {MOST_HOURS:,}.", field)
    return format(hours.quantize(Decimal("0.01")).normalize(), "f")


def _costs(given: Any) -> Json:
    field = "environment_costs"
    if not isinstance(given, Mapping) or set(given) != set(UNLIMITED):
        raise Refused("Costs of environments have admin_above and most; null for no limit.", field)
    found = {name: None if given[name] is None else _decimal(given[name]) for name in UNLIMITED}
    for name, limit in found.items():
        if given[name] is not None and (limit is None or not 0 <= limit <= MOST_COSTS):
            raise Refused(f"A limit of costs is money a month, 0 to {MOST_COSTS:,}.", field)
    admin_above, most = found["admin_above"], found["most"]
    if admin_above is not None and most is not None and admin_above > most:
        raise Refused(
            "The limit above which an admin must ask is the smaller one of the two.",
            field,
        )
    return {
        name: None if limit is None else format(limit.quantize(Decimal("0.01")), "f")
        for name, limit in found.items()
    }


def _decimal(given: Any) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        return None
    try:
        value = Decimal(str(given)[:40])
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _capacities(given: Any) -> Json:
    if not isinstance(given, Mapping) or len(given) > MOST_SYSTEMS:
        raise Refused(f"Give the capacity of at most {MOST_SYSTEMS} systems.", "capacities")
    found = {}
    for name, hours in given.items():
        system = line(str(name), "system", 100)
        if not system:
            raise Refused("Name the system whose capacity this is.", "capacities")
        found[system] = _hours(hours, "capacities")
    return found


def _repositories(given: Any, today: date) -> Json:
    if not isinstance(given, Mapping) or len(given) > MOST_REPOSITORIES:
        raise Refused(
            f"At most {MOST_REPOSITORIES:,} repositories have rules of their own.", "repositories"
        )
    found = {}
    for number, rules in given.items():
        if not (str(number).isascii() and str(number).isdecimal() and len(str(number)) < 19):
            raise Refused("A repository is named by its number.", "repositories")
        own = _rules(rules, "repositories", today, is_whole=False)
        if own:
            found[str(int(number))] = own
    return found


def _rules(given: Any, field: str, today: date, *, is_whole: bool) -> Json:
    if not isinstance(given, Mapping):
        raise Refused("Rules are given by their names.", field)
    names = {rule.value for rule in Rule}
    if unknown := {str(name) for name in given} - names:
        raise Refused(f"There is no rule “{min(unknown)[:40]}”.", field)
    if is_whole and (missing := [rule.value for rule in Rule if rule.value not in given]):
        raise Refused(f"The policy lacks the rule “{missing[0]}”.", field)
    return {
        rule.value: _setting(given[rule.value], field, today)
        for rule in Rule
        if rule.value in given
    }


def _setting(given: Any, field: str, today: date) -> Json:
    if not isinstance(given, Mapping) or given.keys() - {"enforcement", "announced"}:
        raise Refused("A rule has an enforcement and may have one announced.", field)
    level = _member(given.get("enforcement"), Enforcement, field)
    later = given.get("announced")
    if later is None:
        return {"enforcement": level, "announced": None}
    if not isinstance(later, Mapping) or later.keys() != {"enforcement", "effective_from"}:
        raise Refused("What is announced has an enforcement and the day it begins.", field)
    begins = _day(later["effective_from"], field)
    setting = {
        "enforcement": level,
        "announced": {
            "enforcement": _member(later["enforcement"], Enforcement, field),
            "effective_from": begins.isoformat(),
        },
    }
    return _setting_today(setting, today)


def _day(given: Any, field: str) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise Refused("Give the day as year-month-day, for example 2027-03-01.", field) from None


def _member(given: Any, kind: type[Kind], field: str) -> str:
    if isinstance(given, str) and given in [member.value for member in kind]:
        return str(given)
    raise Refused(f"Choose one of {', '.join(kind)}.", field)


def _by_confidence(given: Any, field: str) -> Json:
    names = {level.value for level in Confidence}
    if not isinstance(given, Mapping) or set(given) != names:
        raise Refused("Give one value each for high, medium and low confidence.", field)
    return {level.value: given[level.value] for level in Confidence}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

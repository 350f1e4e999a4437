"""How much of each system's capacity the interest of its accepted debt takes."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts import selectors as accounts_selectors
from analysis.selectors import repositories_list
from ledger.domain.ceilings import SystemLoad, system_load
from ledger.domain.lifecycle import Standing
from ledger.domain.policy import Policy
from ledger.domain.terms import ACCEPTED_STATES, OPEN_STATES, Reversibility, State
from ledger.models import DebtItem
from ledger.selectors.items import items, standing_of
from ledger.selectors.obligations import obligations_of
from ledger.selectors.policies import policy_in_force
from ledger.selectors.statements import current_review

MOST_DOORS = 50
REPOSITORIES = DebtItem.repository.field.related_model._meta.db_table
# Written out: SQLite takes an index with a condition only where it can read the condition.
STATES = ", ".join(f"'{state.value}'" for state in ACCEPTED_STATES)


def system_of(item: DebtItem) -> str:
    """The system that an item burdens: as said, else its repository; empty for neither."""
    if item.system or item.repository is None:
        return item.system
    return str(item.repository.slug)


def system_loads(policy: Policy | None = None) -> list[SystemLoad]:
    """Every system with accepted debt, the one nearest to or furthest over its ceiling first.

    Hours that several debts in one place cost are counted once. At most five queries,
    however much debt there is.
    """
    policy = policy or policy_in_force(repository_id=None)
    loads = _loads(policy)
    return sorted(loads, key=lambda load: (-(load.share or 0), -load.interest, load.system))


def systems_over_ceiling() -> list[SystemLoad]:
    """The systems over their ceiling, the furthest first; none without a ceiling."""
    policy = policy_in_force(repository_id=None)
    if policy.ceiling_share is None:
        return []
    return [load for load in system_loads(policy) if load.is_over]


def system_load_of(item: DebtItem, policy: Policy) -> SystemLoad | None:
    """The load of the item's system; None where it has no accepted debt, or is no system."""
    system = system_of(item)
    if not system:
        return None
    found = _loads(policy, system)
    return found[0] if found else None


def standing_under(item: DebtItem, policy: Policy) -> Standing:
    """What the guards look at: the item, what is owed beside it, its system's load if limited."""
    standing = replace(standing_of(item), obligations=obligations_of(item))
    if standing.state is State.PROPOSED:
        # Acceptance goes by the rules and facts of today, not by those of the day it was worded.
        standing = replace(standing, impact_level=current_review(item).level)
    if policy.ceiling_share is None:
        return standing
    return replace(standing, load=system_load_of(item, policy))


def unreviewed_doors() -> list[DebtItem]:
    """Open debt that cannot be undone and that no reviewer has looked at, the oldest first."""
    found = items().filter(state__in=OPEN_STATES, reversibility=Reversibility.ONE_WAY, reviewer="")
    return list(found.order_by("recorded_at", "pk")[:MOST_DOORS])


def _loads(policy: Policy, system: str = "") -> list[SystemLoad]:
    owners: dict[str, set[str]] = defaultdict(set)
    found = _rows("SELECT DISTINCT debt.system, debt.repository_id, debt.owner", system)
    is_needed = any(not name for name, _repository_id, _owner in found)
    slugs = {one.pk: one.slug for one in repositories_list()} if is_needed else {}
    for name, repository_id, owner in found:
        owners[str(name or slugs.get(repository_id, ""))].add(str(owner))
    people = accounts_selectors.people_behind(
        {handle for handles in owners.values() for handle in handles}
    )
    return [
        system_load(
            policy,
            system=name,
            interest=interest,
            debts=debts,
            people=len(set().union(*(people.get(handle, ()) for handle in owners[name]))),
        )
        for name, interest, debts in _sums(system)
    ]


def _sums(system: str) -> list[tuple[str, Decimal, int]]:
    """By system the hours and the number of its debts, added up by the database.

    Debts in one place cost the same hours: the dearest of them stands for all.
    """
    rows = _rows(
        """
        SELECT burdened, SUM(dearest), SUM(number)
        FROM (
            SELECT COALESCE(NULLIF(debt.system, ''), repository.slug) AS burdened,
                   MAX(debt.known_p50) AS dearest, COUNT(*) AS number
        """,
        system,
        """
            GROUP BY burdened, debt.place
        ) AS by_place
        WHERE burdened IS NOT NULL
        GROUP BY burdened
        """,
    )
    # SQLite sums decimals as floating point numbers.
    return [
        (str(name), round(Decimal(str(hours or 0)), 2), int(str(number)))
        for name, hours, number in rows
    ]


def _rows(select: str, system: str, group: str = "") -> list[tuple[Any, ...]]:
    """The accepted debts, of one system if it is named, as the parts of the statement want them."""
    quote = connection.ops.quote_name
    statement = f"""
        {select}
        FROM {quote(DebtItem._meta.db_table)} AS debt
        LEFT JOIN {quote(REPOSITORIES)} AS repository ON repository.id = debt.repository_id
        WHERE debt.state IN ({STATES})
        {"AND (debt.system = %s OR (debt.system = '' AND repository.slug = %s))" * bool(system)}
        {group}
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [system, system] if system else [])
        return list(cursor.fetchall())

"""How much of each system's capacity the interest of its accepted debt takes."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from django.db.models import CharField, Count, F, Max, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from accounts import selectors as accounts_selectors
from ledger.domain.ceilings import SystemLoad, system_load
from ledger.domain.lifecycle import Standing
from ledger.domain.policy import Policy
from ledger.domain.terms import ACCEPTED_STATES, OPEN_STATES, Reversibility, State
from ledger.models import DebtItem
from ledger.selectors.items import items, standing_of
from ledger.selectors.policies import policy_in_force
from ledger.selectors.statements import current_review

MOST_DOORS = 50


def system_of(item: DebtItem) -> str:
    """The system that an item burdens: as said, else its repository; empty for neither."""
    if item.system or item.repository is None:
        return item.system
    return str(item.repository.slug)


def system_loads(policy: Policy | None = None) -> list[SystemLoad]:
    """Every system with accepted debt, the one nearest to or furthest over its ceiling first.

    Hours that several debts in one place cost are counted once. Four queries, however much debt
    there is.
    """
    policy = policy or policy_in_force(repository_id=None)
    loads = _loads(policy, DebtItem.objects.all())
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
    found = _loads(policy, DebtItem.objects.all(), system)
    return found[0] if found else None


def standing_under(item: DebtItem, policy: Policy) -> Standing:
    """What the guards look at, with the load of the item's system where there is a ceiling."""
    standing = standing_of(item)
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


def _loads(policy: Policy, debts: QuerySet[DebtItem], system: str = "") -> list[SystemLoad]:
    place = Coalesce(NullIf("system", Value("")), F("repository__slug"), output_field=CharField())
    rows = debts.filter(state__in=ACCEPTED_STATES).annotate(burdened=place)
    rows = rows.filter(burdened=system) if system else rows.filter(burdened__isnull=False)
    hours: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    owners: dict[str, set[str]] = defaultdict(set)
    # Debts in one place cost the same hours: the dearest of them stands for all.
    by_place = rows.order_by().values_list("burdened", "place")
    for name, _place, interest, number in by_place.annotate(
        interest=Max("known_p50"), number=Count("pk")
    ):
        hours[name] += interest or 0
        counts[name] += number
    for name, owner in rows.order_by().values_list("burdened", "owner").distinct():
        owners[name].add(owner)
    people = accounts_selectors.people_behind(
        {handle for handles in owners.values() for handle in handles}
    )
    return [
        system_load(
            policy,
            system=name,
            interest=hours[name],
            debts=counts[name],
            people=len(set().union(*(people.get(handle, ()) for handle in owners[name]))),
        )
        for name in hours
    ]

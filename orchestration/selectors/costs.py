"""What environments cost: a month, and until their end, as their blueprints declare it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count

from common import clock
from ledger.selectors.policies import policy_in_force
from orchestration.domain.lifetimes import cost_until
from orchestration.domain.policy import Verdict, limit_verdict
from orchestration.domain.states import LIVE_STATES
from orchestration.models import BlueprintVersion, Environment, Resource
from orchestration.selectors.blueprints import manifest_of


@dataclass(frozen=True, slots=True)
class Costs:
    """`until_end` is None where the environment has no end."""

    monthly: Decimal
    until_end: Decimal | None
    currency: str


def costs_of(
    environment: Environment, *, now: datetime, wanted: Mapping[str, Any] | None = None
) -> Costs:
    """The sum over its resources, each in the tier that `wanted` (a run's) or else it itself names.

    All tiers of our catalogue cost in one currency; resources in another than the first are an
    error of the request, which the policy refuses.
    """
    changes = (wanted or {}).get("resources", {})
    monthly, currency = Decimal(0), ""
    for resource in environment.resources.select_related("version").defer("version__files"):
        name = changes.get(resource.name, {}).get("tier", resource.tier)
        tier = manifest_of(resource.version).tier(name)
        monthly += tier.monthly_cost
        currency = currency or tier.currency
    return Costs(monthly, cost_until(monthly, environment.expires_at, now), currency)


def standing_costs(*, without: int | None = None) -> dict[str, Decimal]:
    """By currency, what everything that stands costs a month; `without` one environment.

    Two queries; one row for each size of each blueprint.
    """
    live = [one.value for one in LIVE_STATES]
    rows = Resource.objects.filter(environment__state__in=live).order_by()
    sizes = list(
        rows.exclude(environment=without).values_list("version_id", "tier").annotate(Count("pk"))
    )
    versions = BlueprintVersion.objects.filter(pk__in={one[0] for one in sizes})
    manifests = {one.pk: manifest_of(one) for one in versions.defer("files")}
    found: dict[str, Decimal] = {}
    for version, name, count in sizes:
        tier = manifests[version].tier(name)
        found[tier.currency] = found.get(tier.currency, Decimal(0)) + tier.monthly_cost * count
    return found


def limit_said(
    monthly: Decimal,
    currency: str,
    *,
    is_admin: bool,
    environment: Environment | None = None,
) -> Verdict | None:
    """What the policy's limits say of an environment that would cost so much; None without limits.

    `environment`: the one that would cost so much from now on, where it is there already.
    """
    limits = policy_in_force(repository_id=None).environment_costs
    is_limited = limits.most is not None or limits.admin_above is not None
    if is_limited and currency != settings.CURRENCY:
        text = f"The limits of the policy are in {settings.CURRENCY}; this costs {currency}."
        return Verdict("limit", text, asks=True)
    if not is_limited:
        return None
    before = Decimal(0)
    if environment is not None and environment.state in LIVE_STATES:
        before = costs_of(environment, now=clock.now()).monthly
    others = standing_costs(without=environment.pk if environment else None)
    return limit_verdict(
        limits,
        total=others.get(currency, Decimal(0)) + monthly,
        currency=currency,
        is_more=monthly > before,
        is_admin=is_admin,
    )

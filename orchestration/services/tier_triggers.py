"""What has outgrown its size becomes a debt that proposes the next one: nothing grows by itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from common import clock
from common.notices import Notice, Severity, say
from common.sweeping import swept
from ledger.domain.debts import Debt
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.domain.texts import day_words
from ledger.selectors.needs import debt_noted
from ledger.services import SYSTEM, debt_record
from orchestration.domain.manifests import Manifest, Tier
from orchestration.domain.states import EnvironmentState
from orchestration.domain.triggers import Outgrown, next_tier, outgrown, relieved_since
from orchestration.models import Environment, LoadObservation, Resource
from orchestration.selectors.blueprints import manifest_of

DEBT_DAYS = 30
_WORKING = (
    EnvironmentState.READY,
    EnvironmentState.DEGRADED,
    EnvironmentState.DRIFTED,
    EnvironmentState.EXPIRING,
)


def tier_triggers_sweep(*, now: datetime) -> int:
    """Record a debt for each resource that has outgrown its size; return how many are new.

    Once until it is solved: neither a second sweep nor a debt that somebody closed while nothing
    had changed makes another. Several at once record each thing once.
    """
    rows = Resource.objects.filter(environment__state__in=[one.value for one in _WORKING])
    rows = rows.select_related("environment", "version").defer("version__files", "secrets", "facts")
    return swept(rows.order_by("pk"), lambda resource: _looked_at(resource, now))


def _looked_at(resource: Resource, now: datetime) -> bool:
    manifest = manifest_of(resource.version)
    tier = manifest.tier(resource.tier)
    if tier.trigger is None:
        return False
    since = now - timedelta(days=tier.trigger.days)
    found = outgrown(tier, _observed(resource, tier.trigger.metric, since, now), now)
    return found is not None and _record(resource, manifest, found, now)


def _observed(
    resource: Resource, metric: str, since: datetime, now: datetime
) -> Sequence[tuple[datetime, float]]:
    rows = LoadObservation.objects.filter(resource=resource, metric=metric, at__range=(since, now))
    return list(rows.order_by("at").values_list("at", "value"))


def _record(resource: Resource, manifest: Manifest, found: Outgrown, now: datetime) -> bool:
    # The size is part of the name: the next one may be outgrown as well, one day.
    name = f"{resource.environment.reference}/{resource.name}/{found.tier.name}"
    with transaction.atomic():
        # A write that changes nothing comes first: of two at once the second waits for it, and
        # then sees the debt.
        Environment.objects.filter(pk=resource.environment_id).update(name=F("name"))
        before = debt_noted(name)
        if before is not None and (before.is_open or not _relieved(resource, found, before, now)):
            return False
        larger = next_tier(manifest, found.tier, found.trigger.metric)
        _debt(resource, found, larger, name)
    return True


def _relieved(resource: Resource, found: Outgrown, before: Debt, now: datetime) -> bool:
    since, line = before.recorded_at, found.trigger.above * found.capacity
    observed = _observed(resource, found.trigger.metric, since, now)
    return relieved_since(observed, line, since, now)


def _debt(resource: Resource, found: Outgrown, larger: Tier | None, name: str) -> None:
    environment = resource.environment
    subject = f"{environment.name} ({resource.name})"
    used = _used(found)
    due_on = clock.today() + timedelta(days=DEBT_DAYS)
    proposal = _proposal(resource, found, larger)
    item = debt_record(
        actor=SYSTEM,
        title=f"{subject} outgrows its size: {found.tier.title}"[:200],
        owner=environment.owner,
        due_on=due_on,
        text=f"{used} {proposal}",
        system=environment.system,
        exit_condition=(
            f"{subject} stays at {found.trigger.above:.0%} of its size or below for a day."
        ),
        external_reference=name,
        impact=(
            f"Customers of {environment.system or environment.name} wait or are turned away when "
            f"all {found.capacity:,g} {_metric(found)} are taken. {used} Source: the load that was "
            f"measured of {environment.reference} until {day_words(clock.today())}."
        ),
        plan=PlanDraft(
            proposal,
            (MilestoneDraft("The next size is approved and verified", due_on),) if larger else (),
        ),
    )
    say(
        Notice(
            key=f"outgrown-{item.pk}-{name}",
            title=f"{subject} needs a larger size",
            text=f"{used} {proposal}",
            url=f"{settings.BASE_URL}/debts/{item.reference}/",
            team_id=environment.team_id,
            handles=(environment.owner,),
            severity=Severity.WARNING,
        )
    )


def _metric(found: Outgrown) -> str:
    return found.trigger.metric.replace("_", " ")


def _used(found: Outgrown) -> str:
    """The figures as a sentence."""
    days = found.trigger.days
    when = "on the last day" if days == 1 else f"on each of the last {days} days"
    least, most = min(found.peaks), max(found.peaks)
    span = f"{most:,g}" if least == most else f"{least:,g} to {most:,g}"
    return (
        f"It used {span} of {found.capacity:,g} {_metric(found)} {when}, more than "
        f"{found.trigger.above:.0%} of its size."
    )


def _proposal(resource: Resource, found: Outgrown, larger: Tier | None) -> str:
    if larger is None:
        return "It has the largest size that its blueprint offers: share the load, or lower it."
    extra = larger.monthly_cost - found.tier.monthly_cost
    sign = "more" if extra >= 0 else "less"
    return (
        f"{larger.title} carries {larger.capacity[found.trigger.metric]:,g} for {abs(extra)} "
        f"{larger.currency} {sign} a month: change the size of {resource.name} of "
        f"{resource.environment.reference} to {larger.name}. It keeps its data."
    )

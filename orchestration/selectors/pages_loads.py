"""What the page of loads shows, in a constant number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from orchestration.domain.manifests import Manifest
from orchestration.domain.sizing import is_large, sizing
from orchestration.domain.states import LIVE_STATES
from orchestration.models import Environment, LoadObservation, Resource
from orchestration.selectors.blueprints import manifest_of
from orchestration.selectors.environments import REFERENCE
from orchestration.selectors.loads import WINDOW
from orchestration.selectors.offers import SMALLEST

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A resource that stands for a load: what it carries, and how that stands to its peak.

    `fit` as pages name it: nothing smaller than the smallest size can be had.
    """

    resource: Resource
    capacity: float
    fit: str


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One metric of one system: the newest observation, the peak of 30 days, and who carries it.

    `environment` is set where the load is that of an environment on loan and of no system.
    """

    system: str
    metric: str
    newest: LoadObservation
    peak: float
    count: int
    carriers: Sequence[Carrier]
    environment: Environment | None

    @property
    def told_by(self) -> str:
        """The kind of source: "prometheus" of "prometheus:7"."""
        return self.newest.source.partition(":")[0]


def loads_seen(now: datetime, text: str = "") -> Any:
    """System and metric of everything that was observed within 30 days, with its peak."""
    rows = LoadObservation.objects.filter(at__gte=now - WINDOW)
    if text:
        rows = rows.filter(system__icontains=text)
    return (
        rows.values("system", "metric")
        .annotate(
            peak=Max("value"),
            # What was observed of one resource says nothing of the others of its system.
            told=Max("value", filter=Q(resource__isnull=True)),
            newest=Max("at"),
            count=Count("pk"),
        )
        .order_by("system", "metric")
    )


def load_lines(rows: Sequence[Mapping[str, Any]], now: datetime) -> Sequence[LoadLine]:
    """The rows of a page of `loads_seen`, in four queries however many there are."""
    newest = _newest(rows)
    standing = _standing({row["system"] for row in rows})
    own = _own_peaks(standing, now)
    manifests = _manifests(standing)
    return [
        LoadLine(
            system=row["system"],
            metric=row["metric"],
            newest=newest[row["system"], row["metric"]],
            peak=row["peak"],
            count=row["count"],
            carriers=[
                Carrier(one, manifests[one.version_id].tier(one.tier).capacity[row["metric"]], fit)
                for one in standing
                if row["system"] == _told_of(one, row["metric"], own)
                and (fit := _fit(one, row, manifests[one.version_id], own))
            ],
            environment=next(
                (one.environment for one in standing if one.environment.reference == row["system"]),
                None,
            ),
        )
        for row in rows
        if (row["system"], row["metric"]) in newest
    ]


def _told_of(resource: Resource, metric: str, own: Mapping[tuple[int, str], float]) -> str:
    """The line that it belongs to: where it is on loan and was measured itself, its own."""
    environment = resource.environment
    is_on_loan = not environment.is_production and environment.promoted_at is None
    is_apart = is_on_loan and (resource.pk, metric) in own
    return environment.reference if is_apart else environment.system


def _fit(
    resource: Resource,
    row: Mapping[str, Any],
    manifest: Manifest,
    own: Mapping[tuple[int, str], float],
) -> str:
    """What it carries against its own peak, else that of its system; empty without either."""
    metric, capacity = row["metric"], manifest.tier(resource.tier).capacity
    peak = own.get((resource.pk, metric), row["told"])
    if metric not in capacity or peak is None:
        return ""
    fit = sizing({metric: capacity[metric]}, {metric: peak}).fit
    is_smallest = manifest.tiers[0].name == resource.tier
    return SMALLEST if is_smallest and is_large(fit) else fit.value


def _newest(rows: Sequence[Mapping[str, Any]]) -> dict[Pair, LoadObservation]:
    if not rows:
        return {}
    wanted = Q()
    for row in rows:
        wanted |= Q(system=row["system"], metric=row["metric"], at=row["newest"])
    found = LoadObservation.objects.filter(wanted).select_related("made_by").order_by("pk")
    return {(one.system, one.metric): one for one in found}


def _standing(systems: Iterable[str]) -> Sequence[Resource]:
    """What stands for these systems, or is the environment that is called so."""
    names = [one for one in systems if one]
    numbers = [int(found[1]) for one in names if (found := REFERENCE.fullmatch(one))]
    live = [one.value for one in LIVE_STATES]
    rows = Resource.objects.filter(
        Q(environment__system__in=names) | Q(environment__in=numbers), environment__state__in=live
    )
    rows = rows.select_related("environment", "version").defer("version__files", "secrets", "facts")
    return list(rows.order_by("environment_id", "position"))


def _own_peaks(resources: Sequence[Resource], now: datetime) -> Mapping[tuple[int, str], float]:
    rows = LoadObservation.objects.filter(
        resource__in=[one.pk for one in resources], at__gte=now - WINDOW
    ).order_by()
    found = rows.values_list("resource_id", "metric").annotate(Max("value"))
    return {(resource or 0, metric): peak for resource, metric, peak in found}


def _manifests(resources: Sequence[Resource]) -> Mapping[int, Manifest]:
    """By version: each is read once, however much is built from it."""
    versions = {one.version_id: one.version for one in resources}
    return {pk: manifest_of(one) for pk, one in versions.items()}

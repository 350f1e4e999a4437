"""What systems and resources were measured to carry."""

from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from common import clock
from orchestration.models import LoadObservation, LoadSource, Resource

WINDOW = timedelta(days=30)


def peak_of(system: str, *, now: datetime | None = None) -> dict[str, float]:
    """The highest value of each metric that was observed of a system within 30 days."""
    return _peaks(LoadObservation.objects.filter(system=system), now)


def peaks_of_resource(resource: Resource, *, now: datetime | None = None) -> dict[str, float]:
    """The same for one resource."""
    return _peaks(LoadObservation.objects.filter(resource=resource), now)


def peak_for(resource: Resource, *, now: datetime | None = None) -> dict[str, float]:
    """What a resource has to carry: what it was measured at itself, else what its system was."""
    own = peaks_of_resource(resource, now=now) if resource.pk else {}
    system = resource.environment.system
    of_system = _peaks(LoadObservation.objects.filter(system=system, resource__isnull=True), now)
    return {**(of_system if system else {}), **own}


def _peaks(found: QuerySet[LoadObservation], now: datetime | None) -> dict[str, float]:
    since = (now or clock.now()) - WINDOW
    rows = found.filter(at__gte=since).values_list("metric").annotate(peak=Max("value"))
    return dict(rows.order_by("metric"))


def observations(
    *, system: str = "", metric: str = "", resource_id: int | None = None
) -> QuerySet[LoadObservation]:
    """What was observed, the newest first; what is left out does not matter."""
    found = LoadObservation.objects.select_related("resource__environment", "made_by")
    if system:
        found = found.filter(system=system)
    if metric:
        found = found.filter(metric=metric)
    if resource_id is not None:
        found = found.filter(resource=resource_id)
    return found.order_by("-at", "-pk")


def load_sources() -> QuerySet[LoadSource]:
    """Every Prometheus that is asked, by system."""
    return LoadSource.objects.order_by("system", "metric", "pk")

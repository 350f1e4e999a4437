"""What systems and resources carry: told by programs, asked of Prometheus, seen by probes."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q

from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import NotFound, Refused
from common.sweeping import swept
from orchestration.adapters.probes import ProbeFailed, probe
from orchestration.adapters.prometheus import NoAnswer, Point, course
from orchestration.domain.capabilities import Metric
from orchestration.domain.parameters import checked
from orchestration.domain.states import EnvironmentState
from orchestration.engines.engine import EngineFailed
from orchestration.models import Environment, LoadObservation, LoadSource, Resource
from orchestration.selectors.blueprints import manifest_of
from orchestration.services import jobs
from orchestration.services.queueing import require_requester, require_role

LONGEST_SYSTEM = 100
LARGEST = 1e12
# Clocks of other machines differ a little.
SKEW = timedelta(minutes=5)
LONGEST_WINDOW = timedelta(days=90)
# Sizing looks back 30 days, a trigger at most 90.
KEPT = timedelta(days=100)
FIRST_LOOK = timedelta(days=30)
# What one sweep looks at; the rest comes next.
MOST_SOURCES = 50
MOST_PROBED = 50
PROBE_SECONDS = 10
# After this it begins with no other source, or resource.
SWEEP_SECONDS = 20.0
LONGEST_ERROR = 500
PROBE = "probe"
Row = TypeVar("Row")
_WORKING = (EnvironmentState.READY, EnvironmentState.DRIFTED, EnvironmentState.EXPIRING)


def load_observe(
    *,
    actor: User | None,
    system: str,
    metric: str,
    value: float,
    at: datetime,
    window_seconds: int,
    resource_id: int | None = None,
    source: str = "api",
) -> LoadObservation:
    """Note the highest value of a metric in a window that ends at a moment.

    Of a system as a whole, or of one resource of an environment. Needs a contributor; None is the
    product itself. The same observation twice is one. Raises Refused with the field at fault.
    """
    require_requester(actor)
    name = _system(system, resource_id)
    if metric not in list(Metric):
        raise Refused(f"'{metric[:40]}' is no metric; use {', '.join(Metric)}.", "metric")
    if not (math.isfinite(value) and 0 <= value <= LARGEST):
        raise Refused("A load is a number from 0.", "value")
    if not 1 <= window_seconds <= LONGEST_WINDOW.total_seconds():
        raise Refused(f"A window has 1 second to {LONGEST_WINDOW.days} days.", "window_seconds")
    require_past(at)
    if at < clock.now() - KEPT:
        raise Refused(f"Only the last {KEPT.days} days count.", "at")
    place = {"resource_id": resource_id} if resource_id else {"system": name, "resource": None}
    try:
        with transaction.atomic():
            return LoadObservation.objects.create(
                **{**place, "system": name},
                metric=metric,
                value=value,
                at=at,
                window_seconds=window_seconds,
                source=source,
                made_by_id=actor.pk if actor else None,
            )
    except IntegrityError:
        same = LoadObservation.objects.filter(**place, metric=metric, at=at, source=source).first()
        if same is None:
            raise
        if same.value != value:
            raise Refused("For this moment another value was told before.", "at") from None
        return same


def require_past(at: datetime) -> None:
    """Refuse a moment that is still to come, or that could be anywhere in the world."""
    if at.tzinfo is None:
        raise Refused("Give the moment with its time zone.", "at")
    if at > clock.now() + SKEW:
        raise Refused("This moment is still to come.", "at")


def _system(system: str, resource_id: int | None) -> str:
    """Whose load it is. That of a resource on loan does not count as its system's."""
    if resource_id is not None:
        resource = Resource.objects.select_related("environment").filter(pk=resource_id).first()
        if resource is None:
            raise NotFound("There is no such resource.")
        return _system_of(resource.environment)
    name = system.strip()
    if not 0 < len(name) <= LONGEST_SYSTEM or not name.isprintable():
        raise Refused(f"Name the system in at most {LONGEST_SYSTEM} characters.", "system")
    return name


def _system_of(environment: Environment) -> str:
    stays = environment.is_production or environment.promoted_at is not None
    return environment.system if stays and environment.system else environment.reference


def load_source_add(*, actor: User, system: str, metric: str, url: str, query: str) -> LoadSource:
    """Have a Prometheus asked for the load of a system from now on. Needs an operator."""
    require_role(actor, Role.OPERATOR)
    name = _system(system, None)
    if metric not in list(Metric):
        raise Refused(f"'{metric[:40]}' is no metric; use {', '.join(Metric)}.", "metric")
    address, text = url.strip(), query.strip()
    if len(address) > 500 or not _is_address(address):
        raise Refused("Give the address as https://host, without a user and a query.", "url")
    if not 0 < len(text) <= 1000 or "\0" in text:
        raise Refused("Give a query of at most 1000 characters.", "query")
    try:
        with transaction.atomic():
            return LoadSource.objects.create(
                system=name,
                metric=metric,
                url=address,
                query=text,
                created_at=clock.now(),
                created_by_id=actor.pk,
            )
    except IntegrityError:
        raise Refused("This server is asked for that already.", "url") from None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read for its check of the number
    except ValueError:
        return False
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain


def load_source_remove(*, actor: User, source_id: int) -> None:
    """Ask no more; what was observed stays. Needs an operator."""
    require_role(actor, Role.OPERATOR)
    deleted, _ = LoadSource.objects.filter(pk=source_id).delete()
    if not deleted:
        raise NotFound("There is no such source.")


def loads_sweep(*, now: datetime) -> int:
    """Look up every load that was not looked up for a while; return how many were found.

    Several at once ask each server once.
    """
    LoadObservation.objects.filter(at__lt=now - KEPT).delete()
    before = now - settings.ORCHESTRATION_LOADS_EVERY
    late = Q(asked_at__isnull=True) | Q(asked_at__lte=before)
    # What was never asked is first on every database.
    order = F("asked_at").asc(nulls_first=True)

    def ask(one: LoadSource) -> int:
        same = LoadSource.objects.filter(pk=one.pk, asked_at=one.asked_at)
        return _asked(one, now) if same.update(asked_at=now) else 0

    def look(one: Resource) -> int:
        if jobs.is_elsewhere(one):
            return 0
        same = Resource.objects.filter(pk=one.pk, load_asked_at=one.load_asked_at)
        return _probed(one, now) if same.update(load_asked_at=now) else 0

    sources = LoadSource.objects.filter(late).order_by(order, "pk")[:MOST_SOURCES]
    return swept(_for_a_while(sources), ask) + swept(_for_a_while(_late_resources(before)), look)


def _for_a_while(rows: Iterable[Row]) -> Iterator[Row]:
    """As many as there is time for: people's runs wait behind this."""
    until = time.monotonic() + SWEEP_SECONDS
    for row in rows:
        yield row
        if time.monotonic() > until:
            return


def _asked(source: LoadSource, now: datetime) -> int:
    """Ask for what came since the last answer. A failure is told, never taken for no load."""
    origin = f"prometheus:{source.pk}"
    known = LoadObservation.objects.filter(
        system=source.system, metric=source.metric, source=origin, resource__isnull=True
    ).aggregate(at=Max("at"))["at"]
    start = max(known or now - FIRST_LOOK, now - FIRST_LOOK)
    try:
        points = [
            point
            for point in course(source.url, source.query, start=start, end=now)
            if point.value >= 0 and start < point.at <= now
        ]
        if not points:
            raise NoAnswer("The query finds nothing new in this time.")
    except NoAnswer as error:
        LoadSource.objects.filter(pk=source.pk).update(last_error=str(error)[:LONGEST_ERROR])
        return 0
    # The course of each day becomes one observation.
    days = [list(group) for _day, group in groupby(points, lambda point: point.at.date())]
    with transaction.atomic():
        for day in days:
            _noted(source, day, origin, start)
        LoadSource.objects.filter(pk=source.pk).update(last_error="")
    return len(days)


def _noted(source: LoadSource, day: Sequence[Point], origin: str, start: datetime) -> None:
    """The peak of one day."""
    since = max(start, day[-1].at - timedelta(days=1))
    load_observe(
        actor=None,
        system=source.system,
        metric=source.metric,
        value=min(max(point.value for point in day), LARGEST),
        at=day[-1].at,
        window_seconds=max(int((day[-1].at - since).total_seconds()), 1),
        source=origin,
    )


def _late_resources(before: datetime) -> Sequence[Resource]:
    """Resources that work and were not asked since; what never answers waits its turn as well."""
    rows = Resource.objects.filter(
        Q(load_asked_at__isnull=True) | Q(load_asked_at__lte=before),
        environment__state__in=[one.value for one in _WORKING],
        environment__active_run__isnull=True,
    )
    rows = rows.select_related("environment", "version", "target").defer("version__files")
    rows = rows.prefetch_related("outputs")
    return list(rows.order_by(F("load_asked_at").asc(nulls_first=True), "pk")[:MOST_PROBED])


def _probed(resource: Resource, now: datetime) -> int:
    try:
        expected = checked(manifest_of(resource.version), resource.tier, resource.parameters)
        seen = probe(
            resource.capability,
            jobs.outputs_of(resource),
            expected,
            seconds=PROBE_SECONDS,
            is_local=jobs.engine_for(resource).is_local,
        )
    except (ProbeFailed, EngineFailed):
        return 0  # verification and drift runs tell people what does not answer
    for metric, value in seen.loads.items():
        load_observe(
            actor=None,
            system="",
            metric=metric,
            value=value,
            at=now,
            window_seconds=1,
            resource_id=resource.pk,
            source=PROBE,
        )
    return len(seen.loads)

"""Targets: which there are, and what of their settings may be shown."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import QuerySet

from common.connection_settings import ShownValue
from common.connection_settings import values_shown as shown
from common.errors import NotFound
from orchestration.domain.states import EnvironmentState
from orchestration.engines.engine import Engine
from orchestration.engines.registry import ENGINES
from orchestration.models import Resource, StateFile, Target


def targets_all() -> QuerySet[Target]:
    """Every target by name, those that are switched off included."""
    return Target.objects.select_related("created_by").order_by("name")


def target_get(target_id: int) -> Target:
    """The target, or NotFound."""
    target = targets_all().filter(pk=target_id).first()
    if target is None:
        raise NotFound(f"There is no target {target_id}.")
    return target


def target_by_name(name: str) -> Target:
    """The target with this name, or NotFound."""
    target = targets_all().filter(name=name).first()
    if target is None:
        raise NotFound(f"There is no target “{name[:100]}”.")
    return target


def engine_known(target: Target) -> Engine | None:
    """The target's engine; None for one that this version does not have any more."""
    return ENGINES.get(target.engine)


def values_shown(target: Target) -> Sequence[ShownValue]:
    """The settings in the order of the form, secrets masked."""
    engine = engine_known(target)
    if engine is None:
        return []
    return shown(engine.fields, target.options, target.secret)


def callback_url(target: Target) -> str:
    """Where a remote system reports to; it answers to signed reports only."""
    return f"{settings.BASE_URL}/runs/reports/{target.key}"


def resources_on(target: Target) -> QuerySet[Resource]:
    """What stands, or is to stand, on a target."""
    found = Resource.objects.filter(target=target).select_related("environment")
    return found.exclude(environment__state=EnvironmentState.DESTROYED).order_by("pk")


def locks_found() -> QuerySet[StateFile]:
    """State files that somebody holds now."""
    held = StateFile.objects.exclude(locked_at=None)
    rows = held.select_related("resource__environment", "locked_by_run")
    # States are large, and nothing of them is shown.
    return rows.defer("sealed", "resource__secrets", "resource__facts")


def locks_held() -> Sequence[StateFile]:
    """The same, the longest held first."""
    return list(locks_found().order_by("locked_at"))


def lock_of(resource_id: int) -> StateFile | None:
    """The state file of a resource while somebody holds its lock, else None."""
    held = StateFile.objects.filter(resource_id=resource_id).exclude(locked_at=None)
    return held.select_related("locked_by_run").first()

"""Targets: which there are, and what of their settings may be shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from common.connection_settings import ShownValue
from common.connection_settings import values_shown as shown
from common.errors import NotFound
from orchestration.domain.states import EnvironmentState
from orchestration.engines.engine import Engine
from orchestration.engines.registry import ENGINES
from orchestration.models import Resource, StateFile, Target

LOCAL_NAME = "This host"


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


def local_name(engine: Engine) -> str:
    """What this host is called as the target of an engine that builds here."""
    return LOCAL_NAME if engine.name == "ansible" else f"{LOCAL_NAME} ({engine.label})"


def places_all() -> Mapping[str, Sequence[str]]:
    """By engine, the names of the targets on which something new may be built, in their order.

    This host is the empty name, and comes first. It is made when it is first needed, and so it is
    left out only where an operator has switched it off. An engine without a place is left out.
    """
    found: dict[str, list[str]] = defaultdict(list)
    here = {local_name(one): one.name for one in ENGINES.values() if one.is_local}
    rows = list(targets_all().values_list("name", "engine", "disabled_at"))
    taken = {name for name, engine, off in rows if name in here and (off or engine != here[name])}
    for name, engine in here.items():
        if name not in taken:
            found[engine].append("")
    for name, engine, off in rows:
        if off is None and here.get(name) != engine:
            found[engine].append(name)
    return dict(found)


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

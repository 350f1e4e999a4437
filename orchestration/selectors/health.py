"""Whether runs go on and environments are well, for monitoring and for the doctor."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q

from orchestration.domain.states import (
    LIVE_STATES,
    WAITING_FOR_WORKER,
    WORKING_STATES,
    EnvironmentState,
    RunState,
)
from orchestration.models import Environment, Run, Target
from orchestration.selectors.costs import standing_costs


@dataclass(frozen=True, slots=True)
class Figures:
    """How many runs and environments there are by state, and what stands costs a month."""

    runs: dict[str, int]
    environments: dict[str, int]
    # The run that has waited longest for a worker, and for a person.
    waits_for_worker_since: datetime | None
    waits_for_person_since: datetime | None
    # By currency.
    monthly: dict[str, Decimal]


def figures() -> Figures:
    """Everything at once, in as many queries however much stands."""
    runs = dict(Run.objects.order_by().values_list("state").annotate(Count("pk")))
    environments = dict(Environment.objects.order_by().values_list("state").annotate(Count("pk")))
    # A run that waits for its environment does not lack a worker.
    waiting = Run.objects.filter(state__in=[one.value for one in WAITING_FOR_WORKER]).exclude(
        ~Q(state=RunState.INDETERMINATE.value), environment__active_run__isnull=False
    )
    asking = Run.objects.filter(state=RunState.AWAITING_APPROVAL.value)
    return Figures(
        runs,
        environments,
        waiting.aggregate(found=Min("state_at"))["found"],
        asking.aggregate(found=Min("state_at"))["found"],
        standing_costs(),
    )


def environments_ill() -> list[Environment]:
    """What does not work, or is not as it was declared."""
    ill = (EnvironmentState.DEGRADED.value, EnvironmentState.DRIFTED.value)
    return list(Environment.objects.filter(state__in=ill).order_by("pk"))


def runs_stuck(now: datetime, patience: timedelta) -> list[Run]:
    """Runs that nobody takes up: their worker is gone, or none ever came."""
    late = now - patience
    gone = Q(state__in=[one.value for one in WORKING_STATES], lease_until__lt=late)
    lost = Q(state=RunState.INDETERMINATE.value, state_at__lt=late)
    waiting = Q(
        state__in=[RunState.QUEUED.value, RunState.APPLY_QUEUED.value],
        state_at__lt=late,
        environment__active_run__isnull=True,
    )
    rows = Run.objects.filter(gone | lost | waiting).select_related("environment")
    return list(rows.order_by("pk"))


def targets_off_in_use() -> list[Target]:
    """Targets that are switched off while something stands on them."""
    live = [one.value for one in LIVE_STATES]
    rows = Target.objects.filter(disabled_at__isnull=False)
    return [one for one in rows if one_stands_on(one, live)]


def one_stands_on(target: Target, states: list[str]) -> bool:
    return Environment.objects.filter(resources__target=target, state__in=states).exists()

"""Putting runs into the queue, and what must be so before one gets there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts.domain.roles import Role, allows
from accounts.selectors import User
from common import clock
from common.errors import Denied, NotFound, Refused
from orchestration.domain.states import (
    GONE_STATES,
    OPEN_RUN_STATES,
    EnvironmentState,
    RunAction,
    RunState,
)
from orchestration.models import Environment, Run
from orchestration.selectors.environments import environment_get
from orchestration.signals import run_waits

_LOOKED_AT = (
    EnvironmentState.READY,
    EnvironmentState.DRIFTED,
    EnvironmentState.DEGRADED,
    EnvironmentState.EXPIRING,
)
# Looks that wait or go on at once: each takes a worker some seconds, and whatever a person asks for
# stands behind them in the same queue.
_LOOKS_AT_ONCE = 4


def run_queue(
    actor: User | None,
    environment: Environment,
    action: RunAction,
    wanted: Mapping[str, Any] | None = None,
) -> Run:
    """Put a run into the queue. One open run of a kind is enough: a second is refused.

    The end that the product itself asks for does not wait behind one that a person has to approve.
    """
    now = clock.now()
    with transaction.atomic():
        # The lock lets one of two at once be first.
        locked = Environment.objects.select_for_update().filter(pk=environment.pk).first()
        if locked is None:
            raise NotFound("There is no such environment.")
        if locked.state in GONE_STATES:
            raise Refused("This environment is gone.")
        same = open_runs(environment, action, only_own=actor is None).first()
        if same is not None:
            raise Refused(
                f"{same.reference} does that already; wait until it has ended, or cancel it."
            )
        run = Run.objects.create(
            environment=environment,
            action=action.value,
            state=RunState.QUEUED.value,
            wanted=dict(wanted or {}),
            requested_by_id=actor.pk if actor else None,
            requested_at=now,
            state_at=now,
        )
        run_waits.send(sender=Run, run_id=run.pk)
    return run


def open_runs(environment: Environment, action: RunAction, *, only_own: bool = False) -> Any:
    """Runs of a kind that have not ended; `only_own`: of the product itself, or under way."""
    found = Run.objects.filter(
        environment=environment,
        action=action.value,
        state__in=[one.value for one in OPEN_RUN_STATES],
    )
    if only_own and action is RunAction.DESTROY:
        found = found.filter(
            Q(requested_by__isnull=True) | ~Q(state=RunState.AWAITING_APPROVAL.value)
        )
    return found.order_by("pk")


def changeable(actor: User | None, environment_id: int) -> Environment:
    """An environment to which something can be done, by somebody who may ask for it."""
    require_requester(actor)
    environment = environment_get(environment_id)
    if environment.state in GONE_STATES:
        raise Refused("This environment is gone.")
    if environment.state == EnvironmentState.REQUESTED:
        raise Refused("Nothing is built yet; cancel the run that asks for it.")
    return environment


def require_requester(actor: User | None) -> None:
    """Refuse who may only read; None is the product itself."""
    require_role(actor, Role.CONTRIBUTOR)


def require_role(actor: User | None, needed: Role) -> None:
    """Refuse who is below a role; None is the product itself."""
    if actor is None:
        return
    if not actor.is_active:
        raise Denied("This account is switched off.")
    if not allows(Role(actor.role), needed):
        raise Denied(f"This needs the role {needed.value}; yours is {actor.role}.")


def drift_sweep(*, now: datetime) -> int:
    """Ask for a look at what was not looked at for a while; return how many were asked for.

    A few at a time, the longest ago first: a hundred of them keep no person waiting.
    """
    before = now - settings.ORCHESTRATION_DRIFT_EVERY
    late = Q(checked_at__isnull=True) | Q(checked_at__lt=before)
    found = Environment.objects.filter(
        late, state__in=[one.value for one in _LOOKED_AT], active_run__isnull=True
    )
    # A look that failed is not repeated before the next one would be due.
    looks = Run.objects.filter(action=RunAction.DRIFT.value)
    looked = looks.filter(requested_at__gte=before)
    found = found.exclude(pk__in=looked.values("environment_id"))
    # What was never looked at is first on every database.
    order = F("checked_at").asc(nulls_first=True)
    next_ones = list(found.order_by(order, "pk")[:_LOOKS_AT_ONCE])
    # Counted after these were read: what a second sweep asks for meanwhile is then either counted,
    # or among these and refused. Together they ask for no more than one would.
    room = _LOOKS_AT_ONCE - looks.filter(state__in=[one.value for one in OPEN_RUN_STATES]).count()
    count = 0
    for environment in next_ones[: max(room, 0)]:
        try:
            run_queue(None, environment, RunAction.DRIFT)
        except Refused:
            continue
        count += 1
    return count

"""How long environments live: more time, no end at all, the end itself and its announcement."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import Denied, Refused, Stale
from common.sweeping import swept
from ledger.services import SYSTEM, debt_record
from orchestration.domain.lifetimes import (
    EXTENSIONS_BEFORE_DEBT,
    MOST_DAYS,
    WARNINGS,
    require_days,
    warning_due,
)
from orchestration.domain.states import (
    LIVE_STATES,
    DeletionPolicy,
    EnvironmentState,
    RunAction,
    RunState,
)
from orchestration.models import DebtLink, Environment, Run
from orchestration.selectors.costs import costs_of
from orchestration.services.announcing import announce, end_announce, warning_announce
from orchestration.services.policy import PUT_OFF
from orchestration.services.queueing import changeable, require_role, run_queue
from orchestration.services.recording import Lost, environment_move, run_move

log = logging.getLogger(__name__)

LONGEST_REASON = 500
# An end that did not come about is tried again after this.
TRY_AGAIN = timedelta(hours=1)
# Whoever clicks twice extends once.
LEAST_MORE = timedelta(hours=1)
DEBT_DAYS = 30
_SOON = timedelta(minutes=max(WARNINGS))


def environment_extend(*, actor: User, environment_id: int, days: int, reason: str) -> Environment:
    """Give an environment so many days from now, and note why.

    Its owner may, and every approver. Who asks a third time gets the days, and the product records
    a debt: what is needed for so long is no longer temporary.
    """
    environment = changeable(actor, environment_id)
    if not may_extend(actor, environment):
        raise Denied("Its owner may do that, or an approver.")
    _require_standing(environment)
    text = require_reason(reason)
    require_days(days)
    now = clock.now()
    if environment.expires_at is None:
        raise Refused("It was promoted and has no end.", "days")
    until = now + timedelta(days=days)
    if until < environment.expires_at + LEAST_MORE:
        raise Refused("It has as much time already.", "days")
    if until > environment.created_at + timedelta(days=2 * MOST_DAYS):
        raise Refused("It has stood for too long to be temporary; promote it.", "days")
    is_ending = environment.state == EnvironmentState.EXPIRING
    with transaction.atomic():
        end_put_off(environment)
        # Of two at once, or of this and a promotion, the second has read another end.
        same = Environment.objects.select_for_update().filter(
            pk=environment.pk, expires_at=environment.expires_at
        )
        if not same.exists():
            raise Stale("Its end was changed just now; look at it again.")
        environment_move(
            environment,
            EnvironmentState.READY if is_ending else EnvironmentState(environment.state),
            reason="" if is_ending else environment.state_reason,
            expires_at=until,
            warned_minutes=None,
            ttl_extensions=F("ttl_extensions") + 1,
            # Whoever is about to take it away has read another end.
            fence=F("fence") + 1,
        )
        environment.refresh_from_db()
        if environment.ttl_extensions > EXTENSIONS_BEFORE_DEBT:
            _record_debt(environment, text)
    log.info("%s: %s more days for %s: %s", environment.reference, days, actor.username, text)
    return environment


def _require_standing(environment: Environment) -> None:
    if environment.state == EnvironmentState.DESTROYING:
        raise Refused("It is being taken away already; its end cannot be changed any more.")


def end_put_off(environment: Environment) -> None:
    """End the product's own destroy that waits: nobody is to be asked about an end that is none.

    Before the environment is locked: a worker, too, takes the run first. What is being planned just
    now is found out when it is judged, approved or begun.
    """
    waiting = Run.objects.filter(
        environment=environment,
        action=RunAction.DESTROY.value,
        requested_by__isnull=True,
        state__in=[RunState.AWAITING_APPROVAL.value, RunState.APPLY_QUEUED.value],
    )
    for run in waiting.order_by("pk"):
        with suppress(Lost):
            run_move(run, RunState.STALE, reason=PUT_OFF)


def may_extend(actor: User, environment: Environment) -> bool:
    """The owner and whoever asked for it may, and everybody from approver on."""
    is_own = environment.requested_by_id == actor.pk
    return (
        is_own
        or actor.may(Role.APPROVER)
        or environment.owner in accounts_selectors.handles_of(actor)
    )


def require_reason(reason: str) -> str:
    """The reason that somebody gave. Raises Refused where there is none."""
    text = reason.strip()[:LONGEST_REASON]
    if not text:
        raise Refused("Say why.", "reason")
    return text


def _record_debt(environment: Environment, reason: str) -> None:
    """Once for an environment: a slug of its own says whether that was done."""
    if environment.ttl_extensions != EXTENSIONS_BEFORE_DEBT + 1:
        return
    costs = costs_of(environment, now=clock.now())
    item = debt_record(
        actor=SYSTEM,
        title=f"{environment.name} was to be temporary and stays"[:200],
        owner=environment.owner,
        due_on=clock.today() + timedelta(days=DEBT_DAYS),
        text=(
            f"{environment.reference} was extended {environment.ttl_extensions} times; it costs "
            f"{costs.monthly} {costs.currency} a month. The last reason: {reason}"
        ),
        system=environment.system,
        exit_condition="It is destroyed, or promoted with an owner of its own.",
        impact=(
            f"It costs {costs.monthly} {costs.currency} a month and nobody has decided that it "
            f"stays. Source: {environment.reference}."
        ),
    )
    DebtLink.objects.create(
        item_id=item.pk, environment=environment, role="teardown", created_at=clock.now()
    )


def environment_promote(
    *, actor: User, environment_id: int, owner: str, reason: str
) -> Environment:
    """Let an environment stay: it gets an owner and no end. Needs an approver."""
    environment = changeable(actor, environment_id)
    require_role(actor, Role.APPROVER)
    _require_standing(environment)
    text = require_reason(reason)
    handle = owner.strip()
    if accounts_selectors.owner_of(handle) is None:
        raise Refused("Name a person or a team that owns it from now on.", "owner")
    if environment.promoted_at is not None:
        raise Refused("It was promoted already.")
    if environment.requested_by_id == actor.pk:
        raise Denied("Whoever asked for it does not decide alone that it stays.")
    is_ending = environment.state == EnvironmentState.EXPIRING
    with transaction.atomic():
        end_put_off(environment)
        environment_move(
            environment,
            EnvironmentState.READY if is_ending else EnvironmentState(environment.state),
            reason="" if is_ending else environment.state_reason,
            owner=handle[:100],
            expires_at=None,
            warned_minutes=None,
            promoted_at=clock.now(),
            justification=f"{environment.justification} {text}".strip()[:1000],
            # Whoever is about to take it away has read that it has an end.
            fence=F("fence") + 1,
        )
    environment.refresh_from_db()
    log.info("%s promoted by %s: %s", environment.reference, actor.username, text)
    return environment


def environment_orphan(*, actor: User, environment_id: int, reason: str) -> Environment:
    """Give an environment up and leave it standing; nobody looks after it here any more.

    Needs an operator.
    """
    environment = changeable(actor, environment_id)
    require_role(actor, Role.OPERATOR)
    text = require_reason(reason)
    _orphan(environment, f"{actor.username} gave it up: {text}")
    return environment


def _orphan(environment: Environment, reason: str) -> None:
    with transaction.atomic():
        locked = Environment.objects.select_for_update().get(pk=environment.pk)
        if locked.active_run_id is not None:
            raise Refused("A run is changing it; wait until that has ended, or cancel it.")
        environment_move(
            environment,
            EnvironmentState.ORPHANED,
            reason=reason,
            ended_at=clock.now(),
            # What was planned for it is stale.
            generation=F("generation") + 1,
            fence=F("fence") + 1,
        )
        environment.refresh_from_db()
        announce(environment, "orphaned", "was given up and left standing", reason)


def ttl_sweep(*, now: datetime) -> int:
    """Warn of ends that are near and bring about those that are here; return how many it was.

    Several at once do each thing once.
    """
    live = [one.value for one in LIVE_STATES]
    rows = Environment.objects.filter(state__in=live, expires_at__lte=now + _SOON)

    def act(environment: Environment) -> bool:
        assert environment.expires_at is not None  # noqa: S101 - for the type checker: filtered above
        is_over = environment.expires_at <= now
        return _end(environment, now) if is_over else _warn(environment, now)

    return swept(rows.order_by("expires_at", "pk"), act)


def _warn(environment: Environment, now: datetime) -> bool:
    assert environment.expires_at is not None  # noqa: S101 - for the type checker: filtered above
    due = warning_due(environment.expires_at, environment.warned_minutes, now)
    if due is None and environment.state != EnvironmentState.READY:
        return False
    with transaction.atomic():
        same = Environment.objects.filter(
            pk=environment.pk,
            warned_minutes=environment.warned_minutes,
            expires_at=environment.expires_at,
        )
        # First, for its lock: what got more time just now is no longer about to end.
        if not same.update(warned_minutes=environment.warned_minutes if due is None else due):
            return False
        if environment.state == EnvironmentState.READY:
            environment_move(environment, EnvironmentState.EXPIRING)
        if due is None:
            return False
        warning_announce(environment, due, now)
    return True


def _end(environment: Environment, now: datetime) -> bool:
    tried = Run.objects.filter(
        environment=environment,
        action=RunAction.DESTROY.value,
        requested_by__isnull=True,
        requested_at__gt=now - TRY_AGAIN,
    )
    if tried.exists():
        return False
    with transaction.atomic():
        rows = Environment.objects.select_for_update().filter(pk=environment.pk)
        # Whoever gives it more time comes before us or after us, not meanwhile.
        if not rows.filter(expires_at=environment.expires_at).exists():
            return False
        if environment.deletion_policy == DeletionPolicy.ORPHAN:
            _orphan(environment, "Its time was over; its deletion policy is to leave it standing.")
            return True
        run_queue(None, environment, RunAction.DESTROY)
        end_announce(environment)
    return True

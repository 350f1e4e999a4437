"""The one way in which runs and environments change their state and get lines in their log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from common import clock
from common.errors import Stale
from orchestration.domain.redaction import readable
from orchestration.domain.states import (
    FINAL_RUN_STATES,
    WAITING_FOR_WORKER,
    WORKING_STATES,
    EnvironmentState,
    EventKind,
    RunState,
    environment_may_become,
    may_follow,
)
from orchestration.models import Environment, Run, RunEvent
from orchestration.signals import run_ended, run_waits

LONGEST_TEXT = 4_000
LEASE = timedelta(seconds=60)


class Lost(Exception):
    """The run is no longer the caller's: its lease ran out, or somebody else moved it."""


def run_move(
    run: Run,
    state: RunState,
    *,
    reason: str = "",
    text: str = "",
    now: datetime | None = None,
    only: Q | None = None,
    **fields: Any,
) -> None:
    """Go from the state that `run` was read in to another, and write that into its log.

    One UPDATE decides: it changes the row only where state and fence are still as read, and where
    `only` holds. Raises Lost where they are not, and ValueError for a step that the table of
    states does not have. A final state ends the lease and gives the environment free.
    """
    at = now or clock.now()
    before = RunState(run.state)
    if not may_follow(before, state):
        raise ValueError(f"A run cannot go from {before} to {state}.")
    fields = {**fields, "state": state.value, "state_at": at}
    if reason:
        fields["reason"] = readable(reason)[:1000]
    if state not in WORKING_STATES:
        fields.update(lease_until=None, deadline=None)
    if state in FINAL_RUN_STATES:
        fields["ended_at"] = at
    with transaction.atomic():
        rows = Run.objects.filter(only or Q(), pk=run.pk, state=before.value, fence=run.fence)
        if not rows.update(**fields):
            raise Lost
        _assign(run, fields)
        event_add(run, EventKind.STATE, text or reason, at=at, state=state.value)
        if state in FINAL_RUN_STATES:
            _give_free(run, at)
            run_ended.send(sender=Run, run=run)
        if state in WAITING_FOR_WORKER:
            run_waits.send(sender=Run, run_id=run.pk)


def _give_free(run: Run, at: datetime) -> None:
    """Let the next run have the environment, and wake those that waited for it."""
    held = Environment.objects.filter(active_run=run)
    if not held.update(active_run=None, updated_at=at):
        return
    waiting = [one.value for one in WAITING_FOR_WORKER]
    rows = Run.objects.filter(environment_id=run.environment_id, state__in=waiting)
    for run_id in rows.order_by("pk").values_list("pk", flat=True):
        run_waits.send(sender=Run, run_id=run_id)


def run_claim(run: Run, state: RunState, *, worker: str, now: datetime, deadline: datetime) -> None:
    """Take a waiting run: one worker gets it. Raises Lost for every other.

    Its phase is to end by the deadline. The fence goes up, so that whoever held it before writes
    nothing any more. Whether another run changes the environment is for the caller to find out.
    """
    before = RunState(run.state)
    if not may_follow(before, state):
        raise ValueError(f"A run cannot go from {before} to {state}.")
    fields = {
        "state": state.value,
        "state_at": now,
        "lease_until": now + LEASE,
        "deadline": deadline,
        "worker": worker,
        "fence": run.fence + 1,
    }
    with transaction.atomic():
        taken = Run.objects.filter(pk=run.pk, state=before.value, fence=run.fence).update(**fields)
        if not taken:
            raise Lost
        _assign(run, fields)
        event_add(run, EventKind.STATE, "", at=now, state=state.value)


def lease_extend(run: Run, *, now: datetime) -> bool:
    """Hold the run for another lease. False when it is no longer the caller's."""
    working = [one.value for one in WORKING_STATES]
    held = Run.objects.filter(pk=run.pk, fence=run.fence, state__in=working)
    return bool(held.update(lease_until=now + LEASE))


def event_add(
    run: Run, kind: EventKind, text: str, *, at: datetime | None = None, **data: Any
) -> None:
    """Write one line into the log, with the next number.

    The caller has taken secrets out of the text. Raises Lost when the run has another holder.
    """
    events_add(run, [(at or clock.now(), kind, text)], data)


def plain(text: str) -> str:
    """A text that every database takes: no zero bytes, no halves of characters."""
    return text.replace("\0", "").encode(errors="replace").decode()


def events_add(
    run: Run, lines: Sequence[tuple[datetime, EventKind, str]], data: dict[str, Any] | None = None
) -> None:
    """The same for several lines: their numbers follow each other without a gap."""
    with transaction.atomic():
        # The UPDATE locks the row, so that two writers get different numbers.
        counted = Run.objects.filter(pk=run.pk, fence=run.fence).update(
            events=F("events") + len(lines)
        )
        if not counted:
            raise Lost
        last = Run.objects.values_list("events", flat=True).get(pk=run.pk)
        first = last - len(lines) + 1
        RunEvent.objects.bulk_create(
            RunEvent(
                run_id=run.pk,
                sequence=number,
                at=at,
                kind=kind.value,
                text=readable(text)[:LONGEST_TEXT],
                data=data or {},
            )
            for number, (at, kind, text) in enumerate(lines, first)
        )
        run.events = last


def environment_move(
    environment: Environment, state: EnvironmentState, *, reason: str = "", **fields: Any
) -> None:
    """Change how an environment is. Raises Stale where it changed meanwhile."""
    before = EnvironmentState(environment.state)
    if before is not state and not environment_may_become(before, state):
        raise ValueError(f"An environment cannot go from {before} to {state}.")
    fields = {
        **fields,
        "state": state.value,
        "state_reason": readable(reason)[:500],
        "updated_at": clock.now(),
    }
    moved = Environment.objects.filter(pk=environment.pk, state=before.value).update(**fields)
    if not moved:
        raise Stale("The environment changed meanwhile; look at it again.")
    _assign(environment, fields)


def environment_well(environment: Environment, now: datetime) -> None:
    """Note that everything of it was seen to work as declared."""
    seen: dict[str, Any] = {
        "ready_at": environment.ready_at or now,
        "verified_at": now,
        "checked_at": now,
    }
    # An end that is near stays near.
    state = EnvironmentState(environment.state)
    following = state if state is EnvironmentState.EXPIRING else EnvironmentState.READY
    environment_move(environment, following, **seen)


def environment_hold(environment: Environment, run: Run) -> None:
    """Give the environment to a run that may change it. Raises Stale when another has it."""
    held = Environment.objects.filter(
        pk=environment.pk, active_run__isnull=True, fence=environment.fence
    ).update(active_run=run, fence=F("fence") + 1, updated_at=clock.now())
    if not held:
        raise Stale(
            "Another run is changing this environment; wait until it has ended, or cancel it."
        )
    environment.active_run = run
    environment.fence += 1


def _assign(row: Run | Environment, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)

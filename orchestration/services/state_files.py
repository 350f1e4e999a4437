"""The states that OpenTofu and Terraform keep of resources, and who has the lock of each.

We are their HTTP backend. States hold secrets in clear, so they are sealed here.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.selectors import User
from common import clock
from common.encryption import seal, unseal
from common.errors import Denied, NotFound, Refused, Stale
from orchestration.domain.states import (
    FINAL_RUN_STATES,
    WORKING_STATES,
    EventKind,
    RunAction,
    RunState,
)
from orchestration.models import Resource, Run, StateFile
from orchestration.services.recording import Lost, event_add, plain
from orchestration.services.run_tokens import Purpose, resource_of_run, run_by_key
from orchestration.services.targets import require_operator

log = logging.getLogger(__name__)

MOST_BYTES = 16 * 1024 * 1024
_MOST_LOCK_TEXT = 500
_MOST_SERIAL = 2**31
_LOCK_NAMES = ("ID", "Operation", "Info", "Who", "Version", "Created", "Path")
# What we add to what the holder says: the state and the fence of its run at that moment.
_STATE, _FENCE = "state", "fence"
# A worker that lost its run ends its program within this time, so that nothing is built any more.
SETTLED = timedelta(minutes=2)
# A plan changes nothing, so nothing may be stored while one is made.
_AT_WORK = WORKING_STATES | {RunState.INDETERMINATE}
_MAY_WRITE = frozenset(
    {
        RunState.APPLYING,
        RunState.VERIFYING,
        RunState.CANCELING,
        RunState.INDETERMINATE,
        RunState.RECONCILING,
    }
)


class Held(Exception):
    """Somebody else has the lock; `lock` is what they said when they took it."""

    def __init__(self, lock: Mapping[str, str]) -> None:
        super().__init__("Somebody else has the lock.")
        self.lock = lock


@dataclass(frozen=True, slots=True)
class Access:
    """A run that may work with the state of a resource."""

    run: Run
    resource: Resource


def state_access(*, environment_key: str, resource_name: str, run_key: str, token: str) -> Access:
    """Who it is that speaks with us. Raises Denied."""
    resource = resource_of_run(run_key, resource_name, token, Purpose.STATE)
    run = run_by_key(run_key)
    # A state holds secrets: while a run waits for a person, no program of it has anything to read.
    is_at_work = run is not None and RunState(run.state) in _AT_WORK
    if run is None or not is_at_work or str(run.environment.key) != environment_key:
        raise Denied("The token is not good for this, or its run has ended.")
    return Access(run, resource)


def state_read(*, access: Access) -> str | None:
    """The state as it was stored last; None where there is none."""
    file = StateFile.objects.filter(resource=access.resource).first()
    return unseal(file.sealed) if file is not None and file.sealed else None


def state_write(*, access: Access, lock_id: str, body: bytes) -> None:
    """Store a state. Raises Held or Refused where the run does not hold the lock."""
    if RunState(access.run.state) not in _MAY_WRITE or not RunAction(access.run.action).mutates:
        raise Refused("This run may not change anything now.")
    serial, text = _checked(body)
    with transaction.atomic():
        file = _locked(access.resource)
        if file.locked_at is None or file.lock.get("ID") != lock_id:
            raise Held(file.lock)
        if file.locked_by_run_id != access.run.pk:
            raise Held(file.lock)
        if serial < file.serial:
            raise Refused(f"State {file.serial} is stored already; {serial} is older.")
        file.serial, file.sealed, file.updated_at = serial, seal(text), clock.now()
        file.save(update_fields=("serial", "sealed", "updated_at"))


def lock_take(*, access: Access, info: Mapping[str, Any]) -> None:
    """Take the lock for a run. Raises Held; the same lock once more is no fault.

    One that was left behind is taken over, and the run's log says so. Whoever had it stores
    nothing any more: every state comes with the lock that it is stored under.
    """
    if not RunAction(access.run.action).mutates:
        raise Refused("This run only looks; it needs no lock.")
    lock = {name: plain(str(info.get(name, "")))[:_MOST_LOCK_TEXT] for name in _LOCK_NAMES}
    if not lock["ID"]:
        raise Refused("A lock has an ID.")
    with transaction.atomic():
        file = _locked(access.resource)
        now = clock.now()
        if file.locked_at is not None:
            if file.lock.get("ID") == lock["ID"] and file.locked_by_run_id == access.run.pk:
                return
            if not _is_left(file, access.run, now):
                raise Held(file.lock)
            _note_taken_over(file, access.run)
        # Whoever is refused reads which run it is.
        lock["Who"] = f"{access.run.reference}, {lock['Who']}"
        lock |= {_STATE: access.run.state, _FENCE: str(access.run.fence)}
        file.lock, file.locked_at, file.locked_by_run = lock, now, access.run
        file.save(update_fields=("lock", "locked_at", "locked_by_run"))


def _is_left(file: StateFile, taker: Run, now: datetime) -> bool:
    """Whether nobody is at work under this lock any more, by all that we know.

    Who plans builds nothing and may store nothing: its lock is left once its worker is. Who
    applies may still build and store when its worker is lost, so that its lock is left some time
    after its run ended. The run itself is taken up again only once that time is over.
    """
    run = file.locked_by_run
    if run is None:  # runs are only deleted when they are over
        return True
    is_same_worker = file.lock.get(_FENCE) == str(run.fence)
    if file.lock.get(_STATE) == RunState.PLANNING:
        return not (is_same_worker and is_at_work(run, now))
    if RunState(run.state) in FINAL_RUN_STATES:
        return (run.ended_at or run.state_at) + SETTLED <= now
    return run.pk == taker.pk and _FENCE in file.lock and not is_same_worker


def is_settling(run: Run, now: datetime) -> bool:
    """Whether a lost worker of the run may still build and store, under a lock that it holds."""
    held = StateFile.objects.filter(locked_by_run=run, locked_at__isnull=False)
    return now < run.state_at + SETTLED and held.exists()


def _note_taken_over(file: StateFile, taker: Run) -> None:
    """Raises Held where the one who asks is not the run's worker any more."""
    text = (
        f"Lock {file.lock.get('ID')} of {file.resource.name} was left behind by "
        f"{file.lock.get('Who')}; it was taken over."
    )
    log.warning("%s: %s", taker.reference, text)
    try:
        event_add(taker, EventKind.WARNING, text)
    except Lost:
        raise Held(file.lock) from None


def lock_release(*, access: Access, lock_id: str) -> None:
    """Give the lock back. Raises Held where it is somebody else's by now."""
    with transaction.atomic():
        file = _locked(access.resource)
        if file.locked_at is None:
            return
        if file.lock.get("ID") != lock_id or file.locked_by_run_id != access.run.pk:
            raise Held(file.lock)
        _free(file)


def lock_break(*, actor: User, resource_id: int, reason: str) -> None:
    """Take a lock away from a run that is dead. Its log says who did that, and why.

    Needs an operator. Refused while the run is still at work: cancel it instead.
    """
    require_operator(actor)
    words = " ".join(reason.split())
    if not words:
        raise Refused("Say why the lock is to be broken.", "reason")
    with transaction.atomic():
        file = StateFile.objects.select_for_update().filter(resource_id=resource_id).first()
        if file is None or file.locked_at is None:
            raise NotFound("Nobody holds a lock of this state.")
        run = file.locked_by_run
        if run is not None:
            _require_dead(run)
            text = f"{actor} broke lock {file.lock.get('ID')} of {file.resource}: {words}"
            _note(run, text)
        _free(file)
    log.warning("lock of %s broken by %s: %s", file, actor, words)


def is_at_work(run: Run, now: datetime) -> bool:
    """Whether a worker holds the run, so that its lock is not to be broken."""
    return RunState(run.state) in WORKING_STATES and (run.lease_until or now) > now


def _require_dead(run: Run) -> None:
    if is_at_work(run, clock.now()):
        raise Refused(f"{run.reference} is still at work; cancel it, and wait until it has ended.")


def _note(run: Run, text: str) -> None:
    try:
        event_add(run, EventKind.PERSON, text)
    except Lost:
        raise Stale("The run was taken up just now; look at it again.") from None


def _locked(resource: Resource) -> StateFile:
    """The row, ours until the transaction ends; made when it is first needed."""
    StateFile.objects.get_or_create(resource=resource, defaults={"updated_at": clock.now()})
    return StateFile.objects.select_for_update().get(resource=resource)


def _free(file: StateFile) -> None:
    file.lock, file.locked_at, file.locked_by_run = {}, None, None
    file.save(update_fields=("lock", "locked_at", "locked_by_run"))


def _checked(body: bytes) -> tuple[int, str]:
    """The serial number and the text of a state. Raises Refused."""
    if len(body) > MOST_BYTES:
        raise Refused(f"A state may have {MOST_BYTES // 1024 // 1024} MB.")
    try:
        text = body.decode()
        state = json.loads(text)
        serial = state["serial"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("That is no state of OpenTofu or Terraform.") from None
    if not isinstance(serial, int) or not 0 <= serial < _MOST_SERIAL:
        raise Refused("That is no state of OpenTofu or Terraform.")
    return serial, text

"""Ending a run before its time. A cancel is no rollback: it says plainly what is left."""

from django.db import transaction

from accounts.domain.roles import Role, allows
from accounts.selectors import User
from common import clock
from common.errors import Denied, Refused, Stale
from orchestration.domain.states import FINAL_RUN_STATES, EventKind, RunState
from orchestration.models import Run
from orchestration.selectors.runs import run_get
from orchestration.services.planning import give_up_request
from orchestration.services.recording import Lost, event_add, run_move

# Nobody works on these: they end at once. In the others the worker is asked to.
_AT_ONCE = (
    RunState.QUEUED,
    RunState.PLANNED,
    RunState.POLICY_CHECK,
    RunState.AWAITING_APPROVAL,
    RunState.APPROVED,
    RunState.APPLY_QUEUED,
)


def run_cancel(*, actor: User, run_id: int, reason: str = "") -> Run:
    """End a run: at once where nobody works on it, else as soon as its worker has stopped.

    Whoever asked for it may, and every approver.
    """
    run = run_get(run_id)
    is_own = run.requested_by_id == actor.pk and allows(Role(actor.role), Role.CONTRIBUTOR)
    if not actor.is_active or not (is_own or allows(Role(actor.role), Role.APPROVER)):
        raise Denied("A run is canceled by whoever asked for it, or by an approver.")
    why = f": {reason.strip()}" if reason.strip() else "."
    try:
        with transaction.atomic():
            # The lock: its worker goes on before us or after us, not meanwhile.
            run = Run.objects.select_for_update().get(pk=run.pk)
            _require_open(run)
            if run.state in _AT_ONCE:
                text = f"{actor.username} canceled it{why}"[:1000]
                event_add(run, EventKind.PERSON, text)
                _note(run, actor)
                run_move(run, RunState.CANCELED, reason=text)
                give_up_request(run)
            else:
                event_add(run, EventKind.PERSON, f"{actor.username} wants it canceled{why}"[:1000])
                _note(run, actor)
    except Lost:
        raise Stale("The run went on meanwhile; look at it and cancel it again.") from None
    return run_get(run_id)


def _require_open(run: Run) -> None:
    if run.state in FINAL_RUN_STATES:
        raise Refused("This run has ended already.")
    if run.state in (RunState.INDETERMINATE, RunState.RECONCILING):
        raise Refused("What this run left behind is being looked at; that takes a moment.")


def _note(run: Run, actor: User) -> None:
    Run.objects.filter(pk=run.pk, cancel_requested_at__isnull=True).update(
        cancel_requested_at=clock.now(), cancel_requested_by=actor.pk
    )

"""Another person's word on exactly one plan, and whether it still holds when it is carried out."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role, allows
from accounts.selectors import User
from common import clock
from common.errors import Denied, Refused, Stale
from orchestration.domain.plans import differences
from orchestration.domain.states import (
    GONE_STATES,
    Decision,
    EventKind,
    RunAction,
    RunState,
)
from orchestration.engines.engine import EngineFailed
from orchestration.models import Approval, Plan, Run
from orchestration.selectors.runs import run_get
from orchestration.services import jobs
from orchestration.services.planning import give_up_request
from orchestration.services.policy import (
    PUT_OFF,
    is_granted,
    is_put_off,
    over_limit,
    parts_refused,
)
from orchestration.services.recording import Lost, event_add, run_move

LONGEST_REASON = 1000
MEANWHILE = "Somebody else decided about this run meanwhile; look at it again."


def run_approve(*, actor: User, run_id: int, digest: str, reason: str = "") -> Run:
    """Let a run do what the plan with this digest says. Needs an approver who did not ask for it.

    Raises Denied, Refused where there is nothing to approve, and Stale where the plan is another
    one than the approver read.
    """
    run = _decidable(actor, run_id, digest)
    now = clock.now()
    if is_put_off(run, now):
        _went_stale(run, PUT_OFF)
        raise Stale(PUT_OFF)
    if run.plan.expires_at <= now:
        raise Refused("This plan is too old to be approved; ask for a new one.")
    try:
        changed = differences(run.plan.basis, jobs.basis_of(run))
    except EngineFailed as error:
        raise Refused(f"{error.message} {error.advice}".strip()) from None
    if changed:
        _went_stale(run, _stale_words(changed))
        raise Stale(_stale_words(changed))
    _decide(run, actor, Decision.APPROVED, reason, now)
    return run


def run_reject(*, actor: User, run_id: int, digest: str, reason: str) -> Run:
    """Refuse what a plan says, and say why. Needs an approver who did not ask for it."""
    if not reason.strip():
        raise Refused("Say why, so that whoever asked knows what to change.", "reason")
    run = _decidable(actor, run_id, digest)
    _decide(run, actor, Decision.REJECTED, reason, clock.now())
    return run


def _decidable(actor: User, run_id: int, digest: str) -> Run:
    run = run_get(run_id)
    why = why_not_approver(actor, run)
    if why:
        raise Denied(why)
    if run.state != RunState.AWAITING_APPROVAL:
        raise Refused("This run does not wait for an approval.")
    if digest != run.plan.digest:
        raise Stale("The plan is another one by now; read it again before you decide.")
    return run


def why_not_approver(actor: User, run: Run) -> str:
    """Why this person may not decide about this run; empty where they may."""
    if not actor.is_active:
        return "This account is switched off."
    if not allows(Role(actor.role), Role.APPROVER):
        return f"This needs the role approver; yours is {actor.role}."
    if actor.pk == run.requested_by_id:
        return "Whoever asks for a run does not approve it; ask another approver."
    return ""


def _decide(run: Run, actor: User, decision: Decision, reason: str, now: datetime) -> None:
    text = reason.strip()[:LONGEST_REASON]
    is_approved = decision is Decision.APPROVED
    try:
        with transaction.atomic():
            Approval.objects.create(
                run=run,
                digest=run.plan.digest,
                decision=decision.value,
                approver_id=actor.pk,
                reason=text,
                at=now,
                expires_at=run.plan.expires_at,
            )
            said = f"{actor.username} {decision.value} the plan {run.plan.digest[:19]}"
            event_add(run, EventKind.PERSON, f"{said}: {text}" if text else f"{said}.", at=now)
            run_move(run, RunState.APPROVED if is_approved else RunState.REJECTED, reason=text)
            if is_approved:
                run_move(run, RunState.APPLY_QUEUED)
            else:
                give_up_request(run)
    except (IntegrityError, Lost):
        raise Stale(MEANWHILE) from None


def why_no_longer(run: Run, now: datetime) -> tuple[RunState, str] | None:
    """What has become of the approval when a worker is to carry it out; None where it holds.

    Permission, digest, age, blueprint and target are looked at again: a lot may have happened
    since. `run` has the environment as it was read before.
    """
    if run.environment.state in GONE_STATES:
        return RunState.STALE, "The environment is gone by now."
    plan = Plan.objects.get(run=run)
    found = _approval_over(run, plan, now)
    if found is not None:
        return found
    if run.action != RunAction.DESTROY:
        verdicts = [*parts_refused(run), *over_limit(run, plan)]
        refused = [one.text for one in verdicts if one.is_refusal]
        if refused:
            return RunState.STALE, " ".join(refused)
    try:
        changed = differences(plan.basis, jobs.basis_of(run))
    except EngineFailed as error:
        return RunState.STALE, f"{error.message} {error.advice}".strip()
    return (RunState.STALE, _stale_words(changed)) if changed else None


def _approval_over(run: Run, plan: Plan, now: datetime) -> tuple[RunState, str] | None:
    if is_put_off(run, now):
        return RunState.STALE, PUT_OFF
    approval = Approval.objects.filter(run=run, decision=Decision.APPROVED.value).first()
    if approval is None and is_granted(run, now):
        return None
    if approval is None or approval.digest != plan.digest:
        return RunState.STALE, "Nobody approved this plan."
    if approval.expires_at <= now:
        return RunState.EXPIRED, "The approval is too old; plan it again."
    asked = _why_powerless(run.requested_by_id, Role.CONTRIBUTOR)
    if asked:
        return RunState.STALE, f"Whoever asked for it may not do so any more: {asked}"
    approved = _why_powerless(approval.approver_id, Role.APPROVER)
    if approved:
        return RunState.STALE, f"Whoever approved it may not do so any more: {approved}"
    return None


def _why_powerless(person: int | None, needed: Role) -> str:
    if person is None:  # the product itself asked
        return ""
    users = accounts_selectors.people_by_id([person])
    if not users or not users[0].is_active:
        return "the account is switched off."
    return "" if allows(Role(users[0].role), needed) else f"it needs the role {needed.value}."


def _went_stale(run: Run, reason: str) -> None:
    try:
        with transaction.atomic():
            run_move(run, RunState.STALE, reason=reason)
            give_up_request(run)
    except Lost:
        raise Stale(MEANWHILE) from None


def _stale_words(changed: Sequence[str]) -> str:
    names = ", ".join(changed)
    return f"Since it was planned something changed ({names}); plan it again."

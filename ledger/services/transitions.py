"""One service for each step in the life of a debt; every interface calls these."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from django.db import transaction

from accounts.domain.roles import Role
from common import clock
from common.errors import Denied, Refused, Stale
from ledger.domain import payloads
from ledger.domain.estimates import EstimateDraft, Interest
from ledger.domain.evidence import (
    EvidenceDraft,
    require_merge_evidence,
    require_verification,
)
from ledger.domain.history import Json
from ledger.domain.lifecycle import TRANSITIONS, Action, objections
from ledger.domain.policy import Policy
from ledger.domain.promises import require_extension
from ledger.domain.reconciliation import reopened
from ledger.domain.reminders import require_snooze
from ledger.domain.terms import MERGE_EVIDENCE, CommitmentKind, Confidence, EvidenceKind, Resolution
from ledger.domain.texts import line, paragraph
from ledger.models import DebtItem
from ledger.selectors.ceilings import standing_under
from ledger.selectors.exits import exit_verdict
from ledger.selectors.item_state import fields_of
from ledger.selectors.items import debt_get, latest_estimate
from ledger.selectors.policies import policy_in_force
from ledger.services.actors import Actor, asker_for, require_role, signature_of
from ledger.services.inputs import reason_checked
from ledger.services.merges import merge_checked
from ledger.services.recorder import STALE, Change, changes_record, item_lock

Details = Callable[[DebtItem, Policy], Json]


def debt_activate(*, actor: Actor, item_id: int, expected_version: int | None = None) -> DebtItem:
    """Accept a proposed debt. Needs an approver, and an item that meets every guard."""
    return _step(Action.ACTIVATE, actor, item_id, expected_version, lambda _item, _policy: {})


def debt_extend(
    *,
    actor: Actor,
    item_id: int,
    due_on: date,
    reason: str,
    interest: Interest,
    expected_version: int | None = None,
) -> DebtItem:
    """Promise a later date, with a reason and what waiting costs by now.

    Needs an approver who does not own the debt; the second time, an admin.
    """
    text = reason_checked(reason)

    def details(item: DebtItem, policy: Policy) -> Json:
        require_extension(
            due_on=due_on,
            promised=item.due_on,
            today=clock.today(),
            confidence=Confidence(item.confidence),
            longest_terms=policy.longest_terms,
        )
        return {
            "commitment": payloads.commitment(
                kind=CommitmentKind.EXTENSION,
                due_on=due_on,
                reason=text,
                interest=interest,
                approver=signature_of(actor).id,
            ),
            "estimate": payloads.estimate(EstimateDraft(interest=interest), latest_estimate(item)),
        }

    return _step(Action.EXTEND, actor, item_id, expected_version, details)


def debt_start_repayment(
    *, actor: Actor, item_id: int, expected_version: int | None = None
) -> DebtItem:
    """The team has begun to pay. Needs a contributor."""
    return _step(
        Action.START_REPAYMENT, actor, item_id, expected_version, lambda _item, _policy: {}
    )


def debt_repay(
    *, actor: Actor, item_id: int, evidence: EvidenceDraft, expected_version: int | None = None
) -> DebtItem:
    """The repayment is merged, as the evidence shows. Needs a contributor.

    A named commit is looked up in the default branch of an analysed repository. That may take Git
    a while, so it happens before the item is locked; the guards hold again under the lock.
    """
    seen = debt_get(item_id)
    if expected_version is not None and seen.version != expected_version:
        raise Stale(STALE)
    _require_unopposed(Action.REPAY, seen, actor)
    evidence = merge_checked(seen, _clean(evidence))
    return debt_repay_merged(
        actor=actor, item_id=item_id, evidence=evidence, expected_version=expected_version
    )


def debt_repay_merged(
    *, actor: Actor, item_id: int, evidence: EvidenceDraft, expected_version: int | None = None
) -> DebtItem:
    """The same for a commit that was read from the default branch: Git is not asked again."""

    def details(item: DebtItem, _policy: Policy) -> Json:
        require_merge_evidence(evidence, is_annotation_gone=item.present is False)
        return {
            "set": {
                "resolution": Resolution.PAID.value,
                "repaid_on": clock.today().isoformat(),
            },
            "evidence": payloads.evidence(evidence),
        }

    return _step(Action.REPAY, actor, item_id, expected_version, details)


def debt_verify(
    *, actor: Actor, item_id: int, evidence: EvidenceDraft, expected_version: int | None = None
) -> DebtItem:
    """The exit condition holds, as measured (contributor) or as a reviewer says (approver).

    A condition that can be measured is looked up in the newest snapshot, and its figure is kept.
    """
    evidence = _clean(evidence)
    require_verification(evidence)
    if evidence.kind is EvidenceKind.REVIEWER:
        require_role(actor, Role.APPROVER)
        evidence = EvidenceDraft(evidence.kind, signature_of(actor).name, evidence.note)

    def details(item: DebtItem, _policy: Policy) -> Json:
        measured = evidence.kind is EvidenceKind.MEASUREMENT
        return {"evidence": payloads.evidence(_measured(item, evidence) if measured else evidence)}

    return _step(Action.VERIFY, actor, item_id, expected_version, details)


def _measured(item: DebtItem, evidence: EvidenceDraft) -> EvidenceDraft:
    """The evidence with what was measured; Refused when the measurement says otherwise."""
    if item.present:
        raise Refused(
            "The annotation still stands in the default branch; remove it, or let a reviewer "
            "verify the repayment.",
            "evidence",
        )
    found = exit_verdict(item)
    if found is None:
        return evidence
    if not found.holds:
        raise Refused(
            f"The exit condition does not hold: {found.sentence} Analyse the repository if that "
            "is not the newest commit, or let a reviewer verify the repayment.",
            "evidence",
        )
    return replace(evidence, note=f"{evidence.note}\n{found.sentence}")


def debt_write_off(
    *, actor: Actor, item_id: int, reason: str, expected_version: int | None = None
) -> DebtItem:
    """Give up repayment for good. Needs an approver who does not own the debt."""
    return _with_reason(Action.WRITE_OFF, actor, item_id, expected_version, reason)


def debt_reject(
    *, actor: Actor, item_id: int, reason: str, expected_version: int | None = None
) -> DebtItem:
    """Decline a proposed debt. Needs an approver."""
    return _with_reason(Action.REJECT, actor, item_id, expected_version, reason)


def debt_roll_back(
    *, actor: Actor, item_id: int, reason: str, expected_version: int | None = None
) -> DebtItem:
    """The change that brought the debt was taken back. Needs an approver."""
    text = reason_checked(reason)

    def details(item: DebtItem, _policy: Policy) -> Json:
        return {"set": {"closed_from": item.state}, "reason": text}

    return _step(Action.ROLL_BACK, actor, item_id, expected_version, details)


def debt_reopen(
    *, actor: Actor, item_id: int, reason: str, expected_version: int | None = None
) -> DebtItem:
    """The debt is back: paid debt relapses, debt that only went away is as it was before."""
    text = reason_checked(reason)

    def details(item: DebtItem, _policy: Policy) -> Json:
        return {"set": reopened(fields_of(item)), "reason": text}

    return _step(Action.REOPEN, actor, item_id, expected_version, details)


def debt_escalate(
    *, actor: Actor, item_id: int, reason: str, expected_version: int | None = None
) -> DebtItem:
    """Ask the leadership to decide; the state stays. Needs a contributor."""
    return _with_reason(Action.ESCALATE, actor, item_id, expected_version, reason)


def debt_review(
    *, actor: Actor, item_id: int, note: str, expected_version: int | None = None
) -> DebtItem:
    """Put one's name to a decision that cannot be undone, with what one looked at.

    Needs an approver who does not own the debt.
    """
    text = paragraph(note, "note", 2_000)
    if not text:
        raise Refused("Say what you looked at and what you think of it.", "note")

    def details(_item: DebtItem, _policy: Policy) -> Json:
        return {"set": {"reviewer": signature_of(actor).name, "review_note": text}}

    return _step(Action.REVIEW, actor, item_id, expected_version, details)


def debt_acknowledge(
    *, actor: Actor, item_id: int, via: str = "", expected_version: int | None = None
) -> DebtItem:
    """Somebody has seen that the promise comes due and takes care. Needs a contributor.

    `via` names where it was said, such as a chat service; empty for the product's own interfaces.
    """

    def details(_item: DebtItem, _policy: Policy) -> Json:
        seen = {"seen_by": signature_of(actor).name, "seen_at": clock.now().isoformat()}
        return {"set": seen, **_said_in(via)}

    return _step(Action.ACKNOWLEDGE, actor, item_id, expected_version, details)


def debt_snooze(
    *,
    actor: Actor,
    item_id: int,
    until: date,
    via: str = "",
    expected_version: int | None = None,
) -> DebtItem:
    """Ask not to be reminded before a day that is near. Needs a contributor.

    The promise itself stays as it is, and everybody sees who put the reminder off.
    """
    require_snooze(until=until, today=clock.today())

    def details(item: DebtItem, _policy: Policy) -> Json:
        put_off = {
            "snoozed_by": signature_of(actor).name,
            "snoozed_until": until.isoformat(),
            "snoozes": item.snoozes + 1,
        }
        return {"set": put_off, **_said_in(via)}

    return _step(Action.SNOOZE, actor, item_id, expected_version, details)


def _said_in(via: str) -> Json:
    return {"via": line(via, "via", 40)} if via else {}


def _with_reason(
    action: Action, actor: Actor, item_id: int, expected_version: int | None, reason: str
) -> DebtItem:
    text = reason_checked(reason)
    return _step(action, actor, item_id, expected_version, lambda _item, _policy: {"reason": text})


def _step(
    action: Action,
    actor: Actor,
    item_id: int,
    expected_version: int | None,
    details: Details,
) -> DebtItem:
    """Lock the item, ask the guards, add the details, write."""
    transition = TRANSITIONS[action]
    with transaction.atomic():
        item = item_lock(item_id, expected_version)
        policy = _require_unopposed(action, item, actor)
        # Which policy the guards of this step were taken from.
        payload = {**details(item, policy), "policy": policy.version}
        if transition.target is not None:
            payload["set"] = {"state": transition.target.value, **payload.get("set", {})}
        changes_record(
            [Change(item, transition.event, payload)],
            signature=signature_of(actor),
            at=clock.now(),
        )
    return debt_get(item_id)


def _require_unopposed(action: Action, item: DebtItem, actor: Actor) -> Policy:
    """Raise everything that stands against the action in one message; a denial comes first.

    Returns the policy that it was held against.
    """
    policy = policy_in_force(repository_id=item.repository_id)
    standing, asker = standing_under(item, policy), asker_for(actor, item.owner)
    found = objections(action, standing, asker, clock.today(), policy)
    denials = [objection for objection in found if objection.is_denial]
    if denials:
        raise Denied(" ".join(objection.message for objection in denials))
    if found:
        raise Refused(" ".join(objection.message for objection in found), found[0].field)
    return policy


def _clean(evidence: EvidenceDraft) -> EvidenceDraft:
    reference = line(evidence.reference, "reference", 200)
    return EvidenceDraft(
        EvidenceKind(evidence.kind),
        reference.lower() if evidence.kind in MERGE_EVIDENCE else reference,
        paragraph(evidence.note, "note", 2_000),
    )

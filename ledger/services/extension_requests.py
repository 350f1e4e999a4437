"""Asking for extensions, deciding on them, and settling what commits could not do."""

from datetime import date

from django.db import transaction

from accounts.domain.roles import Role
from common import clock
from common.errors import Denied, NotFound, Refused
from ledger.domain.estimates import Interest
from ledger.domain.lifecycle import words
from ledger.domain.promises import require_extension
from ledger.domain.requests import RequestState
from ledger.domain.terms import ACCEPTED_STATES, Confidence, State
from ledger.models import DebtItem, ExtensionRequest, TrailerNotice
from ledger.selectors.policies import policy_in_force
from ledger.services.actors import Actor, asker_for, require_role, signature_of
from ledger.services.inputs import reason_checked
from ledger.services.recorder import item_lock
from ledger.services.transitions import debt_extend


def extension_ask(*, actor: Actor, item_id: int, due_on: date, reason: str) -> ExtensionRequest:
    """Ask for a later day; an approver who does not own the debt decides. Needs a contributor.

    While a request of a person is open, another one replaces it: the newest wish counts.
    """
    text = reason_checked(reason)
    require_role(actor, Role.CONTRIBUTOR)
    signature = signature_of(actor)
    with transaction.atomic():
        item = item_lock(item_id, None)
        if State(item.state) not in ACCEPTED_STATES:
            raise Refused(
                f"This item is {words(State(item.state))}; only active or repaying debt has a "
                "promise to extend.",
                "state",
            )
        policy = policy_in_force(repository_id=item.repository_id)
        require_extension(
            due_on=due_on,
            promised=item.due_on,
            today=clock.today(),
            confidence=Confidence(item.confidence),
            longest_terms=policy.longest_terms,
        )
        request, _is_new = ExtensionRequest.objects.update_or_create(
            item=item,
            commit="",
            state=RequestState.OPEN.value,
            defaults={
                "asked_by_id": signature.id,
                "author": signature.name,
                "due_on": due_on,
                "reason": text,
                "requested_at": clock.now(),
            },
        )
    return request


def extension_accept(
    *,
    actor: Actor,
    request_id: int,
    interest: Interest,
    expected_version: int | None = None,
) -> DebtItem:
    """Extend the promise as the commit asked. Every rule of an extension holds.

    Raises Refused when somebody has decided already.
    """
    with transaction.atomic():
        request = _open_request(request_id)
        item = debt_extend(
            actor=actor,
            item_id=request.item_id,
            due_on=request.due_on,
            reason=request.reason,
            interest=interest,
            expected_version=expected_version,
        )
        _decide(request, actor, RequestState.ACCEPTED, "")
    return item


def extension_refuse(*, actor: Actor, request_id: int, reason: str) -> ExtensionRequest:
    """Keep the promise as it is. Needs an approver who does not own the debt, and a reason."""
    text = reason_checked(reason)
    require_role(actor, Role.APPROVER)
    with transaction.atomic():
        request = _open_request(request_id)
        if asker_for(actor, request.item.owner).is_owner:
            raise Denied(
                f"You own this debt as {request.item.owner}; another approver has to decide."
            )
        _decide(request, actor, RequestState.REFUSED, text)
    return request


def notice_settle(*, actor: Actor, notice_id: int) -> TrailerNotice:
    """Take a notice off the list: its author knows. Needs a contributor; harmless when settled."""
    require_role(actor, Role.CONTRIBUTOR)
    TrailerNotice.objects.filter(pk=notice_id, settled_at=None).update(
        settled_at=clock.now(), settled_by_id=signature_of(actor).id
    )
    notice = TrailerNotice.objects.filter(pk=notice_id).first()
    if notice is None:
        raise NotFound("There is no such notice.")
    return notice


def _open_request(request_id: int) -> ExtensionRequest:
    # Only its own row: what the debt's row allows is asked under its own lock.
    rows = ExtensionRequest.objects.select_related("item").select_for_update(of=("self",))
    request = rows.filter(pk=request_id).first()
    if request is None:
        raise NotFound("There is no such request for an extension.")
    if request.state != RequestState.OPEN:
        raise Refused(f"Somebody else has {request.state} this request already.", "state")
    return request


def _decide(request: ExtensionRequest, actor: Actor, state: RequestState, answer: str) -> None:
    request.state = state.value
    request.decided_at = clock.now()
    request.decided_by_id = signature_of(actor).id
    request.answer = answer
    request.save(update_fields=["state", "decided_at", "decided_by", "answer"])

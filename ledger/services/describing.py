"""Recording a debt and describing it: everything about it except its promises and its state."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.roles import Role
from common import clock
from common.errors import Denied, Refused
from ledger.domain import payloads
from ledger.domain.estimates import EstimateDraft
from ledger.domain.history import Json, after
from ledger.domain.lifecycle import NEEDED_IMPACT_LEVEL
from ledger.domain.plans import PlanDraft, require_sound
from ledger.domain.promises import require_future
from ledger.domain.terms import (
    CLOSED_STATES,
    CommitmentKind,
    EventType,
    Origin,
    Reversibility,
    State,
)
from ledger.domain.texts import paragraph
from ledger.models import DebtItem
from ledger.selectors.item_state import fields_of
from ledger.selectors.items import debt_get, latest_estimate
from ledger.selectors.statements import bindings_of, grounded, place_of, stored_bindings
from ledger.services.actors import Actor, asker_for, require_role, signature_of
from ledger.services.inputs import checked
from ledger.services.recorder import Change, changes_record, item_lock, item_new

MOST_IMPACT = 2_000


def debt_record(
    *,
    actor: Actor,
    title: str,
    owner: str,
    due_on: date,
    text: str = "",
    repository_id: int | None = None,
    slug: str = "",
    severity: str = "medium",
    system: str = "",
    confidence: str = "medium",
    quadrant: str = "",
    containment: str = "",
    reversibility: str = "",
    exit_condition: str = "",
    external_reference: str = "",
    path: str = "",
    line: int | None = None,
    impact: str = "",
    estimate: EstimateDraft | None = None,
    plan: PlanDraft | None = None,
    origin: str = Origin.MANUAL,
    bindings: Sequence[str] = (),
) -> DebtItem:
    """Record a debt as proposed. Needs a contributor.

    `bindings` are the tokens of the sentences in the impact that were offered with evidence.
    Raises Refused when an input is not acceptable, the date is over, or the id is taken.
    """
    require_role(actor, Role.CONTRIBUTOR)
    now = clock.now()
    said = {
        "title": title, "owner": owner, "text": text, "slug": slug, "severity": severity,
        "system": system, "confidence": confidence, "quadrant": quadrant,
        "containment": containment, "reversibility": reversibility, "path": path,
        "exit_condition": exit_condition, "external_reference": external_reference,
        "origin": origin,
    }  # fmt: skip
    place = {"repository": repository_id, "path": path, "due_on": due_on.isoformat()}
    parts = described(impact or None, estimate, plan, fields=place, bindings=bindings)
    change = recording(said, due_on, parts, repository_id=repository_id, line=line, now=now)
    return _recorded(change, actor, now)


def recording(
    said: Json,
    due_on: date,
    parts: Json,
    *,
    repository_id: int | None,
    line: int | None,
    now: datetime,
) -> Change:
    """What records a new debt, not written yet: for `debt_record` and for many at once.

    Raises Refused when an input is not acceptable or the date is over.
    """
    require_future(due_on, clock.today())
    payload: Json = {
        "set": {
            **checked(said),
            "repository": repository_id,
            "state": State.PROPOSED.value,
            "recorded_at": now.isoformat(),
        },
        "commitment": payloads.commitment(kind=CommitmentKind.PROMISE, due_on=due_on),
        **parts,
    }
    item = item_new()
    item.line = line
    return Change(item, EventType.RECORDED, payload)


def _recorded(change: Change, actor: Actor, now: datetime) -> DebtItem:
    fields = change.payload["set"]
    try:
        with transaction.atomic():
            changes_record([change], signature=signature_of(actor), at=now)
    except IntegrityError:
        if not _slug_is_taken(fields["repository"], fields["slug"]):
            raise
        raise Refused(
            f"The id '{fields['slug']}' is taken in this repository; choose another.", "slug"
        ) from None
    return debt_get(change.item.pk)


def debt_describe(
    *,
    actor: Actor,
    item_id: int,
    expected_version: int | None = None,
    title: str | None = None,
    text: str | None = None,
    owner: str | None = None,
    severity: str | None = None,
    system: str | None = None,
    confidence: str | None = None,
    quadrant: str | None = None,
    containment: str | None = None,
    reversibility: str | None = None,
    exit_condition: str | None = None,
    external_reference: str | None = None,
    due_on: date | None = None,
    impact: str | None = None,
    estimate: EstimateDraft | None = None,
    plan: PlanDraft | None = None,
    bindings: Sequence[str] = (),
) -> DebtItem:
    """Change what is said about a debt; None leaves a part as it is. Needs a contributor.

    A new date is a revision while the debt is only proposed; afterwards it takes an extension.
    Raises Refused for a closed item or an input that is not acceptable, and Stale.
    """
    require_role(actor, Role.CONTRIBUTOR)
    given = checked(
        {
            "title": title, "text": text, "owner": owner, "severity": severity, "system": system,
            "confidence": confidence, "quadrant": quadrant, "containment": containment,
            "reversibility": reversibility, "exit_condition": exit_condition,
            "external_reference": external_reference,
        }
    )  # fmt: skip
    with transaction.atomic():
        item = item_lock(item_id, expected_version)
        fields = {} if due_on is None else {"due_on": due_on.isoformat()}
        parts = described(impact, estimate, plan, item, fields=fields, bindings=bindings)
        if change := describing(item, given, due_on, parts, actor):
            changes_record([change], signature=signature_of(actor), at=clock.now())
    return debt_get(item_id)


def describing(
    item: DebtItem, given: Json, due_on: date | None, parts: Json, actor: Actor
) -> Change | None:
    """What describes a locked item anew, not written yet; None when nothing is new.

    Raises Refused and Denied as `debt_describe` does.
    """
    payload = _description(item, given, due_on, parts)
    _require_acceptable(item, payload, actor)
    return Change(item, EventType.DESCRIBED, payload) if payload else None


def _description(item: DebtItem, given: dict[str, Any], due_on: date | None, parts: Json) -> Json:
    if item.state in CLOSED_STATES:
        raise Refused("This debt is closed; reopen it before changing it.", "state")
    changes = {name: value for name, value in given.items() if getattr(item, name) != value}
    payload: Json = {"set": changes} if changes else {}
    if due_on is not None and due_on != item.due_on:
        if item.state != State.PROPOSED:
            raise Refused("An accepted promise gets a new date only by an extension.", "due_on")
        require_future(due_on, clock.today())
        payload["commitment"] = payloads.commitment(kind=CommitmentKind.REVISION, due_on=due_on)
    return {**payload, **parts}


def _require_acceptable(item: DebtItem, payload: Json, actor: Actor) -> None:
    """What the acceptance of a debt rested on does not change behind the approver's back."""
    if item.state == State.PROPOSED:
        return
    changes = payload.get("set", {})
    if "confidence" in changes:
        raise Refused(
            "The confidence of accepted debt is fixed, since its longest term follows from it.",
            "confidence",
        )
    if "owner" in changes:
        require_role(actor, Role.APPROVER)
        # Else an owner could hand the debt over and then extend it or write it off.
        if asker_for(actor, item.owner).is_owner:
            raise Denied(
                f"You own this debt as {item.owner}; another approver has to change its owner."
            )
    if "reversibility" in changes and item.reversibility == Reversibility.ONE_WAY:
        # Else it would leave the list of what nobody has reviewed on a contributor's word.
        require_role(actor, Role.APPROVER)
        if asker_for(actor, item.owner).is_owner:
            raise Denied(
                f"You own this debt as {item.owner}; another approver has to say that it can be "
                "undone."
            )
    fields = after(fields_of(item), payload)
    if "statement" in payload and fields["impact_level"] < NEEDED_IMPACT_LEVEL:
        raise Refused(
            "Accepted debt keeps an impact with a number, its evidence and a time frame (level "
            "L2).",
            "impact",
        )
    if "plan" in payload and fields["plan_milestones"] < 1:
        raise Refused("Accepted debt keeps a plan with at least one milestone.", "plan")


def described(
    impact: str | None,
    estimate: EstimateDraft | None,
    plan: PlanDraft | None,
    item: DebtItem | None = None,
    *,
    fields: Json | None = None,
    bindings: Sequence[str] = (),
) -> Json:
    """The parts of an event's payload for what is said besides the plain fields.

    `fields` are those that change in the same step, as plain values; `bindings` the evidence of
    the sentences in the impact, as they were offered.
    """
    parts: Json = {}
    if estimate is not None and not estimate.is_empty:
        parts["estimate"] = payloads.estimate(estimate, latest_estimate(item))
    if impact is not None:
        text = paragraph(impact, "impact", MOST_IMPACT)
        if item is None or text != item.impact or bindings:
            costs = parts.get("estimate") or latest_estimate(item)
            parts["statement"] = _statement(text, item, fields or {}, costs, bindings)
    if plan is not None:
        require_sound(plan)
        parts["plan"] = payloads.plan(plan, item.needs if item else ())
    return parts


def _statement(
    text: str,
    item: DebtItem | None,
    fields: Json,
    costs: Json | None,
    tokens: Sequence[str],
) -> Json:
    known = {**(fields_of(item) if item else {}), **fields}
    about = place_of(known.get("repository"), known.get("path") or "")
    offered = bindings_of(tokens, about)
    if item is not None:
        offered += stored_bindings(item)
    grounds, kept = grounded(text, known, costs, offered)
    return payloads.statement(text, grounds, kept)


def _slug_is_taken(repository_id: int | None, slug: str) -> bool:
    if repository_id is None:
        return False
    return DebtItem.objects.filter(repository_id=repository_id, slug=slug).exists()

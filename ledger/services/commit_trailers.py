"""Acting on the trailers of new commits, through the services that people use.

Call these inside the transaction that registers the commits: a trailer is acted on once. What
cannot be done becomes a notice for the commit's author, never an error of the registration.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import transaction

from common import clock
from common.errors import DisplaceError, Refused
from ledger.domain import payloads
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.lifecycle import words
from ledger.domain.reconciliation import reopened, title_of
from ledger.domain.requests import RequestState
from ledger.domain.terms import (
    ACCEPTED_STATES,
    OPEN_STATES,
    CommitmentKind,
    Confidence,
    EventType,
    EvidenceKind,
    Origin,
    Resolution,
    Severity,
    State,
)
from ledger.domain.texts import FORBIDDEN, day_words, paragraph
from ledger.domain.trailers import Act, BadTrailer, TrailerKind, line_of
from ledger.models import DebtEvent, DebtItem, ExtensionRequest, TrailerNotice
from ledger.selectors.item_state import fields_of
from ledger.services.actors import SYSTEM, signature_of
from ledger.services.inputs import checked
from ledger.services.recorder import Change, changes_record, item_new
from ledger.services.transitions import (
    debt_reopen,
    debt_repay_merged,
    debt_roll_back,
    debt_start_repayment,
)


def payments_first(*, repository_id: int, acts: Iterable[Act]) -> tuple[Act, ...]:
    """Pay what the commits pay of the debts known before; returns the acts that are left.

    Before the tree is looked at: debt whose annotation goes with its payment is paid, not merely
    removed.
    """
    left: list[Act] = []
    met: set[str] = set()
    for act in acts:
        slug = act.trailer.slug
        is_payment = act.trailer.kind is TrailerKind.PAID and not act.is_undone
        item = _item(repository_id, slug) if is_payment and slug not in met else None
        met.add(slug)
        if item is not None and item.state in ACCEPTED_STATES:
            _attempt(repository_id, act)
        else:
            left.append(act)
    return tuple(left)


def trailers_apply(
    *,
    repository_id: int,
    acts: Iterable[Act],
    bad: Iterable[tuple[str, str, BadTrailer]],
) -> None:
    """Act on trailers in the order of their commits, and list those that cannot be read."""
    for act in acts:
        _attempt(repository_id, act)
    for commit, author, found in bad:
        _notice(repository_id, (commit, author), found.kind, found.line, found.reason)


def _attempt(repository_id: int, act: Act) -> None:
    try:
        with transaction.atomic():
            _STEPS[act.trailer.kind](repository_id, act)
    except DisplaceError as error:
        trailer = act.trailer
        origin = (act.commit, act.author)
        _notice(repository_id, origin, trailer.kind, line_of(trailer), error.message)


def _debt(repository_id: int, act: Act) -> None:
    item = _item(repository_id, act.trailer.slug)
    if item is None:
        if not act.is_undone:
            _record(repository_id, act)
        return
    if item.present is not None:
        return  # it has a place in code, and the tree says what becomes of it
    reason = f"Commit {act.commit} names it again."
    match State(item.state):
        case state if act.is_undone:
            if state in OPEN_STATES and item.origin == Origin.TRAILER:
                text = f"Commit {act.commit} takes back the one that brought this debt."
                debt_roll_back(actor=SYSTEM, item_id=item.pk, reason=text)
        case State.REPAID | State.VERIFIED:
            debt_reopen(actor=SYSTEM, item_id=item.pk, reason=reason)
        case State.ROLLED_BACK if _was_ours(item):
            payload = {"set": reopened(fields_of(item)), "reason": reason}
            changes_record(
                [Change(item, EventType.REOPENED, payload)],
                signature=signature_of(SYSTEM),
                at=clock.now(),
            )
        case State.ROLLED_BACK | State.REJECTED | State.WRITTEN_OFF as state:
            raise Refused(
                f"Somebody decided that this debt is {words(state)}: choose another id if it is "
                "owed again."
            )


def _paid(repository_id: int, act: Act) -> None:
    item = _known(repository_id, act)
    state = State(item.state)
    if act.is_undone:
        if state in (State.REPAID, State.VERIFIED) and _is_paid_by(item, act.source):
            text = f"Commit {act.commit} takes back the one that repaid it."
            debt_reopen(actor=SYSTEM, item_id=item.pk, reason=text)
        return
    if state in (State.REPAID, State.VERIFIED):
        if item.resolution == Resolution.REMOVED:
            raise Refused(
                "Its annotation was removed before, so it counts as removed: reopen it and name "
                "this commit if it was paid."
            )
        return
    if state is State.PROPOSED:
        raise Refused("This debt is not accepted yet: accept it, then name this commit.")
    if state is State.ACTIVE:
        debt_start_repayment(actor=SYSTEM, item_id=item.pk)
    evidence = EvidenceDraft(
        EvidenceKind.TRAILER,
        act.commit,
        paragraph(act.trailer.text, "text", 2_000) or "Paid, as the commit says.",
    )
    debt_repay_merged(actor=SYSTEM, item_id=item.pk, evidence=evidence)


def _extend(repository_id: int, act: Act) -> None:
    item = _known(repository_id, act)
    due_on = act.trailer.due_on
    if act.is_undone:
        asked = ExtensionRequest.objects.filter(item=item, commit=act.source)
        asked.filter(state=RequestState.OPEN).delete()
        return
    if item.state == State.PROPOSED:
        raise Refused("This debt is not accepted yet: change its date in the register.")
    if item.state not in ACCEPTED_STATES:
        raise Refused(f"This debt is {words(State(item.state))}; there is nothing to extend.")
    if due_on is None or due_on <= item.due_on:
        raise Refused(f"It is promised for {day_words(item.due_on)} already; name a later day.")
    ExtensionRequest.objects.get_or_create(
        item=item,
        commit=act.commit,
        due_on=due_on,
        defaults={
            "author": _shown(act.author)[:200],
            "reason": paragraph(act.trailer.text, "reason", 2_000),
            "requested_at": clock.now(),
        },
    )


_STEPS: Mapping[TrailerKind, Callable[[int, Act], None]] = {
    TrailerKind.DEBT: _debt,
    TrailerKind.PAID: _paid,
    TrailerKind.EXTEND: _extend,
}


def _record(repository_id: int, act: Act) -> None:
    """Debt with no place in code; its day may be over, since it counts from when it was named."""
    trailer = act.trailer
    now: datetime = clock.now()
    text = paragraph(trailer.text, "text", 2_000)
    payload = {
        "set": {
            "repository": repository_id,
            "slug": trailer.slug,
            "origin": Origin.TRAILER.value,
            "state": State.PROPOSED.value,
            "title": title_of(text),
            "text": text,
            **checked({"owner": trailer.owner}),
            "severity": Severity.MEDIUM.value,
            "confidence": Confidence.MEDIUM.value,
            "recorded_at": now.isoformat(),
        },
        "commitment": payloads.commitment(
            kind=CommitmentKind.PROMISE,
            due_on=trailer.due_on or clock.today(),
        ),
        "head": act.commit,
        "reason": f"Named by {_shown(act.author)} in commit {act.commit}.",
    }
    changes_record(
        [Change(item_new(), EventType.RECORDED, payload)], signature=signature_of(SYSTEM), at=now
    )


def _item(repository_id: int, slug: str) -> DebtItem | None:
    return DebtItem.objects.filter(repository_id=repository_id, slug=slug).first()


def _known(repository_id: int, act: Act) -> DebtItem:
    item = _item(repository_id, act.trailer.slug)
    if item is None:
        raise Refused(f"There is no debt '{act.trailer.slug}' in this repository; check the id.")
    return item


def _was_ours(item: DebtItem) -> bool:
    """Whether the product itself, not a person, took the last step."""
    last = DebtEvent.objects.filter(item=item).order_by("-sequence").first()
    return last is not None and last.actor_id is None


def _is_paid_by(item: DebtItem, commit: str) -> bool:
    last = item.evidence.order_by("-sequence").filter(kind=EvidenceKind.TRAILER).first()
    return last is not None and last.reference == commit


def _notice(
    repository_id: int, origin: tuple[str, str], kind: TrailerKind, line: str, reason: str
) -> None:
    commit, author = origin
    TrailerNotice.objects.get_or_create(
        repository_id=repository_id,
        commit=commit,
        line=_shown(line)[:300],
        defaults={
            "author": _shown(author)[:200],
            "kind": kind.value,
            "reason": reason[:500],
            "found_at": clock.now(),
        },
    )


def _shown(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)

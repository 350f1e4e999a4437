"""The page of one debt: what was promised, what it costs, what shows it, what happened."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from ledger.domain import lifecycle
from ledger.domain.stages import LONGEST_LEAD
from ledger.domain.terms import ACCEPTED_STATES, Reversibility, State
from ledger.selectors import (
    Action,
    DebtDetail,
    actions_for,
    broken_event,
    debt_detail,
    extension_requests,
    policy_in_force,
)
from ledger.web.evidence import CodeEvidence, code_evidence
from ledger.web.forms.debts import WORDS
from ledger.web.lookup import event_line, item_or_404
from ledger.web.panels import panels_of
from ledger.web.policy_notices import policy_notices
from ledger.web.price import price_context
from ledger.web.wordings import wording_context
from ledger.web.words import due_words, range_words, times_words, tone_of

# The step that an item of each state waits for; drawn as the page's one primary button.
NEXT_STEP = {
    "proposed": "activate",
    "active": "start-repayment",
    "repaying": "repay",
    "repaid": "verify",
}
# Beyond this the page shows only the newest.
MOST_EVENTS = 100
# Answers to a reminder; there is none yet where the day is far.
REMINDED = (lifecycle.Action.ACKNOWLEDGE, lifecycle.Action.SNOOZE)
GRAVE = ("write-off", "reject", "roll-back")


@require_safe
def item(request: HttpRequest, reference: str) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    found = item_or_404(reference)
    if found.reference != reference:
        return redirect("ledger:item", found.reference)
    detail = debt_detail(found.pk)
    policy = policy_in_force(repository_id=detail.item.repository_id)
    actions = [
        action for action in actions_for(user, detail.item, policy) if _is_offered(action, detail)
    ]
    may_extend = any(action.name == "extend" and action.allowed for action in actions)
    is_promised = State(detail.item.state) in ACCEPTED_STATES
    next_step = NEXT_STEP.get(detail.item.state, "")
    code = code_evidence(detail.item)
    newest = detail.estimates[-1] if detail.estimates else None
    context = {
        **item_context(detail),
        **price_context(detail),
        "panels": panels_of(request, detail.item, user),
        "actions": actions,
        "requests": extension_requests(found.pk),
        "policy_notices": policy_notices(detail.item, policy),
        "allowed": sorted(
            (action for action in actions if action.allowed),
            key=lambda action: action.name != next_step,
        ),
        "refused": [action for action in actions if not action.allowed],
        "next_step": next_step,
        "grave": GRAVE,
        "may_write": user.may(Role.CONTRIBUTOR),
        # Who may not extend the promise can still ask.
        "may_ask": is_promised and not may_extend and user.may(Role.CONTRIBUTOR),
        "blockers": _blockers(actions, next_step) if user.may(Role.CONTRIBUTOR) else (),
        "code": code,
        "changes_note": _changes_note(code),
        "milestones": detail.plan.milestones.all() if detail.plan else (),
        "needs": [WORDS[need] for need in detail.item.needs],
        "estimate": newest,
        "basis_words": WORDS.get(newest.basis, newest.basis) if newest else "",
        "kinds": _kinds(detail),
        **wording_context(detail),
        "history": [event_line(event) for event in reversed(detail.events[-MOST_EVENTS:])],
        "most_events": MOST_EVENTS,
        "chain_break": broken_event(detail.item, detail.events),
    }
    return render(request, "ledger/item.html", context)


def _is_offered(action: Action, detail: DebtDetail) -> bool:
    """Whether a step is worth a word: no review that nothing asks for, no far reminder."""
    if action.name == lifecycle.Action.REVIEW:
        return bool(detail.item.reversibility == Reversibility.ONE_WAY)
    if action.name in REMINDED:
        return detail.days_left is not None and detail.days_left <= LONGEST_LEAD.days
    return True


@require_safe
def named(request: HttpRequest, repository: str, slug: str) -> HttpResponse:
    """Go to the item that an annotation's id stands for."""
    return redirect("ledger:item", item_or_404(f"{repository}/{slug}").reference)


def item_context(detail: DebtDetail) -> dict[str, Any]:
    """What every page about one item shows at its top."""
    left = detail.days_left
    return {
        "detail": detail,
        "item": detail.item,
        "due": due_words(left) if left is not None else "",
        "due_tone": tone_of(detail.timing),
        "extended": times_words(detail.item.extensions) if detail.item.extensions else "",
        "interest": range_words(detail.item.known_p10, detail.item.known_p90),
    }


def _changes_note(code: CodeEvidence | None) -> str:
    recent = code.figures.revisions_recent if code and code.figures else None
    return f"{recent} in the last 180 days" if recent is not None else ""


def _kinds(detail: DebtDetail) -> list[tuple[str, str]]:
    """What kind of debt it is, as far as somebody has said."""
    said = (
        ("Came about", detail.item.quadrant),
        ("Reach", detail.item.containment),
        ("Undoing it", detail.item.reversibility),
    )
    return [(label, WORDS.get(value, value)) for label, value in said if value]


def _blockers(actions: Sequence[Action], next_step: str) -> Sequence[str]:
    """What keeps the item from its next step."""
    return next((one.reasons for one in actions if one.name == next_step and not one.allowed), ())

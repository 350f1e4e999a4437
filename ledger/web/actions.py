"""Doing something with a debt: one page for each action, one service call behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.domain.roles import Role
from accounts.web.access import require_role
from common.errors import Denied, Refused, Stale
from ledger import services
from ledger.domain.lifecycle import Action
from ledger.models import DebtItem
from ledger.selectors import actions_for, debt_detail
from ledger.web.forms.actions import (
    ActionForm,
    ExtendForm,
    ReasonForm,
    RepayForm,
    ReviewForm,
    SnoozeForm,
    VerifyForm,
)
from ledger.web.forms.refusals import show_refusal
from ledger.web.item import GRAVE, item_context
from ledger.web.lookup import accept_version, changes_since, item_or_404, seen_version


@dataclass(frozen=True, slots=True)
class ActionPage:
    """How an action is asked for. `text` says what it means, `done` what has happened."""

    service: Callable[..., DebtItem]
    form: type[ActionForm]
    heading: str
    text: str
    button: str
    done: str


PAGES: Mapping[Action, ActionPage] = {
    Action.ACTIVATE: ActionPage(
        services.debt_activate,
        ActionForm,
        "Accept this debt",
        "The organisation takes this debt on knowingly: the date becomes a promise, and only an "
        "approver who does not own it can extend it.",
        "Accept",
        "The debt is accepted and its date is a promise.",
    ),
    Action.EXTEND: ActionPage(
        services.debt_extend,
        ExtendForm,
        "Extend the promise",
        "The first promised date and every extension stay visible for ever.",
        "Extend",
        "The promise has a new date.",
    ),
    Action.START_REPAYMENT: ActionPage(
        services.debt_start_repayment,
        ActionForm,
        "Start the repayment",
        "Says that somebody works on it now. The date stays as promised.",
        "Start repayment",
        "The repayment has started.",
    ),
    Action.REPAY: ActionPage(
        services.debt_repay,
        RepayForm,
        "Mark as repaid",
        "Something in the default branch has to show it.",
        "Mark as repaid",
        "The debt is marked as repaid and waits to be verified.",
    ),
    Action.VERIFY: ActionPage(
        services.debt_verify,
        VerifyForm,
        "Verify the repayment",
        "Confirms that what was promised to be gone is gone.",
        "Verify",
        "The repayment is verified.",
    ),
    Action.WRITE_OFF: ActionPage(
        services.debt_write_off,
        ReasonForm,
        "Write off",
        "Nobody will repay this debt. It leaves the list of what is owed and stays in the history.",
        "Write off",
        "The debt is written off.",
    ),
    Action.REJECT: ActionPage(
        services.debt_reject,
        ReasonForm,
        "Reject",
        "The organisation does not take this debt on.",
        "Reject",
        "The debt is rejected.",
    ),
    Action.ROLL_BACK: ActionPage(
        services.debt_roll_back,
        ReasonForm,
        "Roll back",
        "The shortcut itself was taken out again.",
        "Roll back",
        "The debt is rolled back.",
    ),
    Action.REOPEN: ActionPage(
        services.debt_reopen,
        ReasonForm,
        "Reopen",
        "It turned out not to be repaid; the debt is owed again.",
        "Reopen",
        "The debt is open again.",
    ),
    Action.ESCALATE: ActionPage(
        services.debt_escalate,
        ReasonForm,
        "Escalate",
        "Records that those in charge have to decide. The debt itself stays as it is.",
        "Escalate",
        "The escalation is recorded.",
    ),
    Action.REVIEW: ActionPage(
        services.debt_review,
        ReviewForm,
        "Review a decision that cannot be undone",
        "Your name and what you write stay with the debt. Somebody else accepts it.",
        "Put my name to it",
        "The review is recorded.",
    ),
    Action.ACKNOWLEDGE: ActionPage(
        services.debt_acknowledge,
        ActionForm,
        "Say that you have seen it",
        "Your name stands beside the promise, and nobody is called by name for it any more. The "
        "date stays as promised.",
        "I have seen it",
        "Everybody can see that you have seen it.",
    ),
    Action.SNOOZE: ActionPage(
        services.debt_snooze,
        SnoozeForm,
        "Put off the reminder",
        "Nobody is reminded of this debt before that day. The promise itself stays as it is, and "
        "everybody sees who put the reminder off.",
        "Put off",
        "The reminder is put off.",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, reference: str, action: Action) -> HttpResponse:
    """Show the form of an action, and take the action when it comes by POST."""
    user = require_role(request, Role.VIEWER)
    item = item_or_404(reference)
    page = PAGES[action]
    form = page.form(request.POST if request.method == "POST" else None, item=item)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                page.service(actor=user, item_id=item.pk, **form.arguments())
            except Refused as refusal:
                show_refusal(form, refusal, form.aliases)
            except Denied as denial:
                form.add_error(None, denial.message)
                status = 403
            except Stale:
                status = 409
            else:
                messages.success(request, page.done)
                return redirect("ledger:item", item.reference)
    return _show(request, item.pk, action, form, status)


def _show(
    request: HttpRequest, item_id: int, action: Action, form: ActionForm, status: int
) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    detail = debt_detail(item_id)
    changes = []
    if status == 409:
        changes = changes_since(detail.events, seen_version(form.data))
        accept_version(form, detail.item.version)
    asked = next(one for one in actions_for(user, detail.item) if one.name == action.value)
    context = {
        **item_context(detail),
        "page": PAGES[action],
        "action": asked,
        "form": form,
        "changes": changes,
        "is_conflict": status == 409,
        "is_grave": action.value in GRAVE,
    }
    return render(request, "ledger/act.html", context, status=status)

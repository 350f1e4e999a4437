"""Asking for an extension, and the page on which an approver decides about a request."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.domain.roles import Role
from accounts.web.access import require_role
from common.errors import Denied, DisplaceError, NotFound, Refused
from ledger import services
from ledger.models import ExtensionRequest
from ledger.selectors import actions_for, debt_detail, extension_request_get
from ledger.web.forms.extension_requests import (
    AcceptExtensionForm,
    AskExtensionForm,
    RefuseExtensionForm,
)
from ledger.web.forms.refusals import show_refusal
from ledger.web.item import item_context
from ledger.web.lookup import item_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the form that asks for a later day; POST asks."""
    user = require_role(request, Role.CONTRIBUTOR)
    item = item_or_404(reference)
    form = AskExtensionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.extension_ask(actor=user, item_id=item.pk, **form.cleaned_data)
        except Refused as refusal:
            show_refusal(form, refusal, {})
        except Denied as denial:
            form.add_error(None, denial.message)
        else:
            messages.success(request, "You have asked for a later day. An approver decides.")
            return redirect("ledger:item", item.reference)
    context = {**item_context(debt_detail(item.pk)), "form": form}
    status = 422 if form.errors else 200
    return render(request, "ledger/ask_extension.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, reference: str, request_id: int) -> HttpResponse:
    """Show what is asked for; POST with `decision` accept or refuse decides."""
    user = require_role(request, Role.VIEWER)
    item = item_or_404(reference)
    try:
        asked = extension_request_get(request_id)
    except NotFound as error:
        raise Http404(error.message) from None
    if asked.item_id != item.pk:
        raise Http404("This is no request about this debt.")
    is_refusal = request.POST.get("decision") == "refuse"
    data = request.POST if request.method == "POST" else None
    accept = AcceptExtensionForm(None if is_refusal else data, item=item)
    refuse = RefuseExtensionForm(data if is_refusal else None)
    form = refuse if is_refusal else accept
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                _decide(user, asked, form)
            except Refused as refusal:
                show_refusal(form, refusal, AcceptExtensionForm.aliases)
            except DisplaceError as error:
                form.add_error(None, error.message)
                status = 403 if isinstance(error, Denied) else 409
            else:
                done = "The request is refused." if is_refusal else "The promise has a new date."
                messages.success(request, done)
                return redirect("ledger:item", item.reference)
    detail = debt_detail(item.pk)
    extend = next(one for one in actions_for(user, detail.item) if one.name == "extend")
    context = {
        **item_context(detail), "asked": asked, "accept": accept, "refuse": refuse, "extend": extend
    }  # fmt: skip
    return render(request, "ledger/extension_request.html", context, status=status)


def _decide(
    user: services.Actor, asked: ExtensionRequest, form: AcceptExtensionForm | RefuseExtensionForm
) -> None:
    if isinstance(form, RefuseExtensionForm):
        services.extension_refuse(
            actor=user, request_id=asked.pk, reason=form.cleaned_data["reason"]
        )
    else:
        services.extension_accept(
            actor=user, request_id=asked.pk, interest=form.interest,
            expected_version=form.cleaned_data["version"],
        )  # fmt: skip

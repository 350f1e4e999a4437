"""The log of deliveries: found, looked at, tried again, dropped."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts.domain.messages import from_json
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.models import Delivery
from alerts.selectors import pages_deliveries as pages
from alerts.selectors.channels import channels_visible
from alerts.services.deliveries import delivery_drop, delivery_retry
from alerts.services.permits import may_manage_channel
from alerts.web.forms import DropForm
from alerts.web.shared import (
    PAGE_SIZE,
    denied_as_page,
    or_404,
    page_context,
    search_of,
    show,
    viewer_of,
)
from alerts.web.wording import KIND_WORDS, STATE_CHOICES
from common.errors import Denied, DisplaceError

# Where in the log a page begins.
PLACES = ("older", "newer")
# A choice of so many channels is still a choice; of more, the search finds them by name.
MOST_CHANNELS = 200
# Nobody can take back what is being sent.
WAITS = (DeliveryState.WAITING, DeliveryState.UNKNOWN)
AGAIN = (
    DeliveryState.WAITING,
    DeliveryState.UNKNOWN,
    DeliveryState.DEAD,
    DeliveryState.DROPPED,
)


@never_cache
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Every message that was to be sent, newest first, with search and filters."""
    user = viewer_of(request)
    state = request.GET.get("state", "")
    kind = request.GET.get("kind", "")
    wanted = pages.LogFilter(
        search=search_of(request),
        states=STATE_CHOICES.get(state, ("", ()))[1],
        kind=kind if kind in list(DeliveryKind) else "",
        channel_id=_number(request.GET.get("channel", "")),
    )
    rows = channels_visible(user).values_list("pk", "name")[:MOST_CHANNELS]
    context = page_context(request, "deliveries") | {
        "page": pages.log_page(
            pages.deliveries_found(viewer=user, wanted=wanted),
            older_than=_number(request.GET.get("older", "")),
            newer_than=_number(request.GET.get("newer", "")),
            size=PAGE_SIZE,
        ),
        "traffic": pages.traffic(user),
        "wanted": wanted,
        "state": state if state in STATE_CHOICES else "",
        "states": [(value, label) for value, (label, _) in STATE_CHOICES.items()],
        "kinds": [("", "Every kind"), *KIND_WORDS.items()],
        "channels": list(rows),
        "is_filtered": wanted != pages.LogFilter() or not request.GET.keys().isdisjoint(PLACES),
    }
    return render(request, "alerts/deliveries.html", context)


@never_cache
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One message as it was written, and every try at sending it."""
    return _delivery_page(request, _delivery(request, pk))


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try to send a message again as soon as the channel takes one."""
    user, found = viewer_of(request), _managed(request, pk)
    try:
        delivery_retry(actor=user, delivery_id=found.pk)
    except DisplaceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The message is tried again as soon as a worker is free.")
    return redirect("alerts:delivery", pk)


@never_cache
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide, with a reason, that a message is no longer sent."""
    user, found = viewer_of(request), _managed(request, pk)
    form = DropForm(request.POST)
    if form.is_valid():
        try:
            delivery_drop(actor=user, delivery_id=found.pk, reason=form.cleaned_data["reason"])
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "The message is dropped; it stays in the log.")
            return redirect("alerts:delivery", pk)
    return _delivery_page(request, found, form=form, status=422)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    user = viewer_of(request)
    return or_404(lambda: pages.delivery_get(pk, user))


def _managed(request: HttpRequest, pk: int) -> Delivery:
    found = _delivery(request, pk)
    if not may_manage_channel(viewer_of(request), found.channel):
        raise denied_as_page(Denied("Only who looks after the channel may decide about it."))
    return found


def _delivery_page(
    request: HttpRequest, found: Delivery, *, form: DropForm | None = None, status: int = 200
) -> HttpResponse:
    state = DeliveryState(found.state)
    may_manage = may_manage_channel(viewer_of(request), found.channel)
    context: dict[str, Any] = page_context(request, "deliveries") | {
        "delivery": found,
        "message": from_json(found.message),
        "attempts": pages.attempts_of(found),
        "followers": pages.followers_of(found),
        "may_retry": may_manage and state in AGAIN and found.kind != DeliveryKind.TEST,
        "may_drop": may_manage and (state in WAITS or state == DeliveryState.DEAD),
        "form": form or DropForm(),
    }
    return render(request, "alerts/delivery.html", context, status=status)

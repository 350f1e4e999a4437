"""The pages of channels: HTTP in, one service or selector call, a template out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from alerts.domain.access import MANAGES, MANAGES_UNGUARDED
from alerts.models import Channel
from alerts.selectors import channels as channels_read
from alerts.selectors import pages_channels as pages
from alerts.selectors.deliveries import dead_in
from alerts.selectors.pages_deliveries import LogFilter, deliveries_found
from alerts.services import channels as services
from alerts.services.deliveries import channel_retry
from alerts.services.delivering import TestResult, test_send
from alerts.services.permits import EMAIL, may_manage_channel
from alerts.web.channel_forms import PREFIX, ChannelForm, DisableForm
from alerts.web.shared import (
    denied_as_page,
    managed_teams,
    or_404,
    page_context,
    page_of,
    search_of,
    show,
    viewer_of,
)
from common.errors import Denied, DisplaceError

NEWEST = 10


@never_cache
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel that the person may see, with how it stands."""
    user = viewer_of(request)
    search = search_of(request)
    page = page_of(request, pages.channels_found(viewer=user, search=search))
    lines = pages.channel_lines(page.object_list, viewer=user)
    context = page_context(request, "channels") | {"page": page, "lines": lines, "q": search}
    return render(request, "alerts/channels.html", context)


@never_cache
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Ask which service a new channel speaks to."""
    user = viewer_of(request)
    may_unguarded = user.may(MANAGES_UNGUARDED)
    context = _maker_context(request) | {
        "kinds": [one for one in KINDS.values() if may_unguarded or not one.is_for_admins],
        "without_mail": "" if settings.HAS_EMAIL else EMAIL,
    }
    return render(request, "alerts/channel_choose.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for the settings of a new channel; by POST, make it."""
    user = viewer_of(request)
    context = _maker_context(request)
    known = _kind(kind)
    form = ChannelForm(
        known,
        teams=managed_teams(user),
        takes_no_team=user.may(MANAGES),
        data=request.POST if request.method == "POST" else None,
        initial={"team": request.GET.get("team", "")},
    )
    if form.is_valid():
        try:
            made = services.channel_create(
                actor=user,
                kind=known.name,
                name=form.cleaned_data["name"],
                values=form.values(),
                team_id=form.team_id(),
            )
        except DisplaceError as refusal:
            show(form, refusal, prefix=PREFIX)
        else:
            messages.success(request, "The channel is there. Send a test message to see it work.")
            return redirect("alerts:channel", made.pk)
    context |= {"form": form, "kind": known}
    return render(request, "alerts/channel_form.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """One channel: how it stands, where it leads, what was sent, and what can be done."""
    return _channel_page(request, _channel(request, pk))


@never_cache
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message now, and show what the service answered."""
    user, found = viewer_of(request), _managed(request, pk)
    try:
        result = test_send(actor=user, channel_id=found.pk)
    except Denied as error:
        raise denied_as_page(error) from None
    except DisplaceError as error:
        return _test_answer(request, pk, error=error.message)
    return _test_answer(request, pk, result=result)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a channel's name and settings; a secret left empty stays as it is."""
    user, found = viewer_of(request), _managed(request, pk)
    form = ChannelForm(
        _kind(found.kind),
        shown=channels_read.values_shown(found),
        data=request.POST if request.method == "POST" else None,
        initial={"name": found.name},
    )
    if form.is_valid():
        try:
            services.channel_update(
                actor=user,
                channel_id=found.pk,
                name=form.cleaned_data["name"],
                values=form.values(),
                cleared=form.cleared(),
            )
        except DisplaceError as refusal:
            show(form, refusal, prefix=PREFIX)
        else:
            messages.success(request, "The channel is changed. Send a test message to see it work.")
            return redirect("alerts:channel", pk)
    context = page_context(request, "channels")
    context |= {"form": form, "kind": _kind(found.kind), "channel": found}
    return render(request, "alerts/channel_form.html", context, status=422 if form.errors else 200)


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a channel off, or on again."""
    user, found = viewer_of(request), _managed(request, pk)
    try:
        if found.is_on:
            form = DisableForm(request.POST)
            reason = form.cleaned_data["reason"] if form.is_valid() else ""
            services.channel_disable(actor=user, channel_id=pk, reason=reason)
            messages.success(request, "The channel is off: what is due waits until it is on again.")
        else:
            services.channel_enable(actor=user, channel_id=pk)
            messages.success(request, "The channel is on again; what waited goes out first.")
    except DisplaceError as error:
        messages.error(request, error.message)
    return redirect("alerts:channel", pk)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try everything again that was given up in a channel."""
    user, found = viewer_of(request), _managed(request, pk)
    try:
        count = channel_retry(actor=user, channel_id=found.pk)
    except DisplaceError as error:
        messages.error(request, error.message)
    else:
        words = f"{count} messages are" if count != 1 else "1 message is"
        messages.success(request, f"{words} tried again as soon as a worker is free.")
    return redirect("alerts:channel", pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a channel with everything that was said in it."""
    user, found = viewer_of(request), _managed(request, pk)
    try:
        services.channel_delete(actor=user, channel_id=found.pk)
    except DisplaceError as error:
        messages.error(request, error.message)
        return redirect("alerts:channel", pk)
    messages.success(request, f"“{found.name}” is deleted.")
    return redirect("alerts:me" if found.person_id == user.pk else "alerts:channels")


def _kind(name: str) -> ChannelKind:
    if name not in KINDS:
        raise Http404("There is no such kind of channel.")
    return KINDS[name]


def _channel(request: HttpRequest, pk: int) -> Channel:
    user = viewer_of(request)
    return or_404(lambda: channels_read.channel_get(pk, user))


def _managed(request: HttpRequest, pk: int) -> Channel:
    found = _channel(request, pk)
    if not may_manage_channel(viewer_of(request), found):
        raise denied_as_page(Denied("Only who looks after this channel may do this."))
    return found


def _maker_context(request: HttpRequest) -> dict[str, Any]:
    context = page_context(request, "channels")
    if not context["manages_some"]:
        message = f"This needs the role “{MANAGES.label}”, or to be the lead of a team."
        raise denied_as_page(Denied(message))
    return context


def _channel_page(
    request: HttpRequest, found: Channel, *, extra: dict[str, Any] | None = None
) -> HttpResponse:
    user = viewer_of(request)
    kind = channels_read.kind_known(found)
    log = deliveries_found(viewer=user, wanted=LogFilter(channel_id=found.pk))
    context = page_context(request, "channels") | {
        "channel": found,
        "kind": kind,
        "kind_label": pages.kind_label(found),
        "place": channels_read.place_shown(found),
        "standing": pages.channel_standing(found),
        "may_manage": may_manage_channel(user, found),
        "answers_url": channels_read.answers_url(found),
        "values": channels_read.values_shown(found),
        "routes": pages.routes_into(found),
        "deliveries": log[:NEWEST],
        "dead": dead_in(found.pk).count(),
        "form": DisableForm(),
    }
    return render(request, "alerts/channel.html", context | (extra or {}))


def _test_answer(
    request: HttpRequest, pk: int, *, result: TestResult | None = None, error: str = ""
) -> HttpResponse:
    extra = {"test": result, "test_error": error}
    return _channel_page(request, _channel(request, pk), extra=extra)

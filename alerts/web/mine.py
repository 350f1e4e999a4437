"""A person's own page: what they are told, their chat accounts, their calendars."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.selectors import User, team_by_slug
from alerts.channels.registry import KINDS
from alerts.selectors import pages_channels, pages_me
from alerts.selectors.identities import channels_linking, identities_of
from alerts.services import calendars as calendar_services
from alerts.services.account_codes import account_code_send, account_link
from alerts.services.identities import CODE_LIFETIME, code_make, identity_unlink
from alerts.services.preferences import preference_update
from alerts.web.account_forms import AccountForm, CodeForm
from alerts.web.preference_forms import PreferenceForm
from alerts.web.shared import or_404, page_context, show, viewer_of
from common.errors import DisplaceError, Refused

TAB = "me"


@never_cache
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Everything that concerns only the person who looks."""
    return _page(request)


@never_cache
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Say what one wants to be told personally, and where."""
    user = viewer_of(request)
    form = _form(user, data=request.POST)
    if form.is_valid():
        try:
            preference_update(user=user, **form.values())
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "Your choice is stored.")
            return redirect("alerts:me")
    return _page(request, extra={"form": form}, status=422)


@never_cache
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """Make a code that links a chat account, and show it, once."""
    try:
        made = code_make(user=viewer_of(request))
    except Refused as error:
        messages.error(request, error.message)
        return redirect("alerts:me")
    minutes = int(CODE_LIFETIME.total_seconds() // 60)
    return _page(request, extra={"code": made, "code_minutes": minutes})


@never_cache
@require_POST
def account(request: HttpRequest) -> HttpResponse:
    """Have a code put before a chat account, and ask for it."""
    user = viewer_of(request)
    form = AccountForm(list(channels_linking()), request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            account_code_send(user=user, channel_id=given["channel"], chat_id=given["chat_id"])
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            asked = CodeForm(initial={name: given[name] for name in ("channel", "chat_id")})
            return _page(request, extra={"code_form": asked})
    return _page(request, extra={"account_form": form}, status=422)


@never_cache
@require_POST
def account_code(request: HttpRequest) -> HttpResponse:
    """Link the chat account before which the code was put."""
    user = viewer_of(request)
    form = CodeForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            account_link(
                user=user,
                channel_id=given["channel"],
                chat_id=given["chat_id"],
                code=given["code"],
            )
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "The chat account is linked to you.")
            return redirect("alerts:me")
    return _page(request, extra={"code_form": form}, status=422)


@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Part a chat account from the person."""
    user = viewer_of(request)
    or_404(lambda: identity_unlink(user=user, identity_id=pk))
    messages.success(request, "The chat account is no longer linked to you.")
    return redirect("alerts:me")


@never_cache
@require_POST
def calendar_create(request: HttpRequest, slug: str) -> HttpResponse:
    """Make an address for a team's calendar, and show it, once."""
    user, team = viewer_of(request), team_by_slug(slug)
    if team is None:
        raise Http404(f"There is no team called “{slug}”.")
    try:
        _, token = calendar_services.calendar_feed_create(actor=user, team=team)
    except DisplaceError as error:
        messages.error(request, error.message)
        return redirect("alerts:me")
    address = settings.BASE_URL + reverse("calendar:feed", args=[token])
    return _page(request, extra={"calendar_address": address, "calendar_team": team})


@require_POST
def calendar_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End an address: whoever subscribed to it sees nothing more."""
    try:
        calendar_services.calendar_feed_revoke(actor=viewer_of(request), feed_id=pk)
    except DisplaceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The address is ended.")
    return redirect("alerts:me")


def _form(user: User, *, data: Any = None) -> PreferenceForm:
    kinds = {channel.kind for channel in pages_me.personal_channels(user)}
    preference = pages_me.preference_of(user)
    return PreferenceForm(user=user, preference=preference, own_kinds=kinds, data=data)


def _page(
    request: HttpRequest, *, extra: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    user = viewer_of(request)
    own = pages_me.personal_channels(user)
    linking = list(channels_linking())
    context = page_context(request, TAB) | {
        "form": None,
        "account_form": AccountForm(linking) if linking else None,
        "identities": [
            (one, KINDS[one.kind].label if one.kind in KINDS else one.kind)
            for one in identities_of(user)
        ],
        "calendars": pages_me.calendars_of(user),
        "own_channels": pages_channels.channel_lines(own, viewer=user),
    }
    context |= extra or {}
    context["form"] = context["form"] or _form(user)
    return render(request, "alerts/me.html", context, status=status)

"""The pages of rules: made switched off, looked at over 90 days, switched on."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.models import Route
from alerts.selectors import pages_rules as pages
from alerts.services import routes as services
from alerts.services.permits import may_manage
from alerts.web.asking import next_words
from alerts.web.forms import RuleForm
from alerts.web.previews import preview_context
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
from analysis.selectors import repositories_list
from common.errors import Denied, DisplaceError
from ledger.selectors.register import systems_in_use

TAB = "rules"


@never_cache
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule: what it takes, where it speaks, and whether it is on."""
    search = search_of(request)
    context = page_context(request, TAB)
    page = page_of(request, pages.rules_found(search=search))
    context |= {"page": page, "lines": pages.rule_lines(page.object_list), "q": search}
    return render(request, "alerts/rules.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Ask what a new rule takes and where it speaks; by POST, make it, switched off."""
    user, context = viewer_of(request), page_context(request, TAB)
    if not context["manages_some"]:
        raise denied_as_page(Denied("This needs an operator, or the lead of a team."))
    chosen = {name: request.GET.get(name, "") for name in ("channel", "team")}
    form = _form(request, initial=chosen)
    if form.is_valid():
        try:
            made = services.route_create(actor=user, **form.values())
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "The rule is there, still off. This is what it would do.")
            return redirect("alerts:rule", made.pk)
    context |= {"form": form, "has_channels": form.has_channels}
    return render(request, "alerts/rule_form.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule; its preview follows as a fragment, since it plays 90 days through."""
    found = _rule(request, pk)
    context = _rule_context(request, found)
    if "preview" in request.GET:
        context |= preview_context(found)
    return render(request, "alerts/rule.html", context)


@never_cache
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the rule would have sent over the last 90 days, and what it would say next."""
    found = _rule(request, pk)
    context = _rule_context(request, found) | preview_context(found)
    return render(request, "alerts/parts/preview.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a rule takes and where it speaks."""
    user, found = viewer_of(request), _managed(request, pk)
    form = _form(
        request,
        initial={
            "name": found.name,
            "channel": found.channel_id,
            "team": found.team_id or "",
            "system": found.system,
            "repository": found.repository_id or "",
            "least_severity": found.least_severity,
            "audience": found.audience,
            "mentions": found.mentions,
        },
        keeps=found,
    )
    if form.is_valid():
        try:
            services.route_update(actor=user, route_id=found.pk, **form.values())
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "The rule is changed. This is what it would do now.")
            return redirect("alerts:rule", pk)
    context = page_context(request, TAB) | {"form": form, "rule": found, "has_channels": True}
    return render(request, "alerts/rule_form.html", context, status=422 if form.errors else 200)


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a rule on, or off again."""
    user, found = viewer_of(request), _managed(request, pk)
    try:
        services.route_switch(actor=user, route_id=found.pk, is_on=not found.is_on)
    except DisplaceError as error:
        messages.error(request, error.message)
    else:
        said = "The rule is off: it says nothing more."
        if not found.is_on:
            said = (
                f"The rule is on. It speaks next {next_words(found)}, if there is something then."
            )
        messages.success(request, said)
    return redirect("alerts:rule", pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a rule. What was said stays in the log."""
    user, found = viewer_of(request), _managed(request, pk)
    try:
        services.route_delete(actor=user, route_id=found.pk)
    except DisplaceError as error:
        messages.error(request, error.message)
        return redirect("alerts:rule", pk)
    messages.success(request, f"“{found.name}” is deleted.")
    return redirect("alerts:rules")


def _rule(request: HttpRequest, pk: int) -> Route:
    viewer_of(request)
    return or_404(lambda: pages.rule_get(pk))


def _managed(request: HttpRequest, pk: int) -> Route:
    found = _rule(request, pk)
    if not may_manage(viewer_of(request), found.team_id):
        raise denied_as_page(Denied("Only an operator or the lead of its team may do this."))
    return found


def _rule_context(request: HttpRequest, found: Route) -> dict[str, Any]:
    return page_context(request, TAB) | {
        "rule": found,
        "takes": pages.takes_words(found),
        "may_manage": may_manage(viewer_of(request), found.team_id),
        "next_words": next_words(found) if found.is_on else "",
    }


def _form(request: HttpRequest, *, initial: dict[str, Any], keeps: Route | None = None) -> RuleForm:
    """The form with what this person may choose, and what the rule has already."""
    user = viewer_of(request)
    channels = dict(pages.channels_for_rules(user).values_list("pk", "name"))
    teams = dict(managed_teams(user))
    systems = set(systems_in_use())
    if keeps is not None:
        channels.setdefault(keeps.channel_id, keeps.channel.name)
        systems |= {keeps.system} - {""}
    return RuleForm(
        channels=channels.items(),
        teams=teams.items(),
        takes_no_team=page_context(request, TAB)["manages_all"],
        systems=sorted(systems),
        repositories=[(one.pk, one.name) for one in repositories_list()],
        data=request.POST if request.method == "POST" else None,
        initial=initial,
    )

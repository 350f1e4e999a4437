"""Teams: an admin makes them and says who is in them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import selectors, services
from accounts.domain.roles import Role
from accounts.models import Team
from accounts.web.access import require_role
from accounts.web.people import people_context, person_or_404
from accounts.web.people_forms import MemberForm, TeamForm, show_refusal
from common.errors import Refused


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Make a team, then ask who is in it."""
    require_role(request, Role.ADMIN)
    form = TeamForm(request.POST)
    if form.is_valid():
        slug = form.cleaned_data["slug"]
        try:
            services.team_create(slug=slug, name=form.cleaned_data["name"] or slug)
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("people:team", slug)
    context = people_context(request) | {"team_form": form}
    return render(request, "accounts/people.html", context, status=422)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an admin who is in a team; by POST, put one more person into it."""
    require_role(request, Role.ADMIN)
    found = team_or_404(slug)
    form = MemberForm(found, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        member = form.cleaned_data["member"]
        try:
            services.team_add_member(team=found, user=member)
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{member} is now in {found}.")
            return redirect("people:team", slug)
    context = {
        "team": found,
        "members": selectors.members_of(found),
        "leads": selectors.leads_of(found.pk),
        "form": form,
    }
    return render(request, "accounts/team.html", context, status=422 if form.errors else 200)


@require_POST
def remove_member(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    require_role(request, Role.ADMIN)
    found, member = team_or_404(slug), person_or_404(username)
    services.team_remove_member(team=found, user=member)
    messages.success(request, f"{member} is no longer in {found}.")
    return redirect("people:team", slug)


@require_POST
def set_lead(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    """Make a member the team's lead or, without `is_lead`, no longer."""
    require_role(request, Role.ADMIN)
    found, member = team_or_404(slug), person_or_404(username)
    is_lead = request.POST.get("is_lead") == "yes"
    try:
        services.team_lead_set(team=found, user=member, is_lead=is_lead)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        now = "now leads" if is_lead else "no longer leads"
        messages.success(request, f"{member} {now} {found}.")
    return redirect("people:team", slug)


def team_or_404(slug: str) -> Team:
    found = selectors.team_by_slug(slug)
    if found is None:
        raise Http404(f"There is no team called “{slug}”.")
    return found

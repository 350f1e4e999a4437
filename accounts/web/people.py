"""The People pages: who there is and what each may do; an admin changes it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import selectors, services
from accounts.domain.roles import Role
from accounts.models import User
from accounts.web.access import require_role
from accounts.web.people_forms import PersonForm, RoleForm, TeamForm, show_refusal
from common.errors import Refused

PAGE_SIZE = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """List people and teams; by POST, an admin adds a person and is shown their link, once."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    added, link = None, ""
    if form.is_bound:
        require_role(request, Role.ADMIN)
        if form.is_valid():
            try:
                added = services.user_create(**form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                link = link_address(added)
                form = PersonForm()
    context = people_context(request) | {"form": form, "linked": added, "link": link}
    return render(request, "accounts/people.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Show an admin one person; by POST, change what the person may do."""
    require_role(request, Role.ADMIN)
    found = person_or_404(username)
    if request.method != "POST":
        return _person_page(request, found)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            services.user_set_role(user=found, role=form.cleaned_data["role"])
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            label = Role(found.role).label
            messages.success(request, f"{found} now has the role “{label}”.")
            return redirect("people:people")
    return _person_page(request, found, form=form, status=422)


@never_cache
@require_POST
def sign_in_link(request: HttpRequest, username: str) -> HttpResponse:
    """Show an admin a new sign-in link, for somebody who has lost theirs or their password."""
    require_role(request, Role.ADMIN)
    found = person_or_404(username)
    try:
        link = link_address(found)
    except Refused as refusal:
        return _person_page(request, found, status=409, refused=refusal.message)
    return _person_page(request, found, link=link)


@require_POST
def deactivate(request: HttpRequest, username: str) -> HttpResponse:
    require_role(request, Role.ADMIN)
    found = person_or_404(username)
    try:
        services.user_deactivate(user=found)
    except Refused as refusal:
        return _person_page(request, found, status=409, refused=refusal.message)
    messages.success(request, f"{found} is deactivated and can no longer sign in.")
    return redirect("people:people")


@require_POST
def reactivate(request: HttpRequest, username: str) -> HttpResponse:
    require_role(request, Role.ADMIN)
    found = person_or_404(username)
    services.user_reactivate(user=found)
    messages.success(request, f"{found} can sign in again.")
    return redirect("people:person", found.username)


def link_address(user: User) -> str:
    """The whole address of a new link that signs in once and then asks for a new password."""
    secret = services.sign_in_link_issue(user=user)
    path = reverse("accounts:sign_in_link", kwargs={"secret": secret})
    return f"{settings.BASE_URL}{path}?password=new"


def person_or_404(username: str) -> User:
    found = selectors.user_by_name(username)
    if found is None:
        raise Http404(f"There is nobody called “{username}”.")
    return found


def people_context(request: HttpRequest) -> dict[str, Any]:
    """What the list shows; only admins see who was deactivated."""
    is_admin = require_role(request, Role.VIEWER).may(Role.ADMIN)
    search = request.GET.get("q", "").strip()[:100]
    rows = selectors.people(search=search, active_only=not is_admin)
    return {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "q": search,
        "teams": selectors.teams(),
        "roles": [(role.label, role.meaning) for role in Role],
        "is_admin": is_admin,
        "form": PersonForm(),
        "team_form": TeamForm(),
    }


def _person_page(
    request: HttpRequest,
    found: User,
    *,
    form: RoleForm | None = None,
    link: str = "",
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "person": found,
        "teams": found.teams.all(),
        "form": form or RoleForm(initial={"role": found.role}),
        "linked": found,
        "link": link,
        "refused": refused,
    }
    return render(request, "accounts/person.html", context, status=status)

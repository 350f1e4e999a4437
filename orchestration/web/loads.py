"""The page of loads: what systems carry, how it stands to what was built, and telling of one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import DisplaceError
from orchestration.selectors.loads import load_sources
from orchestration.selectors.pages_environments import systems_measured
from orchestration.selectors.pages_loads import load_lines, loads_seen
from orchestration.services import loads as services
from orchestration.web.load_forms import LoadForm, LoadSourceForm
from orchestration.web.shared import (
    attempt,
    page_context,
    page_of,
    search_of,
    show,
    viewer_of,
)

# What is told on the page and not by a program.
BY_HAND = "page"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def loads(request: HttpRequest) -> HttpResponse:
    """Every load with its newest value and verdict; by POST, tell one."""
    user = viewer_of(request)
    form = LoadForm(request.POST if request.method == "POST" else None, systems=systems_measured())
    if form.is_bound and form.is_valid() and _told(user, form):
        messages.success(request, "It is noted. Sizes are held against the peak of 30 days.")
        return redirect("environments:loads")
    return _page(request, form, LoadSourceForm())


@never_cache
@require_POST
def source_add(request: HttpRequest) -> HttpResponse:
    """Have a Prometheus asked for a load from now on."""
    user = viewer_of(request)
    form = LoadSourceForm(request.POST)
    if form.is_valid():
        try:
            services.load_source_add(actor=user, **form.cleaned_data)
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "It is asked within a quarter of an hour, and then again.")
            return redirect("environments:loads")
    if not user.may(Role.OPERATOR):
        raise PermissionDenied(f"This needs the role “{Role.OPERATOR.label}”.")
    return _page(request, LoadForm(systems=systems_measured()), form)


@require_POST
def source_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask no more; what was observed stays."""
    user = viewer_of(request)
    said = "It is not asked any more. What it told stays."
    attempt(request, lambda: services.load_source_remove(actor=user, source_id=pk), said)
    return redirect("environments:loads")


def _told(user: User, form: LoadForm) -> bool:
    values = form.cleaned_data
    try:
        services.load_observe(
            actor=user,
            system=values["system"],
            metric=values["metric"],
            value=values["value"],
            at=values["at"] or clock.now(),
            window_seconds=max(int(values["hours"] * 3600), 1),
            source=BY_HAND,
        )
    except DisplaceError as refusal:
        show(form, refusal)
        return False
    return True


def _page(request: HttpRequest, form: LoadForm, source_form: LoadSourceForm) -> HttpResponse:
    now, text = clock.now(), search_of(request)
    page = page_of(request, loads_seen(now, text))
    context: dict[str, Any] = page_context(request, "overview") | {
        "page": page,
        "lines": load_lines(list(page.object_list), now),
        "text": text,
        "form": form,
        "source_form": source_form,
        "sources": load_sources()[:200],
    }
    status = 422 if form.errors or source_form.errors else 200
    return render(request, "orchestration/loads.html", context, status=status)

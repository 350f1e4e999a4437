"""The pages of a repository's hooks: HTTP in, one service or selector call, a template out."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from analysis.selectors import latest_run, repository_by_slug
from common.errors import DisplaceError, NotFound, Refused
from hooks import selectors, services
from hooks.domain.access import LOOKS, MANAGES
from hooks.domain.kinds import Kind
from hooks.models import Endpoint
from hooks.web.forms import EndpointForm, RotationForm
from hooks.web.wording import SETUP, STATE_TONES
from ledger.selectors.registrations import refused_switch

PAGE_SIZE = 25


@never_cache
@require_safe
def hooks(request: HttpRequest, slug: str) -> HttpResponse:
    """How the default branch is watched, the webhooks, and what was delivered."""
    context = _context(request, slug)
    repository = context["repository"]
    deliveries = selectors.deliveries_of(repository_id=repository.pk)
    context |= {
        "watch": selectors.watch_state(repository.pk),
        "switch": refused_switch(repository.pk),
        "endpoints": selectors.endpoints_of(repository.pk),
        "page": Paginator(deliveries, PAGE_SIZE).get_page(request.GET.get("page")),
        "tones": STATE_TONES,
        "keep_days": settings.HOOKS_KEEP_DELIVERIES.days,
    }
    return render(request, "hooks/hooks.html", context)


@require_POST
def look(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a look at the tip now."""
    require_role(request, LOOKS)
    repository = _repository(slug)
    services.tip_moved(repository_id=repository.pk, source="page")
    messages.success(request, "The tip is looked at as soon as a worker is free.")
    return redirect("hooks:hooks", slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose a host; by POST, make the webhook and show its secret, once."""
    user = require_role(request, MANAGES)
    context = _context(request, slug)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            issued = services.endpoint_create(
                repository_id=context["repository"].pk,
                kind=Kind(form.cleaned_data["kind"]),
                secret=form.cleaned_data["secret"],
                created_by_id=user.pk,
            )
        except DisplaceError as refusal:
            _show(form, refusal)
        else:
            return _endpoint_page(request, slug, issued.endpoint, secret=issued.secret)
    status = 422 if form.errors else 200
    return render(request, "hooks/create.html", context | {"form": form}, status=status)


@never_cache
@require_safe
def endpoint(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One webhook: its address, how to set it up, and what can be done with it."""
    require_role(request, MANAGES)
    return _endpoint_page(request, slug, _endpoint(slug, pk))


@never_cache
@require_POST
def rotate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give a webhook a new secret and show it, once."""
    require_role(request, MANAGES)
    found = _endpoint(slug, pk)
    form = RotationForm(request.POST)
    if form.is_valid():
        try:
            issued = services.endpoint_rotate(
                endpoint_id=found.pk,
                overlap=timedelta(hours=form.cleaned_data["overlap_hours"]),
                secret=form.cleaned_data["secret"],
            )
        except DisplaceError as refusal:
            _show(form, refusal)
        else:
            return _endpoint_page(request, slug, issued.endpoint, secret=issued.secret)
    return _endpoint_page(request, slug, found, form=form, status=422)


@require_POST
def switch(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Switch a webhook off or on again."""
    require_role(request, MANAGES)
    found = _endpoint(slug, pk)
    if found.disabled_at is None:
        services.endpoint_disable(endpoint_id=found.pk)
        messages.success(request, "The webhook is off: what is sent to it is refused.")
    else:
        services.endpoint_enable(endpoint_id=found.pk)
        messages.success(request, "The webhook is on again.")
    return redirect("hooks:endpoint", slug, pk)


@require_POST
def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Delete a webhook and what was delivered to it."""
    require_role(request, MANAGES)
    services.endpoint_delete(endpoint_id=_endpoint(slug, pk).pk)
    messages.success(request, "The webhook is deleted. Delete it at the host, too.")
    return redirect("hooks:hooks", slug)


def _repository(slug: str) -> Any:
    try:
        return repository_by_slug(slug)
    except NotFound as error:
        raise Http404(error.message) from None


def _endpoint(slug: str, pk: int) -> Endpoint:
    found = selectors.endpoints_of(_repository(slug).pk).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such webhook; it may have been deleted.")
    return found


def _context(request: HttpRequest, slug: str) -> dict[str, Any]:
    user = require_role(request, Role.VIEWER)
    repository = _repository(slug)
    return {
        "repository": repository,
        "snapshot": repository.current_snapshot,
        "run": latest_run(repository.pk),
        "tab": "hooks",
        # The button that starts an analysis would stand beside the one that looks.
        "may_analyse": False,
        "may_look": user.may(LOOKS),
        "may_manage": user.may(MANAGES),
    }


def _endpoint_page(
    request: HttpRequest,
    slug: str,
    found: Endpoint,
    *,
    secret: str = "",
    form: RotationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    path = reverse("webhooks:receive", args=[found.kind, found.key])
    context = _context(request, slug) | {
        "endpoint": found,
        "address": f"{settings.BASE_URL}{path}",
        "base_url": settings.BASE_URL,
        "secret": secret,
        "steps": SETUP[Kind(found.kind)],
        "is_own_script": found.kind == Kind.DISPLACE,
        "form": form or RotationForm(),
        "deliveries": selectors.deliveries_of(endpoint_id=found.pk)[:10],
        "tones": STATE_TONES,
    }
    return render(request, "hooks/endpoint.html", context, status=status)


def _show(form: EndpointForm | RotationForm, refusal: DisplaceError) -> None:
    field = refusal.field if isinstance(refusal, Refused) else None
    form.add_error(field if field in form.fields else None, refusal.message)

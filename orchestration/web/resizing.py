"""Another size for what stands: chosen with the verdict on each, planned, approved by another."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import DisplaceError
from orchestration.domain.lifetimes import cost_until
from orchestration.models import Environment, Resource, Run
from orchestration.selectors import pages_environments as pages
from orchestration.selectors.blueprints import manifest_of
from orchestration.selectors.environments import environment_get
from orchestration.selectors.loads import peak_for
from orchestration.selectors.offers import TierOffer, tier_offers
from orchestration.services.environments import environment_resize
from orchestration.web.asking_forms import NO_REASON
from orchestration.web.environment_forms import ResizeForm
from orchestration.web.shared import or_404, page_context, show, viewer_of


@dataclass(frozen=True, slots=True)
class Sizes:
    """A resource with every size that it could have."""

    resource: Resource
    title: str
    tiers: list[TierOffer]
    chosen: TierOffer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resize(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose other sizes; by POST, ask for them."""
    user = viewer_of(request)
    found = or_404(lambda: environment_get(reference))
    if not user.may(Role.CONTRIBUTOR):
        raise PermissionDenied(f"This needs the role “{Role.CONTRIBUTOR.label}” or a higher one.")
    given = request.POST if request.method == "POST" else request.GET
    form = ResizeForm(
        request.POST if request.method == "POST" else None,
        initial={"justification": given.get("justification", "")},
    )
    sizes = [_sizes(one, given) for one in pages.resource_rows([found])]
    if form.is_valid():
        run = _asked(user, found, form, sizes)
        if run is not None:
            messages.success(request, "The change is planned; then somebody else approves it.")
            return redirect("environments:run", run.reference)
    monthly = sum((one.chosen.tier.monthly_cost for one in sizes), Decimal(0))
    context = page_context(request, "overview") | {
        "environment": found,
        "form": form,
        "sizes": sizes,
        "monthly": monthly,
        "until_end": cost_until(monthly, found.expires_at, clock.now()),
        "currency": sizes[0].chosen.tier.currency if sizes else "",
        "now_monthly": _now_monthly(sizes),
    }
    status = 422 if form.errors else 200
    return render(request, "orchestration/resize.html", context, status=status)


def _sizes(resource: Resource, given: Any) -> Sizes:
    manifest = manifest_of(resource.version)
    tiers = list(tier_offers(manifest, peak_for(resource)))
    by_name = {one.tier.name: one for one in tiers}
    chosen = by_name.get(given.get(f"tier_{resource.name}", "")) or by_name[resource.tier]
    return Sizes(resource, manifest.title, tiers, chosen)


def _now_monthly(sizes: list[Sizes]) -> Decimal:
    known = [
        tier.tier.monthly_cost
        for one in sizes
        for tier in one.tiers
        if tier.tier.name == one.resource.tier
    ]
    return sum(known, Decimal(0))


def _asked(user: User, found: Environment, form: ResizeForm, sizes: list[Sizes]) -> Run | None:
    tiers = {one.resource.name: one.chosen.tier.name for one in sizes}
    reason = form.cleaned_data["justification"]
    is_change = any(one.chosen.tier.name != one.resource.tier for one in sizes)
    asks_reason = is_change and any(one.chosen.asks_reason for one in sizes)
    # The policy would refuse it; a reason that was given before stands.
    if asks_reason and not (reason or found.justification):
        form.add_error("justification", NO_REASON)
        return None
    try:
        return environment_resize(
            actor=user, environment_id=found.pk, tiers=tiers, justification=reason
        )
    except DisplaceError as refusal:
        show(form, refusal)
        return None

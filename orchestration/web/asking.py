"""Asking for an environment: first what is needed, then how large, for how long and for whom."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import DisplaceError
from ledger.domain.debts import Debt
from ledger.selectors.items import debt_by_reference
from ledger.selectors.needs import burdened_system
from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.lifetimes import DEFAULT_DAYS, MOST_DAYS, cost_for
from orchestration.domain.manifests import Manifest
from orchestration.domain.proposing import link_role
from orchestration.domain.states import ProposalState
from orchestration.models import Blueprint, Run
from orchestration.selectors import offers as offering
from orchestration.selectors.loads import peak_of
from orchestration.selectors.offers import Offer, TierOffer
from orchestration.selectors.pages_environments import systems_measured
from orchestration.selectors.proposals import newest_of
from orchestration.services.environments import environment_request
from orchestration.services.proposals import proposal_answer
from orchestration.web.asking_forms import AskForm
from orchestration.web.shared import number_of, or_404, page_context, show, viewer_of


@dataclass(frozen=True, slots=True)
class NeedLine:
    """Something that can be ticked, and whether it is."""

    blueprint: Blueprint
    manifest: Manifest
    is_wanted: bool

    @property
    def meaning(self) -> str:
        return CAPABILITIES[Capability(self.manifest.capability)].meaning


@dataclass(frozen=True, slots=True)
class Choice:
    """A resource of the form: its sizes, which of them is chosen, and its fields."""

    offer: Offer
    tier: TierOffer
    settings: list[Any]
    target: Any
    errors: list[str]
    # Whether the settings are shown at once, and whether one of them has to be given.
    is_open: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """What the chosen sizes cost together."""

    monthly: Decimal
    until_end: Decimal
    currency: str
    days: int
    end: datetime


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Two steps on one address: nothing chosen yet, and something chosen. By POST, ask for it."""
    user = viewer_of(request)
    if not user.may(Role.CONTRIBUTOR):
        raise PermissionDenied(f"This needs the role “{Role.CONTRIBUTOR.label}” or a higher one.")
    given = request.POST if request.method == "POST" else request.GET
    item = _item(given)
    known = offering.blueprints_offered()
    names = [one for one in given.getlist("need") if one]
    chosen, added = offering.with_what_they_need(names, known)
    if not chosen or "change" in given:
        return _needs(request, item, known, names)
    return _terms(request, user, item, chosen, added)


def _terms(
    request: HttpRequest, user: User, item: Debt | None, chosen: Any, added: list[str]
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    system = given.get("system", _system(item)).replace("\0", "").strip()[:100]
    offers = offering.offers(chosen, peak_of(system) if system else {})
    form = AskForm(
        offers,
        owners=accounts_selectors.owners(),
        systems=systems_measured(),
        data=request.POST if request.method == "POST" else None,
        initial=_initial(user, item, given),
    )
    if form.is_valid() and (run := _requested(user, form, item)) is not None:
        said = "It is asked for. Next its plan is made; then somebody else reads and approves it."
        messages.success(request, said)
        return redirect("environments:run", run.reference)
    context = page_context(request, "overview") | {
        "form": form,
        "item": item,
        "added": added,
        "choices": [_choice(form, one) for one in offers],
        "swapped": ",".join(["#sum", *(f"#size-{one.resource}" for one in offers)]),
        "sum": _sum(form),
        "limit": form.limit(user),
        "asks_reason": any(form.chosen(one).asks_reason for one in offers),
        "is_measured": any(one.found.ratio is not None for offer in offers for one in offer.tiers),
        "system": system,
    }
    status = 422 if form.errors else 200
    return render(request, "orchestration/ask.html", context, status=status)


def _needs(request: HttpRequest, item: Debt | None, known: Any, names: list[str]) -> HttpResponse:
    wanted = set(names)
    if item is not None and not names:
        wanted = _first_of_each(known, set(item.needs))
    offered = {blueprint.capability for blueprint, _manifest in known}
    context = page_context(request, "overview") | {
        "item": item,
        "needs": [
            NeedLine(blueprint, manifest, blueprint.name in wanted)
            for blueprint, manifest in known
        ],
        "not_offered": [
            terms.title for one, terms in CAPABILITIES.items()
            if one not in offered and (item is None or one in item.needs)
        ] if known else [],
        "is_chosen": bool(wanted),
        "nothing_chosen": "next" in request.GET and not names,
    }  # fmt: skip
    return render(request, "orchestration/ask_needs.html", context)


def _first_of_each(known: Any, capabilities: set[str]) -> set[str]:
    found: dict[str, str] = {}
    for blueprint, manifest in known:
        if manifest.capability in capabilities:
            found.setdefault(manifest.capability, blueprint.name)
    return set(found.values())


def _item(given: Any) -> Debt | None:
    reference = given.get("debt", "").strip()
    return or_404(lambda: debt_by_reference(reference)) if reference else None


def _system(item: Debt | None) -> str:
    return (item.system or burdened_system(item.pk)) if item else ""


def _initial(user: User, item: Debt | None, given: Any) -> Mapping[str, Any]:
    usual = {"owner": user.username, "days": DEFAULT_DAYS}
    if item is not None:
        usual |= {
            "name": f"For {item.reference}",
            "purpose": item.title[:500],
            "owner": item.owner,
            "system": _system(item),
        }
    typed = {name: value for name, value in given.items() if name != "need"}
    return usual | typed


def _requested(user: User, form: AskForm, item: Debt | None) -> Run | None:
    form.hold_against_policy(user)
    if form.errors:
        return None
    values = form.cleaned_data
    try:
        run = environment_request(
            actor=user,
            name=values["name"],
            owner=values["owner"],
            team_id=accounts_selectors.home_teams().get(values["owner"]),
            purpose=values["purpose"],
            days=values["days"],
            system=values["system"],
            is_production=values["is_production"],
            justification=values["justification"],
            item_id=item.pk if item else None,
            link_role=link_role([one.manifest.capability for one in form.offers]),
            resources=form.drafts(),
        )
    except DisplaceError as refusal:
        show(form, refusal)
        return None
    if item is not None:
        _settle_proposal(user, item, run)
    return run


def _settle_proposal(user: User, item: Debt, run: Run) -> None:
    """What was proposed for the debt is answered by what was asked for instead."""
    open_one = newest_of([item.pk]).get(item.pk)
    if open_one is None or open_one.state != ProposalState.OPEN:
        return
    # Somebody else may have decided meanwhile, which is as good.
    with suppress(DisplaceError):
        proposal_answer(actor=user, proposal_id=open_one.pk, environment_id=run.environment_id)


def _choice(form: AskForm, offer: Offer) -> Choice:
    bound = form[f"tier_{offer.resource}"]
    return Choice(
        offer=offer,
        tier=form.chosen(offer),
        settings=form.settings_of(offer),
        target=form.target_of(offer),
        errors=[str(one) for one in bound.errors],
        is_open=form.is_touched(offer),
        asks=any(one.required for one in offer.settings),
    )


def _sum(form: AskForm) -> Sum:
    tiers = [form.chosen(one).tier for one in form.offers]
    monthly = sum((one.monthly_cost for one in tiers), Decimal(0))
    days = min(max(number_of(str(form["days"].value() or "")), 1), MOST_DAYS)
    time = timedelta(days=days)
    currency = tiers[0].currency if tiers else ""
    return Sum(monthly, cost_for(monthly, time), currency, days, clock.now() + time)

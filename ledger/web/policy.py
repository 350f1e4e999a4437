"""The policy pages: what is demanded of debt, since when and by whom, and the exceptions."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from analysis.selectors import repositories_list, repository_by_slug
from common.errors import Denied, DisplaceError, NotFound, Refused, Stale
from ledger import selectors, services
from ledger.domain.history import Json
from ledger.domain.policy import Rule
from ledger.domain.policy_documents import cost_limits
from ledger.domain.policy_words import (
    RULE_LABELS,
    cost_words,
    roles_words,
    setting_words,
    share_words,
)
from ledger.models import Waiver
from ledger.web.forms.policy import (
    PolicyForm,
    RepositoryRulesForm,
    RuleFields,
    WaiverForm,
    level_meanings,
    policy_values,
    rule_values,
)
from ledger.web.forms.refusals import show_refusal

ALIASES = {
    "ceiling_share": "ceiling",
    "system": "capacities",
    "environment_costs": "costs_admin_above",
}
TONES = {"asked": "warn", "live": "info", "expired": "quiet", "withdrawn": "quiet"}


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """Show the policy in force with what follows from it; by POST, ask for a waiver."""
    user = require_role(request, Role.VIEWER)
    names = selectors.repository_names()
    form = WaiverForm(request.POST if request.method == "POST" else None, repositories=names)
    if form.is_bound and form.is_valid():
        try:
            services.waiver_ask(actor=user, **form.arguments())
        except Refused as refusal:
            show_refusal(form, refusal, {})
        except Denied as denial:
            form.add_error(None, denial.message)
        else:
            messages.success(request, "The waiver is asked for; another approver decides.")
            return redirect("policy:policy")
    status = 422 if form.is_bound else 200
    context = {**_policy_context(names), "waiver_form": form, **_rights(user)}
    return render(request, "ledger/policy.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Change the organisation's policy. Needs an admin."""
    require_role(request, Role.ADMIN)
    number, document = selectors.policy_document()
    data = request.POST if request.method == "POST" else None
    form = PolicyForm(data, initial={"version": number, **policy_values(document)})
    return _changed(
        request,
        form,
        lambda: form.document(document["repositories"]),
        "ledger/policy_edit.html",
        {"heading": "Change the policy"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def repository_rules(request: HttpRequest, slug: str) -> HttpResponse:
    """Change how hard the rules are in one repository. Needs an admin."""
    require_role(request, Role.ADMIN)
    try:
        repository = repository_by_slug(slug)
    except NotFound as error:
        raise Http404(error.message) from None
    number, document = selectors.policy_document()
    own = document["repositories"].get(str(repository.pk), {})
    data = request.POST if request.method == "POST" else None
    form = RepositoryRulesForm(data, initial={"version": number, **rule_values(own)})
    return _changed(
        request,
        form,
        lambda: {
            **document,
            "repositories": {**document["repositories"], str(repository.pk): form.rules()},
        },
        "ledger/policy_edit.html",
        {"heading": f"Rules of {repository.name}", "repository": repository},
    )


@require_POST
def waiver_approve(request: HttpRequest, waiver_id: int) -> HttpResponse:
    return _decided(request, waiver_id, services.waiver_approve, "The waiver holds.")


@require_POST
def waiver_end(request: HttpRequest, waiver_id: int) -> HttpResponse:
    return _decided(request, waiver_id, services.waiver_end, "The waiver is over.")


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show one version as it was decided."""
    require_role(request, Role.VIEWER)
    found = selectors.policy_versions().filter(number=number).first()
    if found is None:
        raise Http404(f"There is no policy {number}.")
    names = selectors.repository_names()
    context = {"version": found, **_document_context(found.document, names)}
    return render(request, "ledger/policy_version.html", context)


def _changed(
    request: HttpRequest,
    form: RuleFields,
    document: Callable[[], Json],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """Put what a form describes in force, or show what stands against it."""
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = services.policy_change(
                    actor=require_role(request, Role.ADMIN),
                    document=document(),
                    note=form.cleaned_data["note"],
                    expected_version=form.cleaned_data["version"],
                )
            except Refused as refusal:
                show_refusal(form, refusal, ALIASES)
            except Stale as stale:
                form.add_error(None, stale.message)
                status = 409
            else:
                messages.success(request, f"Policy {made.number} is in force.")
                return redirect("policy:policy")
    context = {
        **context,
        "form": form,
        "levels": level_meanings(),
        "currency": settings.CURRENCY,
    }
    return render(request, template, context, status=status)


def _decided(
    request: HttpRequest, waiver_id: int, service: Callable[..., Waiver], done: str
) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    try:
        service(actor=user, waiver_id=waiver_id)
    except NotFound as error:
        raise Http404(error.message) from None
    except DisplaceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("policy:policy")


def _rights(user: Any) -> dict[str, Any]:
    return {
        "is_admin": user.may(Role.ADMIN),
        "may_ask": user.may(Role.CONTRIBUTOR),
        "may_approve": user.may(Role.APPROVER),
    }


def _policy_context(names: dict[str, str]) -> dict[str, Any]:
    number, document = selectors.policy_document()
    waivers = selectors.waiver_lines()
    return {
        **_document_context(document, names),
        "number": number,
        "loads": selectors.system_loads(),
        "doors": selectors.unreviewed_doors(),
        "waivers": [
            (line, RULE_LABELS[Rule(line.waiver.rule)], TONES.get(line.standing, "quiet"))
            for line in waivers
        ],
        "versions": selectors.policy_changes(),
        "levels": level_meanings(),
        "repositories": repositories_list(),
    }


def _document_context(document: Json, names: dict[str, str]) -> dict[str, Any]:
    return {
        "terms": [
            (level, days, document["approvers"][level])
            for level, days in document["longest_terms"].items()
        ],
        "extensions": roles_words(document["extension_roles"]),
        "one_way_role": document["one_way_role"],
        "ceiling": share_words(document["ceiling_share"]),
        "has_ceiling": document["ceiling_share"] is not None,
        "hours_per_person": document["hours_per_person"],
        "cost_limits": {name: cost_words(one) for name, one in cost_limits(document).items()},
        "has_cost_limits": any(one is not None for one in cost_limits(document).values()),
        "currency": settings.CURRENCY,
        "rules": [
            (RULE_LABELS[rule], document["rules"][rule.value]["enforcement"],
             setting_words(document["rules"][rule.value]))
            for rule in Rule
        ],
        "overrides": [
            (names.get(key, f"repository {key}"), RULE_LABELS[Rule(name)], setting_words(setting))
            for key, rules in document["repositories"].items()
            for name, setting in rules.items()
        ],
    }  # fmt: skip

"""The page of one environment, and everything that can be asked of it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import DisplaceError
from orchestration.domain.lifetimes import EXTENSIONS_BEFORE_DEBT
from orchestration.domain.manifests import Manifest
from orchestration.domain.states import GONE_STATES, EnvironmentState
from orchestration.models import Environment, Resource, Run
from orchestration.selectors import pages_environments as pages
from orchestration.selectors.blueprints import manifest_of
from orchestration.selectors.costs import Costs
from orchestration.selectors.environments import (
    ShownOutput,
    environment_get,
    outputs_of,
    runs_of,
)
from orchestration.services import environments as services
from orchestration.services.adopting import is_without_owner
from orchestration.services.endings import may_extend
from orchestration.web.environment_forms import (
    AdoptForm,
    ConfirmForm,
    ExtendForm,
    OrphanForm,
    PromoteForm,
)
from orchestration.web.hints import hint_of
from orchestration.web.shared import attempt, or_404, page_context, show, viewer_of
from orchestration.web.wording import ENVIRONMENT_ADVICE

NEWEST_RUNS = 8
Ask = Callable[..., Run]
# What is asked for by a button alone, without further words.
_BY_BUTTON: dict[str, tuple[Ask, str]] = {
    "verify": (services.environment_verify, "Everything of it is looked at now."),
    "check": (services.environment_check, "It is compared with what was declared."),
    "repair": (services.environment_repair, "The repair is planned; somebody else approves it."),
}


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """A resource with its size, its outputs and how to use it."""

    resource: Resource
    manifest: Manifest
    outputs: Sequence[ShownOutput]
    hint: str

    @property
    def tier(self) -> Any:
        return self.manifest.tier(self.resource.tier)

    @property
    def url(self) -> str:
        """Its address, where it is one that a browser opens."""
        found = next((one.value for one in self.outputs if one.name == "url"), "")
        return found if found.startswith(("http://", "https://")) else ""


@never_cache
@require_safe
def environment(request: HttpRequest, reference: str) -> HttpResponse:
    """How it is, what to do now, what it is made of, and what was done to it."""
    return _page(request, _environment(reference))


@require_POST
def ask(request: HttpRequest, reference: str, what: str) -> HttpResponse:
    """Verify it, check it for drift, or repair it: a run, which the answer leads to."""
    user, found = viewer_of(request), _environment(reference)
    service, said = _BY_BUTTON[what]
    run = attempt(request, lambda: service(actor=user, environment_id=found.pk), said)
    if run is None:
        return redirect("environments:environment", found.reference)
    return redirect("environments:run", run.reference)


@never_cache
@require_POST
def reveal(request: HttpRequest, reference: str, resource: str, name: str) -> HttpResponse:
    """Show one secret to whoever needs it; the log says that it was shown, and to whom."""
    user, found = viewer_of(request), _environment(reference)
    value = attempt(
        request,
        lambda: services.output_reveal(
            actor=user, environment_id=found.pk, resource=resource, name=name
        ),
    )
    extra = {"revealed": (resource, name, value)} if value is not None else {}
    if request.headers.get("HX-Request") == "true":
        context = {"value": value, "resource": resource, "name": name}
        return render(request, "orchestration/parts/revealed.html", context)
    return _page(request, found, extra=extra)


@never_cache
@require_POST
def extend(request: HttpRequest, reference: str) -> HttpResponse:
    """Give it more days, with the reason."""
    form = ExtendForm(request.POST)
    return _changed(request, reference, "extend", form, services.environment_extend)


@never_cache
@require_POST
def promote(request: HttpRequest, reference: str) -> HttpResponse:
    """Let it stay: an owner, and no end."""
    form = PromoteForm(request.POST)
    return _changed(request, reference, "promote", form, services.environment_promote)


@never_cache
@require_POST
def orphan(request: HttpRequest, reference: str) -> HttpResponse:
    """Give it up, and leave it standing."""
    form = OrphanForm(request.POST)
    return _changed(request, reference, "orphan", form, services.environment_orphan)


@never_cache
@require_POST
def adopt(request: HttpRequest, reference: str) -> HttpResponse:
    """Take it over: an owner and an end again, once it was looked at."""
    form = AdoptForm(request.POST)
    return _changed(request, reference, "adopt", form, services.environment_adopt)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def destroy(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what would be lost; by POST with its name, ask for it to be taken away."""
    user, found = viewer_of(request), _environment(reference)
    if not user.may(Role.CONTRIBUTOR):
        raise PermissionDenied(f"This needs the role “{Role.CONTRIBUTOR.label}” or a higher one.")
    form = ConfirmForm(found.name, request.POST if request.method == "POST" else None)
    if form.is_valid():
        run = attempt(
            request,
            lambda: services.environment_destroy(actor=user, environment_id=found.pk),
            "Taking it away is planned; nothing is lost before somebody else approves it.",
        )
        if run is not None:
            return redirect("environments:run", run.reference)
        return redirect("environments:environment", found.reference)
    context = page_context(request, "overview") | {
        "environment": found,
        "form": form,
        "lines": _resource_lines(found),
        "debts": pages.debts_of(found),
    }
    status = 422 if form.errors else 200
    return render(request, "orchestration/destroy.html", context, status=status)


def _environment(reference: str) -> Environment:
    return or_404(lambda: environment_get(reference))


def _changed(
    request: HttpRequest, reference: str, name: str, form: Any, service: Callable[..., Any]
) -> HttpResponse:
    user, found = viewer_of(request), _environment(reference)
    if form.is_valid():
        try:
            service(actor=user, environment_id=found.pk, **form.cleaned_data)
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            return redirect("environments:environment", found.reference)
    return _page(request, found, extra={name: form, "open_form": name}, status=422)


def _page(
    request: HttpRequest,
    found: Environment,
    *,
    extra: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = viewer_of(request)
    lines = _resource_lines(found)
    runs = runs_of(found, NEWEST_RUNS)
    context = page_context(request, "overview") | {
        "environment": found,
        "advice": ENVIRONMENT_ADVICE.get(found.state, ""),
        "lines": lines,
        "costs": _costs(found, lines),
        "runs": runs,
        "open_run": next((one for one in runs if one.ended_at is None), None),
        "debts": pages.debts_of(found),
        "extend": ExtendForm(),
        "promote": PromoteForm(initial={"owner": found.owner}),
        "orphan": OrphanForm(),
        "adopt": AdoptForm(),
        "owners": accounts_selectors.owners() if user.may(Role.APPROVER) else [],
        "extensions_left": max(EXTENSIONS_BEFORE_DEBT - found.ttl_extensions, 0),
        "may": _may(user, found),
        "revealed": ("", "", None),
    }
    return render(request, "orchestration/environment.html", context | (extra or {}), status=status)


def _resource_lines(environment: Environment) -> list[ResourceLine]:
    outputs: dict[str, list[ShownOutput]] = defaultdict(list)
    for one in outputs_of(environment):
        outputs[one.resource].append(one)
    found = []
    for resource in pages.resource_rows([environment]):
        own = outputs[resource.name]
        clear = {one.name: one.value for one in own if not one.is_secret}
        hint = hint_of(resource.capability, clear)
        found.append(ResourceLine(resource, manifest_of(resource.version), own, hint))
    return found


def _costs(environment: Environment, lines: Sequence[ResourceLine]) -> Costs:
    return pages.costs_from([one.tier for one in lines], environment.expires_at, clock.now())


def _may(user: User, environment: Environment) -> dict[str, bool]:
    """Which buttons there are; the services decide once more."""
    state = EnvironmentState(environment.state)
    stands = state not in GONE_STATES and state is not EnvironmentState.REQUESTED
    asks = stands and user.may(Role.CONTRIBUTOR)
    is_own = environment.requested_by_id == user.pk
    is_orphaned = state is EnvironmentState.ORPHANED
    has_end = environment.expires_at is not None and state is not EnvironmentState.DESTROYING
    return {
        "adopt": user.may(Role.APPROVER)
        and (is_orphaned or (stands and is_without_owner(environment))),
        "ask": asks,
        "repair": asks and state in (EnvironmentState.DEGRADED, EnvironmentState.DRIFTED),
        "extend": asks and has_end and may_extend(user, environment),
        "promote": stands and has_end and user.may(Role.APPROVER) and not is_own,
        "orphan": stands and user.may(Role.OPERATOR),
        "reveal": user.may(Role.CONTRIBUTOR),
    }

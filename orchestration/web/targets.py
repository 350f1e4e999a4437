"""The pages of targets: where engines build. Operators set them up."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.selectors import User
from common.errors import DisplaceError
from orchestration.engines.engine import Engine
from orchestration.engines.registry import ENGINES
from orchestration.models import Target
from orchestration.selectors import targets as read
from orchestration.services import targets as services
from orchestration.web.shared import attempt, or_404, page_context, page_of, show, viewer_of
from orchestration.web.target_forms import PREFIX, TargetForm

TAB = "targets"


@never_cache
@require_safe
def targets(request: HttpRequest) -> HttpResponse:
    """Every target, and every engine with what it lacks on this host."""
    viewer_of(request)
    page = page_of(request, read.targets_all())
    context = page_context(request, TAB) | {
        "page": page,
        "lines": [(one, read.engine_known(one)) for one in page.object_list],
        "engines": [(one, one.missing({})) for one in ENGINES.values()],
    }
    return render(request, "orchestration/targets.html", context)


@never_cache
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Ask which engine a new target is for."""
    _operator(request)
    context = page_context(request, TAB) | {
        "engines": [(one, one.missing({})) for one in ENGINES.values()]
    }
    return render(request, "orchestration/target_choose.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, engine: str) -> HttpResponse:
    """Ask for the settings of a new target; by POST, make it."""
    user, known = _operator(request), _engine(engine)
    form = TargetForm(known, data=request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = services.target_create(
                actor=user,
                engine=known.name,
                name=form.cleaned_data["name"],
                values=form.values(),
            )
        except DisplaceError as refusal:
            show(form, refusal, prefix=PREFIX)
        else:
            messages.success(request, "The target is there. Test it to see whether it answers.")
            return redirect("environments:target", made.pk)
    return _form_page(request, form, known)


@never_cache
@require_safe
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """One target: its settings, what stands on it, and whether it answers."""
    return _page(request, _target(pk))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a target; a secret left empty stays as it is."""
    user, found = _operator(request), _target(pk)
    form = TargetForm(
        _engine(found.engine),
        shown=read.values_shown(found),
        data=request.POST if request.method == "POST" else None,
        initial={"name": found.name},
    )
    if form.is_valid():
        try:
            services.target_update(
                actor=user, target_id=pk, name=form.cleaned_data["name"], values=form.values()
            )
        except DisplaceError as refusal:
            show(form, refusal, prefix=PREFIX)
        else:
            messages.success(request, "The target is changed.")
            return redirect("environments:target", pk)
    return _form_page(request, form, _engine(found.engine), found)


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nothing new be built there, or let it be again."""
    user, found = _operator(request), _target(pk)
    if found.disabled_at is None:
        said = "Nothing new is built there. What stands can still be taken away."
        attempt(request, lambda: services.target_disable(actor=user, target_id=pk), said)
    else:
        said = "It may be built on again."
        attempt(request, lambda: services.target_enable(actor=user, target_id=pk), said)
    return redirect("environments:target", pk)


@never_cache
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether it is there and takes the credential; nothing is built."""
    user, found = _operator(request), _target(pk)
    result = attempt(request, lambda: services.target_test(actor=user, target_id=pk))
    if request.headers.get("HX-Request") == "true":
        return render(request, "orchestration/parts/target_test.html", {"test": result})
    return _page(request, found, extra={"test": result})


def _operator(request: HttpRequest) -> User:
    user = viewer_of(request)
    if not user.may(services.MANAGES):
        raise PermissionDenied(f"This needs the role “{services.MANAGES.label}”.")
    return user


def _engine(name: str) -> Engine:
    if name not in ENGINES:
        raise Http404("There is no such engine.")
    return ENGINES[name]


def _target(pk: int) -> Target:
    return or_404(lambda: read.target_get(pk))


def _form_page(
    request: HttpRequest, form: TargetForm, engine: Engine, found: Target | None = None
) -> HttpResponse:
    context = page_context(request, TAB) | {"form": form, "engine": engine, "target": found}
    status = 422 if form.errors else 200
    return render(request, "orchestration/target_form.html", context, status=status)


def _page(
    request: HttpRequest, found: Target, *, extra: dict[str, Any] | None = None
) -> HttpResponse:
    engine = read.engine_known(found)
    resources = read.resources_on(found)
    context = page_context(request, TAB) | {
        "target": found,
        "engine": engine,
        "missing": engine.missing({}) if engine else (),
        "values": read.values_shown(found),
        "resources": list(resources[:20]),
        "resource_count": resources.count(),
    }
    return render(request, "orchestration/target.html", context | (extra or {}))

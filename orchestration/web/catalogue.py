"""The pages of blueprints: what is on offer, how it changed, and an operator's word on it."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import yaml
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.states import VersionState
from orchestration.engines.registry import ENGINES
from orchestration.models import Blueprint, BlueprintVersion
from orchestration.selectors.blueprints import blueprint_get, manifest_of, version_before
from orchestration.selectors.lists import blueprints_found, version_numbered, versions_found
from orchestration.services import blueprints as services
from orchestration.web.shared import attempt, or_404, page_context, viewer_of

TAB = "blueprints"
MOST_DIFF_LINES = 4000
_DECISIONS: Mapping[str, tuple[Callable[..., BlueprintVersion], str]] = {
    "sign_off": (services.version_sign_off, "Signed off: new environments are built from it."),
    "refuse": (services.version_refuse, "Refused: nothing is built from it."),
    "retire": (services.version_retire, "Retired: nothing new is built from it."),
}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference. `kind`: added, removed, place, file or same."""

    text: str
    kind: str


_PARAMETER = re.compile(r"\{([a-z_]+)\}")


@never_cache
@require_safe
def blueprints(request: HttpRequest) -> HttpResponse:
    """Everything on offer, by capability; and what waits for an operator."""
    viewer_of(request)
    rows = blueprints_found()
    waiting = versions_found().filter(state=VersionState.PROPOSED.value)
    context = page_context(request, TAB) | {
        "lines": [
            (one, manifest_of(one.current) if one.current else None, _terms(one)) for one in rows
        ],
        "waiting": list(waiting[:50]),
    }
    return render(request, "orchestration/blueprints.html", context)


@never_cache
@require_safe
def blueprint(request: HttpRequest, name: str) -> HttpResponse:
    """One blueprint: sizes, parameters, outputs, versions, and what it needs on this host."""
    found = or_404(lambda: blueprint_get(name))
    manifest = manifest_of(found.current) if found.current else None
    engine = ENGINES.get(manifest.engine) if manifest else None
    context = page_context(request, TAB) | {
        "blueprint": found,
        "manifest": manifest,
        "terms": _terms(found),
        "engine": engine,
        "missing": engine.missing(found.current.manifest) if engine and found.current else (),
        "parameters": (manifest.parameters.get("properties", {}) if manifest else {}).items(),
        # Of each sentence the texts, and between them the names of parameters.
        "declares": [_PARAMETER.split(one) for one in manifest.declares] if manifest else [],
        "versions": list(versions_found(found)),
    }
    return render(request, "orchestration/blueprint.html", context)


@never_cache
@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its content beside the one before it, for whoever is to sign it off."""
    viewer_of(request)
    found = or_404(lambda: version_numbered(pk))
    previous = version_before(found)
    lines = difference(previous, found)
    context = page_context(request, TAB) | {
        "version": found,
        "blueprint": found.blueprint,
        "previous": previous,
        "lines": lines[:MOST_DIFF_LINES],
        "is_cut": len(lines) > MOST_DIFF_LINES,
        "state": VersionState(found.state),
    }
    return render(request, "orchestration/version.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """An operator signs a version off, refuses it, or retires it."""
    user = viewer_of(request)
    note = request.POST.get("note", "").replace("\0", "")
    service, said = _DECISIONS.get(request.POST.get("decision", ""), _DECISIONS["refuse"])
    attempt(request, lambda: service(actor=user, version_id=pk, note=note), said)
    return redirect("environments:version", pk)


def _terms(blueprint: Blueprint) -> object:
    known = list(Capability)
    return CAPABILITIES[Capability(blueprint.capability)] if blueprint.capability in known else None


def difference(before: BlueprintVersion | None, after: BlueprintVersion) -> Sequence[DiffLine]:
    """What changed from one version to the next, file by file, the manifest first."""
    old, new = _files(before), _files(after)
    found: list[DiffLine] = []
    for path in sorted(set(old) | set(new), key=lambda one: (one != "blueprint.yml", one)):
        lines = difflib.unified_diff(
            old.get(path, "").splitlines(), new.get(path, "").splitlines(), lineterm="", n=3
        )
        # The first two lines name files that have no name here.
        body = [DiffLine(line, _KINDS.get(line[:1], "same")) for line in list(lines)[2:]]
        if body:
            found += [DiffLine(path, "file"), *body]
    return found


_KINDS = {"+": "added", "-": "removed", "@": "place"}


def _files(version: BlueprintVersion | None) -> dict[str, str]:
    if version is None:
        return {}
    manifest = yaml.safe_dump(version.manifest, sort_keys=False, allow_unicode=True, width=100)
    return {"blueprint.yml": manifest, **version.files}

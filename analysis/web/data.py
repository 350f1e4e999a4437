"""What the charts draw, as JSON.

A snapshot never changes, so its id is the entity tag: a browser that has the figures is told so.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from analysis.models import Repository, Snapshot
from analysis.selectors.pages_files import treemap_files
from analysis.selectors.pages_structure import package_drawing, strongest_couplings
from analysis.web.lookup import repository_or_404, snapshot_or_404

# Raise it when the shape of the figures changes, so that no browser draws an old shape.
SHAPE = 2

Figures = Callable[[HttpRequest, Repository, Snapshot], dict[str, Any]]
View = Callable[[HttpRequest, str], HttpResponse]


def _figures(read: Figures) -> View:
    """Make a view of a function that reads figures of the current snapshot."""

    @require_safe
    @wraps(read)
    def view(request: HttpRequest, slug: str) -> HttpResponse:
        repository = repository_or_404(slug)
        snapshot = snapshot_or_404(repository)
        etag = quote_etag(f"{SHAPE}-{snapshot.pk}-{snapshot.created_at.timestamp()}")
        response = get_conditional_response(request, etag=etag)
        if response is None:
            response = JsonResponse(read(request, repository, snapshot))
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    return view


def _files_address(repository: Repository) -> str:
    return reverse("analysis:files", args=[repository.slug])


def _package_address(repository: Repository, package: str) -> str:
    query = QueryDict(mutable=True)
    query["package"] = package
    return f"{reverse('analysis:structure', args=[repository.slug])}?{query.urlencode()}"


@_figures
def hotspots(request: HttpRequest, repository: Repository, snapshot: Snapshot) -> dict[str, Any]:
    """The treemap: {files_address, files: [[path, lines, hotspot or null], ...]}."""
    return {"files_address": _files_address(repository), "files": treemap_files(snapshot)}


@_figures
def matrix(request: HttpRequest, repository: Repository, snapshot: Snapshot) -> dict[str, Any]:
    """The design structure matrix of the packages below `?package=`."""
    drawing = package_drawing(snapshot, request.GET.get("package", ""))
    return {
        "modules": [{"name": group.name, "cycle": group.cycle} for group in drawing.groups],
        "cells": [
            [link.source, link.target, link.dependencies, link.in_cycle] for link in drawing.links
        ],
    }


@_figures
def module_graph(
    request: HttpRequest, repository: Repository, snapshot: Snapshot
) -> dict[str, Any]:
    """The graph of the packages below `?package=`."""
    drawing = package_drawing(snapshot, request.GET.get("package", ""))
    return {
        "directed": True,
        "unit": "imports",
        "nodes": [
            {
                "name": group.name,
                "size": group.modules,
                "group": 0,
                "marked": group.cycle is not None,
                "note": f"{group.modules} modules" if group.modules > 1 else "1 module",
                "href": _package_address(repository, group.name) if group.modules > 1 else "",
            }
            for group in drawing.groups
        ],
        "links": [
            [link.source, link.target, link.dependencies, link.in_cycle] for link in drawing.links
        ],
    }


@_figures
def coupling_graph(
    request: HttpRequest, repository: Repository, snapshot: Snapshot
) -> dict[str, Any]:
    """The graph of files that change together."""
    pairs = strongest_couplings(snapshot)
    revisions = {pair.a: pair.revisions_a for pair in pairs}
    revisions |= {pair.b: pair.revisions_b for pair in pairs}
    positions = {path: number for number, path in enumerate(revisions)}
    folders = sorted({path.rpartition("/")[0] for path in revisions})
    return {
        "directed": False,
        "unit": "% of their changes together",
        "nodes": [
            {
                "name": path,
                "size": count,
                "group": folders.index(path.rpartition("/")[0]),
                "marked": False,
                "note": f"{count} revisions",
                "href": reverse("analysis:file", args=[repository.slug, path]),
            }
            for path, count in revisions.items()
        ],
        "links": [
            [positions[pair.a], positions[pair.b], round(pair.degree), False] for pair in pairs
        ],
    }

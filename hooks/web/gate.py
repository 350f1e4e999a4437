"""The page of changes that were let through although the gate had stopped them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hooks.selectors.gate_overrides import overrides_list

PAGE_SIZE = 50
MOST_SEARCH = 200


@require_safe
def overrides(request: HttpRequest) -> HttpResponse:
    """Who let what through, when and why: for everybody who is signed in."""
    # PostgreSQL takes no NUL, not even to find nothing.
    search = request.GET.get("q", "").replace("\0", "").strip()[:MOST_SEARCH]
    rows = overrides_list(search)
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "q": search,
    }
    return render(request, "hooks/overrides.html", context)

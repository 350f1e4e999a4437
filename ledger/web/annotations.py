"""Marks in code and lines of commits that did nothing, for those who wrote them."""

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from common.errors import NotFound
from ledger import services
from ledger.selectors import open_candidates, rejected_annotations, trailer_notices
from ledger.web.lines import guide

MOST = 500


@require_safe
def annotations(request: HttpRequest) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    rows = list(rejected_annotations(limit=MOST))
    groups = [
        (repository, list(found))
        for repository, found in groupby(rows, key=lambda row: row.repository)
    ]
    context = {
        **guide(user),
        "groups": groups,
        "total": len(rows),
        "most": MOST,
        "notices": trailer_notices(MOST),
        "candidates": sum(open_candidates().values()),
    }
    return render(request, "ledger/annotations.html", context)


@require_POST
def settle(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Take a line of a commit off the list."""
    user = require_role(request, Role.CONTRIBUTOR)
    try:
        services.notice_settle(actor=user, notice_id=notice_id)
    except NotFound as error:
        raise Http404(error.message) from None
    return redirect("ledger:annotations")

"""Marks in the code that are no registered debt, for those who wrote them."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from ledger.selectors import rejected_annotations
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
    context = {**guide(user), "groups": groups, "total": len(rows), "most": MOST}
    return render(request, "ledger/annotations.html", context)

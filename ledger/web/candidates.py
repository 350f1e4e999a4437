"""Candidates: the list, dismissing many at once, and the page that makes one a debt."""

import csv
from collections.abc import Iterator
from datetime import timedelta

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from analysis.selectors import repositories_list
from common import clock
from common.errors import DisplaceError, NotFound, Refused
from ledger import services
from ledger.domain.candidates import annotation_for, slug_for
from ledger.domain.reconciliation import title_of
from ledger.models import Candidate
from ledger.selectors import (
    candidate_get,
    candidates_csv,
    candidates_page,
    slugs_taken,
)
from ledger.web.candidate_query import candidate_choices, candidate_query
from ledger.web.evidence import place_evidence
from ledger.web.forms.candidates import PromoteForm
from ledger.web.forms.refusals import show_refusal
from ledger.web.register import Echo

PAGE_SIZE = 50
FILTER_NAMES = ("q", "repository", "kind", "age", "state")
DEFAULT_TERM = timedelta(days=90)


@require_safe
def candidates(request: HttpRequest) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    query = candidate_query(request.GET)
    context = {
        "problems": query.problems,
        "q": query.filter.search,
        "choices": candidate_choices(request.GET),
        "may_write": user.may(Role.CONTRIBUTOR),
        "is_filtered": any(request.GET.get(name) for name in FILTER_NAMES),
        "has_repositories": repositories_list().exists(),
    }
    if query.problems:
        return render(request, "ledger/candidates.html", context, status=400)
    context["page"] = candidates_page(
        filter=query.filter, sort=query.sort, page=query.page, size=PAGE_SIZE
    )
    return render(request, "ledger/candidates.html", context)


@require_safe
def candidates_file(request: HttpRequest) -> HttpResponseBase:
    """The whole filtered list as a file; the same address as the list."""
    require_role(request, Role.VIEWER)
    query = candidate_query(request.GET)
    if query.problems:
        text = "\n".join(query.problems)
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    writer = csv.writer(Echo())

    def lines() -> Iterator[str]:
        return (writer.writerow(cells) for cells in candidates_csv(query.filter, query.sort))

    name = f"candidates-{clock.today().isoformat()}.csv"
    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Dismiss the chosen candidates, and go back to the list as it was."""
    user = require_role(request, Role.VIEWER)
    chosen = [text for text in request.POST.getlist("candidate") if _is_number(text)]
    try:
        count = services.candidates_dismiss(
            actor=user, candidate_ids=map(int, chosen), reason=request.POST.get("reason", "")
        )
    except DisplaceError as error:
        messages.error(request, error.message)
    else:
        noun = "candidate" if count == 1 else "candidates"
        messages.success(request, f"{count} {noun} dismissed for good.")
    return redirect(_back(request))


@require_http_methods(["GET", "HEAD", "POST"])
def candidate(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """One candidate where it stands, and the form that makes it a debt."""
    user = require_role(request, Role.VIEWER)
    found = _candidate_or_404(candidate_id)
    if request.method != "POST":
        services.candidates_blame(candidate_ids=[found.pk])
        found = _candidate_or_404(candidate_id)
        return _show(request, found, PromoteForm(initial=_proposal(found)), 200)
    form = PromoteForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            services.candidate_promote(actor=user, candidate_id=found.pk, **form.cleaned_data)
        except Refused as refusal:
            show_refusal(form, refusal, {})
        except DisplaceError as error:
            form.add_error(None, error.message)
            status = 403
        else:
            messages.success(request, "The candidate is proposed debt now.")
            return redirect("ledger:candidate", found.pk)
    return _show(request, found, form, status)


@require_POST
def restore(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """Take a dismissal back."""
    user = require_role(request, Role.VIEWER)
    try:
        services.candidate_restore(actor=user, candidate_id=candidate_id)
    except NotFound as error:
        raise Http404(error.message) from None
    except DisplaceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The candidate is to be decided again.")
    return redirect("ledger:candidate", candidate_id)


def _show(request: HttpRequest, found: Candidate, form: PromoteForm, status: int) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    item = found.item
    context = {
        "candidate": found,
        "form": form,
        "code": place_evidence(
            found.repository_id, found.path, found.line if found.is_present else None
        ),
        "may_write": user.may(Role.CONTRIBUTOR),
        "owner_note": "" if item else services.candidate_owner(found).note,
        "annotation": annotation_for(item.slug, item.owner, item.due_on, found.text)
        if item
        else "",
    }
    return render(request, "ledger/candidate.html", context, status=status)


def _proposal(found: Candidate) -> dict[str, object]:
    """What the form holds at first: nothing here is decided until somebody sends it."""
    if found.state != "open":
        return {}
    return {
        "title": title_of(found.text),
        "owner": services.candidate_owner(found).handle,
        "due_on": clock.today() + DEFAULT_TERM,
        "slug": slug_for(found.text, slugs_taken(found.repository_id)),
        "severity": "medium",
    }


def _candidate_or_404(candidate_id: int) -> Candidate:
    try:
        return candidate_get(candidate_id)
    except NotFound as error:
        raise Http404(error.message) from None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def _back(request: HttpRequest) -> str:
    address = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if address.startswith("/") and is_ours else reverse("ledger:candidates")

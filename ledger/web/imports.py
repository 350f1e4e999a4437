"""Importing debt: upload, see what would happen, decide."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.roles import Role
from accounts.selectors import owners
from accounts.web.access import require_role
from analysis.selectors import repositories_list
from common import clock
from common.errors import DisplaceError, Refused
from ledger import selectors, services
from ledger.domain.exchange.formats import LABELS, Format
from ledger.domain.exchange.results import ImportReport
from ledger.web.forms.imports import ImportForm
from ledger.web.forms.refusals import show_refusal

# So many rows of each kind are shown; the figures above them are whole.
MOST_SHOWN = 100
DEFAULT_DAYS = 90


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; by POST, show what importing it would do."""
    user = require_role(request, Role.CONTRIBUTOR)
    is_sent = request.method == "POST"
    form = ImportForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial={"due_on": clock.today() + timedelta(days=DEFAULT_DAYS)},
        owners=owners(),
        repositories=[(str(one.pk), one.name) for one in repositories_list()],
    )
    if form.is_bound and form.is_valid():
        try:
            number, report = services.upload_store(user=user, order=form.order())
        except Refused as refusal:
            show_refusal(form, refusal, {"file": "file"})
        else:
            return render(request, "ledger/import_preview.html", _context(report, number))
    return render(
        request, "ledger/import.html", {"form": form}, status=422 if form.is_bound else 200
    )


@never_cache
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Import the file that was previewed, or throw it away."""
    user = require_role(request, Role.CONTRIBUTOR)
    if "discard" in request.POST:
        services.upload_discard(user=user)
        messages.info(request, "The file was thrown away; nothing was imported.")
        return redirect("ledger:import")
    try:
        report = services.upload_import(user=user, upload_id=_number(request))
    except DisplaceError as error:
        messages.error(request, error.message)
        return redirect("ledger:import")
    return render(request, "ledger/import_done.html", _context(report, 0))


@require_safe
def archive(request: HttpRequest) -> StreamingHttpResponse:
    """The whole ledger with its history, for keeping elsewhere."""
    require_role(request, Role.VIEWER)
    name = f"displace-ledger-{clock.today():%Y-%m-%d}.json"
    return StreamingHttpResponse(
        selectors.archive_lines(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _context(report: ImportReport, number: int) -> dict[str, Any]:
    tables = (
        ("created", "New debt", "It stays proposed until an approver accepts it."),
        ("changed", "Changed debt", ""),
        ("vanished", "No longer in the file", "It stays open: look whether it was repaid."),
        ("closed", "Closed here, and still in the file", "It stays closed: reopen what is back."),
    )
    lists = [
        {"title": title, "text": text, "rows": rows[:MOST_SHOWN], "total": len(rows)}
        for name, title, text in tables
        if (rows := getattr(report, name))
    ]
    return {
        "report": report,
        "label": LABELS[report.kind],
        "lists": lists,
        "refused": report.refused[:MOST_SHOWN],
        "most": MOST_SHOWN,
        "is_table": report.kind is Format.CSV,
        "number": number,
        "has_work": bool(report.created or report.changed),
    }


def _number(request: HttpRequest) -> int:
    text = request.POST.get("upload", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0

"""An import from file to ledger: read, plan, and unless it is a dry run, write in one go.

All that can be taken is written in one transaction together with the note of its source, so an
import never ends half done; what is refused is left out and reported with its place and reason.
"""

from datetime import date

from django.db import IntegrityError, transaction

from accounts.domain.roles import Role
from analysis import selectors as analysis_selectors
from common import clock
from common.errors import Refused
from ledger.domain.exchange.documents import decode
from ledger.domain.exchange.formats import Format, read
from ledger.domain.exchange.results import ImportOrder, ImportReport
from ledger.domain.terms import Confidence
from ledger.domain.texts import day_words
from ledger.selectors.default_owners import default_owners
from ledger.selectors.policies import policy_in_force
from ledger.services.actors import Actor, require_role, signature_of
from ledger.services.exchange import findings, tables
from ledger.services.exchange.sources import source_find, source_lock, source_name
from ledger.services.inputs import checked
from ledger.services.recorder import changes_record

# What is imported is as well understood as any new debt.
CONFIDENCE = Confidence.MEDIUM


def file_import(*, actor: Actor, order: ImportOrder, is_dry_run: bool) -> ImportReport:
    """Import a file, or say what that would do. Needs a contributor.

    Entries without an owner get one from CODEOWNERS, else the order's; entries without a date get
    the order's. Raises Refused for a file that is not of its format, or an unusable default.
    """
    require_role(actor, Role.CONTRIBUTOR)
    _require_defaults(order)
    text, encoding = decode(order.data, is_lenient=order.kind is Format.CSV)
    report = ImportReport(order.kind, source_name(order), encoding, is_dry_run)
    if encoding == "Windows-1252":
        report.notes.append("The file is no UTF-8 and was read as Windows-1252: check its umlauts.")
    if order.kind is Format.CSV:
        rows = tables.parsed(text)
        mapped = tables.owners_for(order, rows)
        with transaction.atomic():
            source = source_find(order) if is_dry_run else source_lock(order)
            plan = tables.planned(order, rows, source, actor, report, mapped)
            if source is not None and not is_dry_run:
                _write(plan.changes, actor)
                tables.noted(plan, source, report)
        return report
    found = read(order.kind, text, order.file_name)
    owners = default_owners(order.repository_id)
    with transaction.atomic():
        source = source_find(order) if is_dry_run else source_lock(order)
        work = findings.planned(order, found, source, report, owners)
        if source is not None and not is_dry_run:
            _write(work.changes, actor)
            findings.noted(work, source, report)
    return report


def _write(changes: list[findings.Change], actor: Actor) -> None:
    try:
        with transaction.atomic():
            changes_record(changes, signature=signature_of(actor), at=clock.now())
    except IntegrityError as error:
        raise Refused(
            "Somebody recorded a debt of the same id just now; nothing was imported: try again."
        ) from error


def _require_defaults(order: ImportOrder) -> None:
    if order.owner:
        checked({"owner": order.owner})
    if order.repository_id is not None:
        analysis_selectors.repository_by_key(str(order.repository_id))
    if order.due_on is not None:
        _require_default_day(order.due_on, order.repository_id)


def _require_default_day(due_on: date, repository_id: int | None) -> None:
    today = clock.today()
    if due_on < today:
        raise Refused(f"{day_words(due_on)} is over; choose a later default date.", "due_on")
    days = policy_in_force(repository_id=repository_id).longest_terms[CONFIDENCE]
    if (due_on - today).days > days:
        raise Refused(
            f"A promise of {CONFIDENCE.value} confidence may run {days} days; choose a default "
            "date within them.",
            "due_on",
        )

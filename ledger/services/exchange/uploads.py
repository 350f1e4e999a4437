"""A file that waits between its preview and the decision to import it."""

from datetime import date, timedelta

from django.db import transaction

from common import clock
from common.errors import Refused
from ledger.domain.actors import Person
from ledger.domain.exchange.formats import Format
from ledger.domain.exchange.results import ImportOrder, ImportReport
from ledger.models import ImportUpload
from ledger.services.exchange.imports import file_import

# A preview that nobody decided on is thrown away after this long.
KEEP = timedelta(days=1)


def upload_store(*, user: Person, order: ImportOrder) -> tuple[int, ImportReport]:
    """Show what importing the file would do, and keep it, by a number, for the decision."""
    report = file_import(actor=user, order=order, is_dry_run=True)
    with transaction.atomic():
        upload_discard(user=user)
        ImportUpload.objects.filter(uploaded_at__lt=clock.now() - KEEP).delete()
        kept = ImportUpload.objects.create(
            user_id=user.pk,
            order=_document(order),
            content=order.data,
            uploaded_at=clock.now(),
        )
    return kept.pk, report


def upload_import(*, user: Person, upload_id: int) -> ImportReport:
    """Import the very file that was previewed. Raises Refused when it is no longer there."""
    kept = ImportUpload.objects.filter(user_id=user.pk, pk=upload_id).first()
    if kept is None:
        raise Refused("This file was imported or thrown away already; upload it again.", "file")
    # In no transaction of its own: an import asks Git first, and one done twice adds nothing.
    report = file_import(actor=user, order=_order(kept), is_dry_run=False)
    kept.delete()
    return report


def upload_discard(*, user: Person) -> None:
    """Forget the file that the person previewed."""
    ImportUpload.objects.filter(user_id=user.pk).delete()


def _document(order: ImportOrder) -> dict[str, object]:
    return {
        "kind": order.kind.value,
        "file_name": order.file_name,
        "repository_id": order.repository_id,
        "source": order.source,
        "owner": order.owner,
        "due_on": order.due_on.isoformat() if order.due_on else None,
    }


def _order(kept: ImportUpload) -> ImportOrder:
    values = dict(kept.order)
    due_on = values.pop("due_on")
    return ImportOrder(
        kind=Format(values.pop("kind")),
        data=bytes(kept.content),
        due_on=date.fromisoformat(due_on) if due_on else None,
        **values,
    )

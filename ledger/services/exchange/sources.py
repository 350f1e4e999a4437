"""The source of an import, whose row is locked while it is applied."""

from typing import Any

from django.db import IntegrityError, transaction

from common.errors import Refused
from ledger.domain.exchange.formats import Format
from ledger.domain.exchange.results import ImportOrder
from ledger.domain.texts import line
from ledger.models import ImportSource

# Every table of debt is the same source, since its rows say themselves which debt they are.
CSV_SOURCE = "register"


def source_name(order: ImportOrder) -> str:
    """What the source is called from import to import: as said, else the file's name."""
    if order.kind is Format.CSV:
        return CSV_SOURCE
    name = line(order.source or order.file_name, "source", 200)
    if not name:
        raise Refused("Give the source a name: it tells a later import of it apart.", "source")
    return name


def source_find(order: ImportOrder) -> ImportSource | None:
    return ImportSource.objects.filter(**_key(order)).first()


def source_lock(order: ImportOrder) -> ImportSource:
    """The source's row, made if need be; two imports of one source go one after the other."""
    key = _key(order)
    if not ImportSource.objects.filter(**key).exists():
        try:
            with transaction.atomic():
                ImportSource.objects.create(**key)
        except IntegrityError:  # another import has just made it
            if not ImportSource.objects.filter(**key).exists():
                raise
    return ImportSource.objects.select_for_update().get(**key)


def _key(order: ImportOrder) -> dict[str, Any]:
    return {
        "repository_id": order.repository_id,
        "format": order.kind.value,
        "name": source_name(order),
    }

"""The whole ledger with its history, for a file that can be checked without the database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from analysis import selectors as analysis_selectors
from common import clock
from ledger.domain.exchange import archives
from ledger.domain.exchange.archives import ArchiveBreak, ArchiveCheck
from ledger.domain.history import SERIES, Json
from ledger.models import DebtEvent, DebtItem
from ledger.selectors.item_state import fields_of
from ledger.selectors.series import item_batches, series_by_item

EVENTS = ("sequence", "type", "at", "actor_id", "actor_name", "payload", "previous_hash", "hash")


def archive_lines() -> Iterator[str]:
    """The document of `ledger.domain.exchange.archives`, some hundred items in memory at a time."""
    repositories = [
        {"id": one.pk, "slug": one.slug, "name": one.name, "url": one.shown_location}
        for one in analysis_selectors.repositories_list().order_by("pk")
    ]
    head: Json = {"exported_at": clock.now().isoformat(), "repositories": repositories}
    return archives.lines(head, _items())


def archive_check(document: Iterable[str], *, most_breaks: int = 1) -> ArchiveCheck:
    """Check an export by itself. Raises Refused for a file that is none."""
    return archives.check(document, most_breaks=most_breaks)


def archive_missing(document: Iterable[str], *, most: int = 100) -> list[ArchiveBreak]:
    """What an intact export knows and this database does not: items and events that are gone."""
    found: list[ArchiveBreak] = []
    batch: list[tuple[str, str, int, str]] = []
    for head in archives.heads(document):
        batch.append(head)
        if len(batch) == 500:
            found += _missing(batch)
            batch = []
        if len(found) >= most:
            return found[:most]
    return [*found, *_missing(batch)][:most]


def _missing(batch: list[tuple[str, str, int, str]]) -> Iterator[ArchiveBreak]:
    keys = [key for _reference, key, _version, _head in batch]
    known = {key.hex for key in DebtItem.objects.filter(key__in=keys).values_list("key", flat=True)}
    events = DebtEvent.objects.filter(hash__in=[head for *_others, head in batch])
    hashes = {(item.hex, number): digest for item, number, digest in _numbered(events)}
    for reference, key, version, head in batch:
        if key not in known:
            yield ArchiveBreak(reference, 0, "is in the file and not in this ledger")
        elif hashes.get((key, version)) != head:
            yield ArchiveBreak(reference, version, "is another one in this ledger, or gone")


def _numbered(events: Any) -> Any:
    return events.values_list("item__key", "sequence", "hash")


def _items() -> Iterator[Json]:
    for batch in item_batches():
        first, last = batch[0].pk, batch[-1].pk
        events: dict[int, list[Json]] = defaultdict(list)
        rows = DebtEvent.objects.filter(item_id__gte=first, item_id__lte=last)
        for row in rows.order_by("item_id", "sequence").values("item_id", *EVENTS):
            events[row.pop("item_id")].append(_event(row))
        series = series_by_item(batch)
        for item in batch:
            # What happened since the item was read is no part of it: the export hangs together.
            own = events[item.pk][: item.version]
            yield _item(item, own, series[item.pk])


def _event(row: Json) -> Json:
    return {**row, "at": row["at"].isoformat(), "actor": row.pop("actor_id")}


def _item(item: DebtItem, events: list[Json], series: Json) -> Json:
    counts = {name: sum(name in event["payload"] for event in events) for name in SERIES}
    return {
        "reference": item.reference,
        "key": item.key.hex,
        "version": item.version,
        "history_head": item.history_head,
        "fields": fields_of(item),
        "series": {name: series[name][: counts[name]] for name in SERIES},
        "events": events,
    }

"""The only writer of items: what happened becomes an event, and the event becomes the row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Model

from common import bulk, hashchain
from common.errors import NotFound, Stale
from ledger.domain.history import SERIES, Json, after, event_body, event_hash
from ledger.domain.terms import EventType
from ledger.models import SERIES_MODELS, DebtEvent, DebtItem, Milestone, Plan
from ledger.selectors.item_state import (
    DERIVED,
    column_of,
    derived_assign,
    fields_assign,
    fields_of,
)
from ledger.services.actors import Signature

BATCH = 500
# From so many new rows on, writing them past the ORM is worth a question for their numbers.
MANY = 100
OBSERVED = ("line", "end_line", "text_hash")
STALE = "Somebody else changed this debt in the meantime; look at it again and repeat the step."


@dataclass(slots=True)
class Change:
    """Something that happens to one item; `payload` is described in ledger.domain.history."""

    item: DebtItem
    type: EventType
    payload: Json


@dataclass(slots=True)
class _Batch:
    signature: Signature
    at: datetime
    events: list[DebtEvent] = field(default_factory=list)
    series: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in SERIES})
    milestones: list[Milestone] = field(default_factory=list)
    # How many rows of a series an item has, by the item's key and the name of the series.
    counts: dict[tuple[UUID, str], int] = field(default_factory=dict)


def item_new() -> DebtItem:
    """An item before its first event."""
    return DebtItem(version=0, history_head=hashchain.GENESIS)


def item_lock(item_id: int, expected_version: int | None) -> DebtItem:
    """Read an item for a change; Stale if it is no longer at the version that the actor saw."""
    item = DebtItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise NotFound(f"There is no debt D-{item_id:06d}.")
    if expected_version is not None and item.version != expected_version:
        raise Stale(STALE)
    return item


def changes_record(changes: Sequence[Change], *, signature: Signature, at: datetime) -> None:
    """Write the events, the rows of the series and the items; call it in a transaction.

    Raises Stale, having written nothing that a rolled back transaction keeps, when an item was
    changed since it was read.
    """
    batch = _Batch(signature, at, counts=_series_counts(changes))
    read = {
        id(change.item): (change.item, change.item.version, fields_of(change.item))
        for change in changes
    }
    for change in changes:
        _apply(change, batch)
    for item, version, fields in read.values():
        if version > 0:
            _update(item, version, fields)
    _create([item for item, version, _fields in read.values() if version == 0])
    _append(DebtEvent, batch.events)
    for name, rows in batch.series.items():
        if rows:
            _append(SERIES_MODELS[name], rows)
    Milestone.objects.bulk_create(batch.milestones, batch_size=BATCH)


def places_note(items: Iterable[DebtItem]) -> None:
    """Store where annotations stand now: an observation, not an event."""
    quote = connection.ops.quote_name
    columns = ", ".join(f"{quote(name)} = %s" for name in OBSERVED)
    # One prepared statement: the ORM's bulk update takes ten times as long.
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(DebtItem._meta.db_table)} SET {columns} WHERE id = %s",  # noqa: S608 - no text of a user
            [[*(getattr(item, name) for name in OBSERVED), item.pk] for item in items],
        )


def _create(items: Sequence[DebtItem]) -> None:
    """Insert new items; each has its number afterwards."""
    if len(items) < MANY:
        DebtItem.objects.bulk_create(items, batch_size=BATCH)
        return
    _insert(DebtItem, items)
    by_key = {item.key: item for item in items}
    keys = list(by_key)
    for start in range(0, len(keys), BATCH):
        stored = DebtItem.objects.filter(key__in=keys[start : start + BATCH])
        for key, number in stored.values_list("key", "pk"):
            by_key[key].pk = number
            by_key[key]._state.adding = False


def _append(model: type[Model], rows: Sequence[Any]) -> None:
    """Insert rows that belong to items, which have their numbers by now."""
    # The milestones of a plan ask for its number.
    if len(rows) < MANY or model is Plan:
        model._default_manager.bulk_create(rows, batch_size=BATCH)
        return
    for row in rows:
        row.item_id = row.item.pk
    _insert(model, rows)


def _insert(model: type[Model], rows: Sequence[Model]) -> None:
    """Write many rows at once: the ORM takes most of the time to build the statement."""
    fields = [one for one in model._meta.concrete_fields if not (one.primary_key or one.generated)]
    read = attrgetter(*(one.attname for one in fields))
    bulk.insert_rows(model, [one.name for one in fields], map(read, rows))


def _apply(change: Change, batch: _Batch) -> None:
    item, payload = change.item, change.payload
    stood = (item.repository_id, item.path)
    fields_assign(item, after(fields_of(item), payload))
    derived_assign(item, has_moved=(item.repository_id, item.path) != stood)
    item.version += 1
    item.updated_at = batch.at
    body = event_body(
        key=item.key.hex,
        sequence=item.version,
        kind=change.type.value,
        at=batch.at,
        actor_id=batch.signature.id,
        actor_name=batch.signature.name,
        payload=payload,
    )
    digest = event_hash(item.history_head, body)
    batch.events.append(
        DebtEvent(
            item=item,
            sequence=item.version,
            type=change.type.value,
            at=batch.at,
            actor_id=batch.signature.id,
            actor_name=batch.signature.name,
            payload=payload,
            previous_hash=item.history_head,
            hash=digest,
        )
    )
    item.history_head = digest
    for name in SERIES:
        if name in payload:
            _add_row(name, item, payload[name], batch)


def _add_row(name: str, item: DebtItem, values: Json, batch: _Batch) -> None:
    key = (item.key, name)
    batch.counts[key] = batch.counts.get(key, 0) + 1
    row = SERIES_MODELS[name](
        item=item,
        sequence=batch.counts[key],
        at=batch.at,
        made_by_id=batch.signature.id,
        **_attributes(name, values),
    )
    batch.series[name].append(row)
    if isinstance(row, Plan):
        batch.milestones += [
            Milestone(
                plan=row,
                position=position,
                title=step["title"],
                due_on=date.fromisoformat(step["due_on"]),
            )
            for position, step in enumerate(values["milestones"], start=1)
        ]


def _series_counts(changes: Sequence[Change]) -> dict[tuple[UUID, str], int]:
    """The stored rows of every series that the changes add to, in a few queries."""
    counts: dict[tuple[UUID, str], int] = {}
    for name in SERIES:
        stored = [
            change.item.pk
            for change in changes
            if name in change.payload and not change.item._state.adding
        ]
        for start in range(0, len(stored), BATCH):
            rows = SERIES_MODELS[name]._default_manager.filter(
                item__in=stored[start : start + BATCH]
            )
            found = rows.values_list("item__key").annotate(rows=Count("pk")).order_by()
            counts.update({(key, name): number for key, number in found})
    return counts


def _attributes(name: str, values: Json) -> dict[str, Any]:
    """The columns of a series row; what other rows hold or a formula gives is left out."""
    model = SERIES_MODELS[name]
    attributes: dict[str, Any] = {}
    for key, value in values.items():
        if key == "approver":
            attributes["approver_id"] = value
        elif (name, key) not in {("plan", "milestones"), ("estimate", "principal")}:
            attributes[key] = model._meta.get_field(key).to_python(value)  # type: ignore[union-attr]  # a plain column
    return attributes


def _update(item: DebtItem, read_version: int, read_fields: Json) -> None:
    """Write what differs from what was read, if nobody else has written since."""
    changed = [name for name, value in fields_of(item).items() if read_fields[name] != value]
    values = {name: getattr(item, name) for name in (*map(column_of, changed), *OBSERVED, *DERIVED)}
    written = DebtItem.objects.filter(pk=item.pk, version=read_version).update(
        **values,
        version=item.version,
        history_head=item.history_head,
        updated_at=item.updated_at,
    )
    if written != 1:
        raise Stale(STALE)

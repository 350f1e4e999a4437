"""Checking the history: every hash, every sequence, and that it adds up to what is stored."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from common import hashchain
from ledger.adapters import append_only
from ledger.domain.history import SERIES, Json, event_body, event_hash, rebuild
from ledger.models import SERIES_MODELS, DebtEvent, DebtItem, Milestone
from ledger.selectors.item_state import fields_of, plain

BATCH = 500


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing wrong with an item's history; event 0 means the item's own row."""

    item_id: int
    event: int
    problem: str

    def __str__(self) -> str:
        place = f"event {self.event}" if self.event else "the stored state"
        return f"D-{self.item_id:06d}, {place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Verification:
    """How much was checked, and everything that is broken, in order of the items."""

    items: int
    events: int
    breaks: tuple[Break, ...]


def history_verify(*, most_breaks: int = 1) -> Verification:
    """Check all items, some hundred at a time, and stop after `most_breaks` broken ones."""
    checked = events = 0
    breaks: list[Break] = []
    for batch in _batches():
        histories = _by_item(DebtEvent, batch)
        series = {name: _by_item(model, batch) for name, model in SERIES_MODELS.items()}
        steps = _milestones(batch)
        for item in batch:
            checked += 1
            events += len(histories[item.pk])
            own = {
                name: _series_values(name, rows[item.pk], steps) for name, rows in series.items()
            }
            if found := _first_break(item, histories[item.pk], own):
                breaks.append(found)
                if len(breaks) >= most_breaks:
                    return Verification(checked, events, tuple(breaks))
    return Verification(checked, events, tuple(breaks))


def missing_protections() -> list[str]:
    """The append-only triggers that the database lacks."""
    return append_only.missing(connection)


def _first_break(
    item: DebtItem, events: Sequence[DebtEvent], series: dict[str, list[Json]]
) -> Break | None:
    return broken_event(item, events) or _broken_state(item, events, series)


def broken_event(item: DebtItem, events: Sequence[DebtEvent]) -> Break | None:
    """The first of an item's events, oldest first, that does not hold, or None."""
    previous = hashchain.GENESIS
    for expected, event in enumerate(events, start=1):
        if event.sequence != expected:
            return Break(item.pk, expected, f"is missing; event {event.sequence} follows")
        if event.previous_hash != previous:
            return Break(item.pk, expected, "does not continue the event before it")
        if event.hash != event_hash(previous, _body(item, event)):
            return Break(item.pk, expected, "was changed after it was written")
        previous = event.hash
    if len(events) != item.version:
        return Break(item.pk, len(events) + 1, f"is missing of {item.version} events")
    if previous != item.history_head:
        return Break(item.pk, len(events), "is not the one that the item ends with")
    return None


def _broken_state(
    item: DebtItem, events: Sequence[DebtEvent], series: dict[str, list[Json]]
) -> Break | None:
    rebuilt = rebuild(event.payload for event in events)
    stored = fields_of(item)
    for name, value in rebuilt.fields.items():
        if stored[name] != value:
            return Break(item.pk, 0, f"{name} is {stored[name]!r}, its history says {value!r}")
    for name in SERIES:
        expected = [_comparable(name, value) for value in rebuilt.series[name]]
        if series[name] != expected:
            return Break(item.pk, 0, f"the rows of {name} differ from its history")
    return None


def _body(item: DebtItem, event: DebtEvent) -> Json:
    return event_body(
        key=item.key.hex,
        sequence=event.sequence,
        kind=event.type,
        at=event.at,
        actor_id=event.actor_id,
        actor_name=event.actor_name,
        payload=event.payload,
    )


def _batches() -> Iterator[list[DebtItem]]:
    last = 0
    while batch := list(DebtItem.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


def _by_item(model: type[models.Model], batch: Sequence[DebtItem]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    rows: Any = model._default_manager.filter(item_id__gte=batch[0].pk, item_id__lte=batch[-1].pk)
    for row in rows.order_by("item_id", "sequence"):
        found[row.item_id].append(row)
    return found


def _milestones(batch: Sequence[DebtItem]) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = defaultdict(list)
    rows = Milestone.objects.filter(
        plan__item_id__gte=batch[0].pk, plan__item_id__lte=batch[-1].pk
    ).order_by("plan_id", "position")
    for row in rows:
        found[row.plan_id].append({"title": row.title, "due_on": row.due_on.isoformat()})
    return found


def _series_values(name: str, rows: Sequence[Any], steps: dict[int, list[Json]]) -> list[Json]:
    """The stored rows as the values that their events hold; a gap in the numbers shows."""
    columns = [
        field.attname
        for field in SERIES_MODELS[name]._meta.concrete_fields
        if field.attname not in {"id", "item_id", "sequence", "at", "made_by_id"}
    ]
    values = []
    for number, row in enumerate(rows, start=1):
        value = {column.removesuffix("_id"): plain(getattr(row, column)) for column in columns}
        if name == "plan":
            value["milestones"] = steps[row.pk]
        if row.sequence != number:
            value["sequence"] = row.sequence
        values.append(value)
    return values


def _comparable(name: str, value: Json) -> Json:
    if name == "statement":
        # The first events were written before statements kept their evidence.
        return {"bindings": [], **value}
    if name != "estimate":
        return value
    # The first events were written before estimates had a time saved.
    known = {"time_saved": None, **value}
    return {key: part for key, part in known.items() if key != "principal"}

"""Checking the history: every hash, every sequence, and that it adds up to what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from common import hashchain
from ledger.adapters import append_only
from ledger.domain.exchange.archives import comparable
from ledger.domain.history import SERIES, Json, event_body, event_hash, rebuild
from ledger.models import DebtEvent, DebtItem
from ledger.selectors.item_state import fields_of
from ledger.selectors.series import item_batches, rows_by_item, series_by_item


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
    for batch in item_batches():
        histories = rows_by_item(DebtEvent, batch)
        series = series_by_item(batch)
        for item in batch:
            checked += 1
            events += len(histories[item.pk])
            if found := _first_break(item, histories[item.pk], series[item.pk]):
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
        expected = [comparable(name, value) for value in rebuilt.series[name]]
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

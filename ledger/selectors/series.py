"""Items some hundred at a time, with the rows of their series as the values that events hold."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import models

from ledger.domain.history import Json
from ledger.models import SERIES_MODELS, DebtItem, Milestone
from ledger.selectors.item_state import plain

BATCH = 500
# What a row has besides the values of its event.
_OWN = frozenset({"id", "item_id", "sequence", "at", "made_by_id"})


def item_batches() -> Iterator[list[DebtItem]]:
    """Every item by number, however many there are."""
    last = 0
    while batch := list(DebtItem.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


def rows_by_item(model: type[models.Model], batch: Sequence[DebtItem]) -> Mapping[int, list[Any]]:
    """The rows of a batch's items in the order of their sequence (one query)."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows: Any = model._default_manager.filter(item_id__gte=batch[0].pk, item_id__lte=batch[-1].pk)
    for row in rows.order_by("item_id", "sequence"):
        found[row.item_id].append(row)
    return found


def series_by_item(batch: Sequence[DebtItem]) -> Mapping[int, dict[str, list[Json]]]:
    """For each item of a batch, the stored values of every series."""
    steps = _milestones(batch)
    rows = {name: rows_by_item(model, batch) for name, model in SERIES_MODELS.items()}
    return {
        item.pk: {name: _values(name, found[item.pk], steps) for name, found in rows.items()}
        for item in batch
    }


def _milestones(batch: Sequence[DebtItem]) -> Mapping[int, list[Json]]:
    found: dict[int, list[Json]] = defaultdict(list)
    rows = Milestone.objects.filter(
        plan__item_id__gte=batch[0].pk, plan__item_id__lte=batch[-1].pk
    ).order_by("plan_id", "position")
    for row in rows:
        found[row.plan_id].append({"title": row.title, "due_on": row.due_on.isoformat()})
    return found


def _values(name: str, rows: Sequence[Any], steps: Mapping[int, list[Json]]) -> list[Json]:
    """The rows as the values that their events hold; a gap in the numbers shows."""
    columns = [
        field.attname
        for field in SERIES_MODELS[name]._meta.concrete_fields
        if field.attname not in _OWN
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

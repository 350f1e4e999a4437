"""An item's row as the plain values that its events hold."""

from datetime import date
from decimal import Decimal
from typing import Any

from ledger.domain.history import INITIAL, Json
from ledger.domain.known_costs import known_cost, place_of
from ledger.domain.payloads import hours
from ledger.models import DebtItem

_COLUMNS = {field.name: field for field in DebtItem._meta.concrete_fields}


def fields_of(item: DebtItem) -> Json:
    """Every field that the history covers: numbers as text, dates as YYYY-MM-DD."""
    return {name: plain(getattr(item, column_of(name))) for name in INITIAL}


def fields_assign(item: DebtItem, fields: Json) -> None:
    """Set the row's attributes from plain values, without saving."""
    for name, value in fields.items():
        if name == "repository":
            item.repository_id = value
        else:
            setattr(item, name, _COLUMNS[name].to_python(value))


# Columns that follow from the others and from the newest price.
DERIVED = ("known_p10", "known_p50", "known_p90", "known_basis", "known_cd3", "place")


def derived_assign(item: DebtItem, *, has_moved: bool) -> None:
    """Set the figure to go by and, where the item stands somewhere else now, its place."""
    known = known_cost(
        priced=(item.priced_p10, item.priced_p50, item.priced_p90),
        priced_basis=item.priced_basis,
        stated=(item.interest_p10, item.interest_p50, item.interest_p90),
        principal=item.principal,
    )
    item.known_p10, item.known_p50, item.known_p90 = known.p10, known.p50, known.p90
    item.known_basis, item.known_cd3 = known.basis, known.cd3
    if has_moved or item.place is None:
        item.place = place_of(item.repository_id, item.path, item.key)


def column_of(name: str) -> str:
    """The attribute behind a field of the history."""
    return "repository_id" if name == "repository" else name


def plain(value: Any) -> Any:
    """A column's value as an event holds it."""
    match value:
        case Decimal():
            return hours(value)
        case date():
            return value.isoformat()
        case _:
            return value

"""An item's row as the plain values that its events hold."""

from datetime import date
from decimal import Decimal
from typing import Any

from ledger.domain.history import INITIAL, Json
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

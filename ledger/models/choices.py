"""Columns of the ledger: domain enums as choices and constraints, and hours."""

from decimal import Decimal
from enum import StrEnum

from django.db import models


def choices_of(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """(value, label) pairs: "written_off" is shown as "Written off"."""
    return [(member.value, label(member.value)) for member in kind]


def label(value: str) -> str:
    return value.replace("_", " ").capitalize()


def is_one_of(
    field: str, kind: type[StrEnum], name: str, *, blank: bool = False
) -> models.CheckConstraint:
    """The database itself refuses a value outside the set."""
    values = [member.value for member in kind]
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": ["", *values] if blank else values}), name=name
    )


def hours_field() -> "models.DecimalField[Decimal | None, Decimal | None]":
    """Hours of work, or nothing where nobody has said."""
    return models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

"""Columns of this app: domain enums as choices and constraints."""

from enum import StrEnum

from django.db import models


def choices_of(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """(value, label) pairs: "drift_found" is shown as "Drift found"."""
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in kind]


def is_one_of(field: str, kind: type[StrEnum], name: str) -> models.CheckConstraint:
    """The database itself refuses a value outside the set."""
    values = [one.value for one in kind]
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)

"""Rows of debt and the first steps, as every page of lists shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.domain.roles import Role, allows
from common import clock
from ledger.domain.actors import Person
from ledger.selectors import RegisterRow
from ledger.web.words import due_words, tone_of

EXAMPLE_TERM = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class DebtLine:
    """A row with its date in words and the tone to write it in."""

    row: RegisterRow
    due: str
    tone: str


def debt_lines(rows: Iterable[RegisterRow]) -> list[DebtLine]:
    return [debt_line(row) for row in rows]


def debt_line(row: RegisterRow) -> DebtLine:
    words = due_words(row.days_left) if row.days_left is not None else ""
    return DebtLine(row, words, tone_of(row.timing))


def guide(user: Person) -> dict[str, Any]:
    """What the texts on first steps need: a date for the example, and what the person may do."""
    role = Role(user.role)
    return {
        "example_date": clock.today() + EXAMPLE_TERM,
        "may_record": allows(role, Role.CONTRIBUTOR),
        "may_register": allows(role, Role.OPERATOR),
    }

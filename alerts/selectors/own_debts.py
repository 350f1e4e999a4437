"""What one person owes, for a short answer in chat."""

from collections.abc import Sequence

from accounts.selectors import User, handles_of
from ledger.selectors import RegisterFilter, RegisterRow, debts_filtered, rows_of


def own_open_debts(user: User, *, most: int) -> Sequence[RegisterRow]:
    """The open debts of this person and their teams, the nearest date first."""
    open_debts = debts_filtered(RegisterFilter(only_open=True))
    found = open_debts.filter(owner__in=handles_of(user)).order_by("due_on", "pk")
    return rows_of(found[:most])

"""What comes due, by stage, in one query."""

from typing import Any

from ledger import selectors, services
from ledger.domain.stages import Stage
from ledger.domain.terms import State
from ledger.models import DebtItem
from ledger.selectors.due import due_stages
from tests.integration.ledger.conftest import complete, in_days

DAYS = {
    60: Stage.LATER, 30: Stage.IN_30, 14: Stage.IN_14, 7: Stage.IN_7, 1: Stage.IN_1,
    0: Stage.DUE,
}  # fmt: skip


def test_every_open_debt_is_in_its_stage(
    contributor: Any, approver: Any, django_assert_num_queries: Any
) -> None:
    made = {
        days: services.debt_record(actor=contributor, **complete(due_on=in_days(days))).pk
        for days in DAYS
    }
    with django_assert_num_queries(1):
        found = due_stages()
    assert {days: stage for stage, rows in found.items() for row in rows for days in made
            if made[days] == row.id} == {
        days: stage for days, stage in DAYS.items() if stage is not Stage.LATER
    }  # fmt: skip
    # Tomorrow nobody has run anything, and yet it is overdue.
    later = due_stages(on=in_days(3))
    assert {row.id for row in later[Stage.OVERDUE]} == {made[0], made[1]}
    assert [row.days_left for row in later[Stage.OVERDUE]] == [-3, -2]


def test_debt_that_is_accepted_stays_overdue_and_closed_debt_is_not(
    active: Any, approver: Any
) -> None:
    assert [row.id for row in due_stages(on=in_days(61))[Stage.OVERDUE]] == [active.pk]
    services.debt_write_off(actor=approver, item_id=active.pk, reason="the shop closes")
    assert due_stages(on=in_days(61))[Stage.OVERDUE] == []
    assert DebtItem.objects.get().state == State.WRITTEN_OFF
    assert selectors.dashboard().promises.missed == 0

"""A tree of many annotations is registered at once, with the same history as one by one."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger import selectors, services
from ledger.models import DebtItem
from tests.builders.git_history import History
from tests.integration.ledger.conftest import DUE

MANY = 250


def test_many_annotations_take_few_statements(shop: History, analyse: Any) -> None:
    mark = '# DEBT(debt-{0}, owner=core, cost=1-2-3d, plan="ask") [{1}]: cart {0} is in memory\n'
    files = {f"shop/part_{number}.py": mark.format(number, DUE) for number in range(MANY)}
    shop.commit("many marks", files)
    with CaptureQueriesContext(connection) as queries:
        analyse()
    for table in ("ledger_debtitem", "ledger_debtevent", "ledger_commitment", "ledger_estimate"):
        # PostgreSQL's COPY is not among the statements at all.
        assert sum(f'INSERT INTO "{table}"' in one["sql"] for one in queries) <= 1, table
    items = list(DebtItem.objects.filter(slug__startswith="debt-"))
    assert len(items) == MANY
    assert len({item.pk for item in items}) == MANY
    for item in items[::50]:
        detail = selectors.debt_detail(item.pk)
        assert [event.sequence for event in detail.events] == [1]
        assert [row.due_on for row in detail.commitments] == [item.due_on]
        assert detail.plan.summary == "ask"
    assert not selectors.history_verify().breaks


def test_what_was_written_at_once_goes_on_like_any_other(
    shop: History, analyse: Any, contributor: Any, approver: Any
) -> None:
    mark = "# DEBT(debt-{0}, owner=core) [{1}]: cart {0} lives in memory\n"
    shop.commit("marks", {f"shop/part_{n}.py": mark.format(n, DUE) for n in range(MANY)})
    analyse()
    item = DebtItem.objects.get(slug="debt-7")
    services.debt_reject(actor=approver, item_id=item.pk, reason="it is no debt")
    item.refresh_from_db()
    assert (item.state, item.version) == ("rejected", 2)
    assert not selectors.history_verify().breaks

"""The database itself refuses to change what has happened; the chain shows who got around it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger import selectors, services
from ledger.adapters import append_only
from ledger.models import Commitment, DebtEvent, DebtItem, Estimate
from tests.emptying import lift
from tests.integration.ledger.conftest import in_days


def refused(statement: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        statement()


@pytest.mark.parametrize("model", [DebtEvent, Commitment])
def test_neither_update_nor_delete(active: Any, model: Any) -> None:
    table = model._meta.db_table
    refused(lambda: model.objects.update(sequence=7))
    refused(lambda: model.objects.filter(item=active).delete())
    refused(lambda: model.objects.first().save())
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute(f"UPDATE {table} SET at = at"))  # noqa: S608 - a fixed name
        refused(lambda: cursor.execute(f"DELETE FROM {table}"))  # noqa: S608 - a fixed name


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has this statement")
@pytest.mark.parametrize("model", [DebtEvent, Commitment])
@pytest.mark.parametrize("key", ["id", "id + 1000"])
def test_no_replacement_either(active: Any, model: Any, key: str) -> None:
    columns = ", ".join(
        field.column for field in model._meta.concrete_fields if field.column != "id"
    )
    table = model._meta.db_table
    with connection.cursor() as cursor:
        refused(
            lambda: cursor.execute(
                f"INSERT OR REPLACE INTO {table} (id, {columns}) "  # noqa: S608 - fixed names
                f"SELECT {key}, {columns} FROM {table}"
            )
        )


@pytest.mark.postgres
@pytest.mark.parametrize("model", [DebtEvent, Commitment])
def test_no_truncate_either(active: Any, model: Any) -> None:
    with connection.cursor() as cursor:
        # Otherwise the checks that wait for the end of the transaction refuse it first.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        refused(lambda: cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE"))


def test_an_item_with_a_history_stays(active: Any) -> None:
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        active.delete()


@pytest.mark.django_db(transaction=True)
def test_the_protection_survives_a_flush() -> None:
    lift(connection)
    assert append_only.missing(connection)
    call_command("flush", interactive=False, verbosity=0)
    assert append_only.missing(connection) == []


def tamper(change: Callable[[], Any]) -> str:
    """Get around the protection, change something, and say what verification finds."""
    append_only.lift(connection)
    change()
    append_only.install(connection)
    breaks = selectors.history_verify().breaks
    return str(breaks[0]) if breaks else ""


def event_of(item: Any, sequence: int) -> Any:
    return DebtEvent.objects.filter(item=item, sequence=sequence)


def test_an_untouched_history_is_intact(active: Any) -> None:
    result = selectors.history_verify()
    assert (result.items, result.events, result.breaks) == (1, 2, ())


@pytest.mark.parametrize("column", ["type", "actor_name", "at", "payload", "hash"])
def test_a_changed_event_is_found(active: Any, column: str) -> None:
    value = {
        "type": "described",
        "actor_name": "somebody-else",
        "at": active.recorded_at + timedelta(seconds=1),
        "payload": {"set": {"state": "active", "owner": "nobody"}},
        "hash": "0" * 64,
    }[column]
    found = tamper(lambda: event_of(active, 2).update(**{column: value}))
    assert found == f"{active.reference}, event 2: was changed after it was written"


def test_a_dropped_event_is_found(active: Any) -> None:
    found = tamper(lambda: event_of(active, 1).delete())
    assert found == f"{active.reference}, event 1: is missing; event 2 follows"


def test_a_dropped_last_event_is_found(active: Any) -> None:
    found = tamper(lambda: event_of(active, 2).delete())
    assert found == f"{active.reference}, event 2: is missing of 2 events"


def test_a_history_rewritten_to_its_end_is_found(active: Any, approver: Any) -> None:
    services.debt_write_off(actor=approver, item_id=active.pk, reason="no shop any more")

    def rewrite() -> None:
        event_of(active, 3).delete()
        DebtItem.objects.filter(pk=active.pk).update(version=2)

    assert "is not the one that the item ends with" in tamper(rewrite)


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "verified"), ("due_on", in_days(400)), ("extensions", 1), ("owner", "nobody")],
)
def test_a_changed_item_is_found(active: Any, column: str, value: Any) -> None:
    found = tamper(lambda: DebtItem.objects.filter(pk=active.pk).update(**{column: value}))
    assert f"the stored state: {column} is" in found


def test_a_changed_promise_is_found(active: Any) -> None:
    found = tamper(lambda: Commitment.objects.update(due_on=in_days(300)))
    assert "the rows of commitment differ" in found


def test_a_dropped_estimate_is_found(active: Any) -> None:
    found = tamper(lambda: Estimate.objects.all().delete())
    assert "the rows of estimate differ" in found


def test_all_broken_items_are_named_on_request(active: Any, proposed: Any, approver: Any) -> None:
    services.debt_record(actor=approver, title="another", owner="core", due_on=in_days(5))
    append_only.lift(connection)
    DebtEvent.objects.update(actor_name="nobody")
    append_only.install(connection)
    assert len(selectors.history_verify().breaks) == 1
    assert len(selectors.history_verify(most_breaks=10).breaks) == 2

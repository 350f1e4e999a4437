"""The database itself keeps logs and approvals as they were written."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts import services as accounts_services
from accounts.domain.roles import Role
from common import clock
from orchestration.adapters import kept
from orchestration.domain.states import EventKind
from orchestration.models import Approval, BlueprintVersion, RunEvent
from orchestration.services.recording import event_add
from tests.builders.environments import DIGEST, make_environment, make_run
from tests.emptying import lift


def refused(statement: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match=r"append-only|never changed"), transaction.atomic():
        statement()


@pytest.fixture
def _written(db: None) -> None:
    now = clock.now()
    run = make_run(make_environment())
    event_add(run, EventKind.STEP, "Begin", at=now)
    person = accounts_services.user_create(username="ann", role=Role.APPROVER)
    Approval.objects.create(
        run=run, digest=DIGEST, decision="approved", approver=person, at=now,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip


@pytest.mark.usefixtures("_written")
@pytest.mark.parametrize("model", [RunEvent, Approval])
def test_neither_update_nor_delete(model: Any) -> None:
    table = model._meta.db_table
    refused(lambda: model.objects.update(at=clock.now()))
    refused(lambda: model.objects.all()._raw_delete("default"))
    refused(lambda: model.objects.first().save())
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute(f"DELETE FROM {table}"))  # noqa: S608 - a fixed name


@pytest.mark.usefixtures("_written")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has this statement")
@pytest.mark.parametrize("model", [RunEvent, Approval, BlueprintVersion])
@pytest.mark.parametrize("key", ["id", "id + 1000"])
def test_no_replacement_either(model: Any, key: str) -> None:
    columns = ", ".join(
        f'"{field.column}"' for field in model._meta.concrete_fields if field.column != "id"
    )
    table = model._meta.db_table
    with connection.cursor() as cursor:
        refused(
            lambda: cursor.execute(
                f"INSERT OR REPLACE INTO {table} (id, {columns}) "  # noqa: S608 - fixed names
                f"SELECT {key}, {columns} FROM {table}"
            )
        )


@pytest.mark.usefixtures("_written")
@pytest.mark.postgres
@pytest.mark.parametrize("model", [RunEvent, Approval, BlueprintVersion])
def test_no_truncate_either(model: Any) -> None:
    with connection.cursor() as cursor:
        # Otherwise the checks that wait for the end of the transaction refuse it first.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        refused(lambda: cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE"))


@pytest.mark.django_db(transaction=True)
def test_the_protection_survives_a_flush() -> None:
    lift(connection)
    assert len(kept.missing(connection)) == 10
    call_command("flush", interactive=False, verbosity=0)
    assert kept.missing(connection) == []
    # The catalogue is back too.
    assert BlueprintVersion.objects.exists()

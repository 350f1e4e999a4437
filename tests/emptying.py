"""Emptying the test database after a test that commits.

Django's flush truncates every table, one file each, and then makes content types, permissions and
our catalogue anew: seconds on PostgreSQL. The tables of a test hold a few rows, so these are
deleted, in one transaction, and what only migrations write stays.

What has happened in the ledger and to environments refuses to be deleted, by triggers. They are
lifted just before, and put back.
"""

from typing import Any

from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.test import TransactionTestCase

from ledger.adapters import append_only
from orchestration.adapters import kept
from orchestration.models import Blueprint, BlueprintVersion
from orchestration.services.blueprints import catalogue_sync

SHIPPED: tuple[type[Model], ...] = (Blueprint, BlueprintVersion)
# Written by migrations, and changed by nobody.
STAYS = ("django_content_type", "auth_permission", "django_migrations")
_shipped: dict[type[Model], list[Model]] = {}


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take every such trigger off."""
    append_only.lift(connection)
    kept.lift(connection)


def empty(connection: BaseDatabaseWrapper) -> None:
    """Leave what a new database has: the catalogue that comes with the product."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    lift(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name in set(names) - set(STAYS):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608 - our own
    append_only.install(connection)
    kept.install(connection)
    _fill(connection)


def _fill(connection: BaseDatabaseWrapper) -> None:
    """Take in the catalogue; it is read once, and written as it was from then on."""
    if not _shipped:
        catalogue_sync()
        _shipped.update({model: list(model._default_manager.all()) for model in SHIPPED})
    else:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for model, rows in _shipped.items():
                model._default_manager.bulk_create(rows)
            # A flush that a test asked for itself began to count anew.
            for statement in connection.ops.sequence_reset_sql(no_style(), SHIPPED):
                cursor.execute(statement)


def _empty_all(self: Any) -> None:
    for connection in connections.all():
        empty(connection)


def allow() -> None:
    """Let tests that commit be followed by this; call it once for a run."""
    TransactionTestCase._fixture_teardown = _empty_all  # no hook precedes a flush

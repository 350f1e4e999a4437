"""Indexes that only PostgreSQL has: words inside texts, and "dearest first, unpriced last"."""

from django.apps.registry import Apps
from django.db import DatabaseError, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TRIGRAMS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX debt_by_words ON ledger_debtitem USING gin (search_text gin_trgm_ops)",
)
DEAREST = "CREATE INDEX debt_{0}_down ON ledger_debtitem ({0} DESC NULLS LAST, id DESC)"
PRICES = ("principal", "interest_p50", "cd3")


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    for column in PRICES:
        schema_editor.execute(DEAREST.format(column))
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in TRIGRAMS:
                cursor.execute(statement)
    except DatabaseError:
        # The extension is not installed or not allowed: a search reads the whole table instead.
        return


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS debt_by_words")
        for column in PRICES:
            schema_editor.execute(f"DROP INDEX debt_{column}_down")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]
    operations = [migrations.RunPython(create, drop)]

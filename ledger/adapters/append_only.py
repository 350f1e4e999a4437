"""Database triggers that refuse to change or delete what has happened.

They are installed by the first migration and again after every migration, since SQLite drops the
triggers of a table that a later migration rebuilds.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("ledger_debtevent", "ledger_commitment")
MESSAGE = "the history of the ledger is append-only"

_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""

# INSERT OR REPLACE deletes the row in its way without asking the triggers of DELETE.
_SQLITE_REPLACE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
OR EXISTS (SELECT 1 FROM {table} WHERE item_id = NEW.item_id AND sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$
"""

# BEFORE EACH STATEMENT also refuses a statement that would match no row.
_POSTGRESQL = """
CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on the tables that exist; harmless when they are already there."""
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for table in TABLES:
            if table in present:
                for statement in _create(connection.vendor, table):
                    cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off, for a test database that has to be emptied."""
    with connection.cursor() as cursor:
        for name, table in _names(connection.vendor):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that should be there and are not."""
    source = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(source)
        present = {row[0] for row in cursor.fetchall()}
    return [name for name, _table in _names(connection.vendor) if name not in present]


def _create(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [_POSTGRESQL.format(table=table)]
    changes = [
        _SQLITE.format(table=table, verb=verb, message=MESSAGE) for verb in ("update", "delete")
    ]
    return [*changes, _SQLITE_REPLACE.format(table=table, message=MESSAGE)]


def _names(vendor: str) -> list[tuple[str, str]]:
    verbs = ("change",) if vendor == "postgresql" else ("update", "delete", "replace")
    return [(f"{table}_no_{verb}", table) for table in TABLES for verb in verbs]

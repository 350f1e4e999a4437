"""Database triggers that keep what has happened: contents of blueprints, logs and approvals.

They are installed by a migration and again after every migration, since SQLite drops the triggers
of a table that a later migration rebuilds.

One thing may go: a look for drift that the product took by itself, that found nothing, and in whose
log no person did anything. It goes whole: a line only after its run, and the key between them,
which is checked at the end of the transaction, lets no line stay behind.
"""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table whose rows stay. `columns` never change, all of them where none is named.

    `keys`: what INSERT OR REPLACE of SQLite would take for the same row.
    """

    table: str
    message: str
    keys: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = ()
    # When a row may be deleted after all, in SQL that names it OLD.
    goes: str = ""
    # Rows that change all the time, and are only not deleted.
    is_changed: bool = False


_VERSION = _Kept(
    "orchestration_blueprintversion",
    "the content of a version of a blueprint is never changed",
    (("id",), ("digest",), ("blueprint_id", "number")),
    ("id", "blueprint_id", "number", "digest", "manifest", "files", "commit", "created_at"),
)
_EVENT = _Kept(
    "orchestration_runevent",
    "the log of a run is append-only",
    (("id",), ("run_id", "sequence")),
    goes="NOT EXISTS (SELECT 1 FROM orchestration_run WHERE id = OLD.run_id)",
)
_RUN = _Kept(
    "orchestration_run",
    "a run is kept, append-only, with its log",
    (),
    goes=(
        "OLD.action = 'drift' AND OLD.requested_by_id IS NULL "
        "AND OLD.state IN ('no_changes', 'plan_failed', 'expired') AND NOT EXISTS "
        "(SELECT 1 FROM orchestration_runevent WHERE run_id = OLD.id AND kind = 'person')"
    ),
    is_changed=True,
)
_APPROVAL = _Kept("orchestration_approval", "an approval is never changed", (("id",), ("run_id",)))
KEPT = (_VERSION, _EVENT, _RUN, _APPROVAL)

_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{say}'); END"
)
_FUNCTION = """
CREATE OR REPLACE FUNCTION orchestration_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$
"""
# The condition of a trigger cannot look into other rows, so a function does.
_FUNCTION_GOES = """
CREATE OR REPLACE FUNCTION {table}_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF {goes} THEN RETURN OLD; END IF;
RAISE EXCEPTION '{say}' USING ERRCODE = 'restrict_violation'; END $$
"""
_POSTGRESQL_GOES = (
    "CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW "
    "EXECUTE FUNCTION {table}_goes()"
)
_POSTGRESQL = (
    "CREATE OR REPLACE TRIGGER {name} BEFORE {when} EXECUTE FUNCTION "
    "orchestration_refuse_change('{say}')"
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on the tables that exist; harmless when they are already there."""
    present = set(connection.introspection.table_names())
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute(_FUNCTION)
        for kept in KEPT:
            if kept.table not in present:
                continue
            for name, when in _triggers(connection.vendor, kept).items():
                statement = _POSTGRESQL if is_postgresql else _SQLITE
                cursor.execute(statement.format(name=name, when=when, say=kept.message))
            if is_postgresql and kept.goes:
                for statement in (_FUNCTION_GOES, _POSTGRESQL_GOES):
                    cursor.execute(
                        statement.format(table=kept.table, goes=kept.goes, say=kept.message)
                    )


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off, for a test database that has to be emptied."""
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for kept in KEPT:
            for name in _triggers(connection.vendor, kept) if kept.table in present else ():
                on_table = f" ON {kept.table}" if connection.vendor == "postgresql" else ""
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
    wanted = [name for kept in KEPT for name in _triggers(connection.vendor, kept)]
    return [name for name in wanted if name not in present]


def _triggers(vendor: str, kept: _Kept) -> dict[str, str]:
    """Each trigger's name, and when it refuses."""
    table = kept.table
    if vendor == "postgresql":
        changes = [f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in kept.columns]
        found = {
            f"{table}_no_update": f"UPDATE ON {table} FOR EACH ROW{_condition(changes)}",
            f"{table}_no_delete": f"DELETE ON {table} FOR EACH ROW",
            f"{table}_no_truncate": f"TRUNCATE ON {table} FOR EACH STATEMENT",
        }
    else:
        changes = [f'OLD."{name}" IS NOT NEW."{name}"' for name in kept.columns]
        stays = f"NOT ({kept.goes})" if kept.goes else "1"
        rivals = [
            f"EXISTS (SELECT 1 FROM {table} WHERE "  # noqa: S608 - names of our own
            + " AND ".join(f'"{name}" = NEW."{name}"' for name in key)
            + ")"
            for key in kept.keys
        ]
        found = {
            f"{table}_no_update": f"UPDATE ON {table}{_condition(changes)}",
            f"{table}_no_delete": f"DELETE ON {table}{_condition([stays])}",
            f"{table}_no_replace": f"INSERT ON {table}{_condition(rivals)}",
        }
    if kept.is_changed:
        return {name: when for name, when in found.items() if name.endswith("_no_delete")}
    return found


def _condition(reasons: list[str]) -> str:
    return f" WHEN ({' OR '.join(reasons)})" if reasons else ""

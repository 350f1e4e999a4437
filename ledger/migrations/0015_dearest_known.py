"""On PostgreSQL, "dearest first, unknown last" by the best known figure, which the register shows."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DEAREST = "CREATE INDEX IF NOT EXISTS debt_{0}_down ON ledger_debtitem ({0} DESC NULLS LAST, id DESC)"
DROP = "DROP INDEX IF EXISTS debt_{0}_down"
KNOWN = ("known_p50", "known_cd3")
# Nothing sorts by these any more.
STATED = ("interest_p50", "cd3")


def _exchange(schema_editor: BaseDatabaseSchemaEditor, made: tuple, dropped: tuple) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for column in made:
            schema_editor.execute(DEAREST.format(column))
        for column in dropped:
            schema_editor.execute(DROP.format(column))


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _exchange(schema_editor, KNOWN, STATED)


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _exchange(schema_editor, STATED, KNOWN)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0014_dashboard_indexes")]
    operations = [migrations.RunPython(create, drop)]

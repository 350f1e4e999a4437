"""The database itself refuses to change or delete events and commitments."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ledger.adapters import append_only


def install(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.install(schema_editor.connection)


def lift(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(install, lift)]

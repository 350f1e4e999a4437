"""Looks for drift that found nothing may go, whole; every other run stays."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from orchestration.adapters import kept


def install(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # SQLite leaves a trigger of the same name as it was.
    kept.lift(schema_editor.connection)
    kept.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0005_adoption")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]

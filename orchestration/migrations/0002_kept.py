"""What has happened stays: contents of blueprints, logs of runs and approvals."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from orchestration.adapters import kept


def install(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    kept.install(schema_editor.connection)


def lift(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    kept.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0001_environments_and_runs")]
    operations = [migrations.RunPython(install, lift)]

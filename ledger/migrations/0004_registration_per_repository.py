"""One registration for each repository: the newest of those of its branches."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_newest(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    registrations = apps.get_model("ledger", "Registration").objects
    seen = set()
    for row in registrations.order_by("-applied_at", "-pk"):
        if row.repository_id in seen:
            row.delete()
        seen.add(row.repository_id)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_postgresql_indexes")]
    operations = [
        migrations.RunPython(keep_newest, migrations.RunPython.noop),
        migrations.AlterModelOptions(name="registration", options={"ordering": ["repository"]}),
        migrations.RemoveConstraint(model_name="registration", name="registration_once_per_branch"),
        migrations.AlterField(
            model_name="registration",
            name="repository",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="analysis.repository",
            ),
        ),
    ]

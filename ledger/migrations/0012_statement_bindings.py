"""The evidence of the sentences in a statement."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0011_candidates"),
    ]

    operations = [
        migrations.AddField(
            model_name="impactstatement",
            name="bindings",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]

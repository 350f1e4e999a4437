"""The infrastructure that a repayment needs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0019_answers_to_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="needs",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="debtitem",
            name="needs",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]

"""What a debt needed when infrastructure was proposed for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orchestration", "0002_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="needs",
            field=models.JSONField(default=list),
        ),
    ]

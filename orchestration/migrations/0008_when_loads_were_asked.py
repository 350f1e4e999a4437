"""Each resource is asked for its load once in a while, by whoever claims that first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0007_indexes_of_sweeps")]
    operations = [
        migrations.AddField(
            model_name="resource",
            name="load_asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

"""When an environment was taken over by somebody else."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0004_run_reports")]
    operations = [
        migrations.AddField(
            model_name="environment",
            name="adopted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

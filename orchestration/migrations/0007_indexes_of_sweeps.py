"""What the sweeps look through every minute."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0006_looks_that_found_nothing")]
    operations = [
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["action", "requested_at"], name="orch_run_asked"),
        ),
        migrations.AddIndex(
            model_name="loadobservation",
            index=models.Index(fields=["at"], name="orch_load_when"),
        ),
    ]

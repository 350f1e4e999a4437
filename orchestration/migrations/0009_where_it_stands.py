"""The host on which a resource was built, where it can be seen and changed only there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0008_when_loads_were_asked")]
    operations = [
        migrations.AddField(
            model_name="resource",
            name="stands_on",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]

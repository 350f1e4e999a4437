"""What went wrong in a channel and must be told elsewhere."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0001_channels_digests_and_deliveries'),
    ]

    operations = [
        migrations.CreateModel(
            name='Trouble',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('said_at', models.DateTimeField(blank=True, null=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='troubles', to='alerts.channel')),
                ('said_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='alerts.delivery')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['said_at', 'at'], name='alerts_trouble_unsaid')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'key'), name='alerts_trouble_once'), models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='alerts_trouble_key_given')],
            },
        ),
    ]

"""Where debt was imported from, and which debt stands for which entry."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0003_drop_redundant_indexes'),
        ('ledger', '0006_door_review'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(choices=[('csv', 'Csv'), ('sarif', 'Sarif'), ('sonar', 'Sonar'), ('import-linter', 'Import-linter'), ('archunit', 'Archunit'), ('dependency-cruiser', 'Dependency-cruiser'), ('trivy', 'Trivy'), ('osv-scanner', 'Osv-scanner'), ('nsprc', 'Nsprc'), ('waivers', 'Waivers')], max_length=20)),
                ('name', models.CharField(max_length=200)),
                ('imported_at', models.DateTimeField(null=True)),
                ('repository', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analysis.repository')),
            ],
            options={
                'ordering': ['format', 'name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ImportedFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64)),
                ('expires_on', models.DateField(null=True)),
                ('seen_at', models.DateTimeField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.debtitem')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='ledger.importsource')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ImportUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.JSONField()),
                ('content', models.BinaryField()),
                ('uploaded_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='importsource',
            constraint=models.UniqueConstraint(condition=models.Q(('repository__isnull', False)), fields=('repository', 'format', 'name'), name='import_source_once'),
        ),
        migrations.AddConstraint(
            model_name='importsource',
            constraint=models.UniqueConstraint(condition=models.Q(('repository__isnull', True)), fields=('format', 'name'), name='import_source_once_without'),
        ),
        migrations.AddConstraint(
            model_name='importsource',
            constraint=models.CheckConstraint(condition=models.Q(('format__in', ['csv', 'sarif', 'sonar', 'import-linter', 'archunit', 'dependency-cruiser', 'trivy', 'osv-scanner', 'nsprc', 'waivers'])), name='import_format_known'),
        ),
        migrations.AddConstraint(
            model_name='importedfinding',
            constraint=models.UniqueConstraint(fields=('source', 'fingerprint'), name='import_finding_once'),
        ),
    ]

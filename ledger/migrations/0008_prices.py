"""Prices of items, how far a repository's are, outcomes of paid debt, and the figure to go by."""

import django.db.models.deletion
from django.db import migrations, models

import ledger.domain.terms


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0003_drop_redundant_indexes'),
        ('ledger', '0007_imports'),
    ]

    operations = [
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('formula', models.CharField(max_length=20)),
                ('formula_version', models.PositiveSmallIntegerField()),
                ('principal_p10', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('principal_expected', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('principal_p90', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('principal_actual', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('repayment_days', models.PositiveIntegerField(default=0)),
                ('interest_p10', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('interest_p50', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('interest_p90', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('interest_actual', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('unpaid_days', models.PositiveIntegerField(default=0)),
                ('basis', models.CharField(blank=True, choices=[('measured', 'Measured'), ('prior', 'Prior'), ('expert', 'Expert')], max_length=8)),
                ('repaid_on', models.DateField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-repaid_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('commit_sha', models.CharField(max_length=64)),
                ('formula', models.CharField(max_length=20)),
                ('formula_version', models.PositiveSmallIntegerField()),
                ('basis', models.CharField(choices=[('measured', 'Measured'), ('prior', 'Prior'), ('expert', 'Expert')], max_length=8)),
                ('interest_p10', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('interest_p50', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('interest_p90', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('cost_p10', models.DecimalField(decimal_places=2, max_digits=14)),
                ('cost_p50', models.DecimalField(decimal_places=2, max_digits=14)),
                ('cost_p90', models.DecimalField(decimal_places=2, max_digits=14)),
                ('currency', models.CharField(max_length=3)),
                ('paid_p10', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('paid_p50', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('paid_p90', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('inputs', models.JSONField()),
                ('assumptions', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('is_current', models.BooleanField(default=True)),
                ('at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['item', '-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='RepositoryPricing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('snapshot_number', models.BigIntegerField(default=0)),
                ('rules', models.CharField(blank=True, max_length=64)),
                ('priced_at', models.DateTimeField(null=True)),
                ('items', models.PositiveIntegerField(default=0)),
                ('lease_expires_at', models.DateTimeField(null=True)),
                ('fence', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['repository'],
            },
        ),
        migrations.RemoveIndex(
            model_name='debtitem',
            name='debt_by_interest',
        ),
        migrations.RemoveIndex(
            model_name='debtitem',
            name='debt_by_cd3',
        ),
        migrations.AddField(
            model_name='debtitem',
            name='known_basis',
            field=models.CharField(blank=True, db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='known_cd3',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='known_p10',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='known_p50',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='known_p90',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='place',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='priced_basis',
            field=models.CharField(blank=True, db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='priced_p10',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='priced_p50',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='priced_p90',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
        ),
        migrations.AddField(
            model_name='estimate',
            name='time_saved',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
        ),
        migrations.AddIndex(
            model_name='debtitem',
            index=models.Index(fields=['known_p50', 'id'], name='debt_by_known_interest'),
        ),
        migrations.AddIndex(
            model_name='debtitem',
            index=models.Index(fields=['known_cd3', 'id'], name='debt_by_known_cd3'),
        ),
        migrations.AddIndex(
            model_name='debtitem',
            index=models.Index(condition=models.Q(('state__in', (ledger.domain.terms.State['PROPOSED'], ledger.domain.terms.State['ACTIVE'], ledger.domain.terms.State['REPAYING']))), fields=['place', 'known_p10', 'known_p50', 'known_p90'], name='debt_by_place'),
        ),
        migrations.AddField(
            model_name='outcome',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='ledger.debtitem'),
        ),
        migrations.AddField(
            model_name='price',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='ledger.debtitem'),
        ),
        migrations.AddField(
            model_name='price',
            name='snapshot',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='analysis.snapshot'),
        ),
        migrations.AddField(
            model_name='repositorypricing',
            name='repository',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analysis.repository'),
        ),
        migrations.AddConstraint(
            model_name='outcome',
            constraint=models.UniqueConstraint(fields=('item', 'formula', 'formula_version'), name='outcome_once'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('item',), name='price_current_once'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['measured', 'prior', 'expert'])), name='price_basis_known'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('interest_p10__gte', 0), ('interest_p10__lte', models.F('interest_p50')), ('interest_p50__lte', models.F('interest_p90'))), name='price_interest_ordered'),
        ),
    ]

"""The policy in versions, and the waivers from it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0003_drop_redundant_indexes'),
        ('ledger', '0004_registration_per_repository'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('document', models.JSONField()),
                ('note', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Waiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('missing_expiry', 'Missing expiry'), ('missing_owner', 'Missing owner'), ('missing_impact', 'Missing impact'), ('missing_plan', 'Missing plan'), ('malformed_annotation', 'Malformed annotation'), ('duplicate_annotation', 'Duplicate annotation'), ('term_too_long', 'Term too long'), ('expired_debt', 'Expired debt'), ('new_cycle', 'New cycle'), ('stable_dependency', 'Stable dependency'), ('over_ceiling', 'Over ceiling'), ('one_way_door', 'One way door')], max_length=24)),
                ('path', models.CharField(blank=True, max_length=200)),
                ('reason', models.TextField()),
                ('expires_on', models.DateField()),
                ('asked_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='policyversion',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waiver',
            name='approver',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waiver',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waiver',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waiver',
            name='repository',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analysis.repository'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='policy_from_one'),
        ),
        migrations.AddIndex(
            model_name='waiver',
            index=models.Index(fields=['repository', 'expires_on'], name='waiver_by_repository'),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.CheckConstraint(condition=models.Q(('rule__in', ['missing_expiry', 'missing_owner', 'missing_impact', 'missing_plan', 'malformed_annotation', 'duplicate_annotation', 'term_too_long', 'expired_debt', 'new_cycle', 'stable_dependency', 'over_ceiling', 'one_way_door'])), name='waiver_rule_known'),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='waiver_reason_given'),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approver__isnull', True)), models.Q(('approved_at__isnull', False), ('approver__isnull', False), models.Q(('approver', models.F('asked_by')), _negated=True)), _connector='OR'), name='waiver_approved_by_another'),
        ),
    ]

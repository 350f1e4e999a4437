"""Who answered a reminder of a promise, and extensions that people ask for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0018_plain_cost_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='debtevent',
            name='event_type_known',
        ),
        migrations.RemoveConstraint(
            model_name='extensionrequest',
            name='extension_requested_once',
        ),
        migrations.AddField(
            model_name='debtitem',
            name='seen_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='seen_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=150),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='snoozed_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=150),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='snoozed_until',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='snoozes',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='extensionrequest',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='debtevent',
            name='type',
            field=models.CharField(choices=[('recorded', 'Recorded'), ('described', 'Described'), ('activated', 'Activated'), ('extended', 'Extended'), ('repayment_started', 'Repayment started'), ('repaid', 'Repaid'), ('verified', 'Verified'), ('written_off', 'Written off'), ('rejected', 'Rejected'), ('rolled_back', 'Rolled back'), ('reopened', 'Reopened'), ('escalated', 'Escalated'), ('door_reviewed', 'Door reviewed'), ('acknowledged', 'Acknowledged'), ('snoozed', 'Snoozed'), ('annotation_changed', 'Annotation changed'), ('annotation_left', 'Annotation left'), ('annotation_returned', 'Annotation returned')], max_length=20),
        ),
        migrations.AlterField(
            model_name='extensionrequest',
            name='commit',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name='debtevent',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['recorded', 'described', 'activated', 'extended', 'repayment_started', 'repaid', 'verified', 'written_off', 'rejected', 'rolled_back', 'reopened', 'escalated', 'door_reviewed', 'acknowledged', 'snoozed', 'annotation_changed', 'annotation_left', 'annotation_returned'])), name='event_type_known'),
        ),
        migrations.AddConstraint(
            model_name='extensionrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('commit', ''), _negated=True), fields=('item', 'commit', 'due_on'), name='extension_requested_once_by_commit'),
        ),
        migrations.AddConstraint(
            model_name='extensionrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('commit', ''), ('state', 'open')), fields=('item',), name='extension_asked_once_by_people'),
        ),
        migrations.AddConstraint(
            model_name='extensionrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('commit', ''), _negated=True), ('asked_by__isnull', False), _connector='OR'), name='extension_request_asked_by_somebody'),
        ),
    ]

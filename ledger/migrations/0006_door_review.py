"""What a reviewer said of a one-way door, and the event that says so."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_policy'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='debtevent',
            name='event_type_known',
        ),
        migrations.AddField(
            model_name='debtitem',
            name='review_note',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='debtitem',
            name='reviewer',
            field=models.CharField(blank=True, db_default='', default='', max_length=150),
        ),
        migrations.AlterField(
            model_name='debtevent',
            name='type',
            field=models.CharField(choices=[('recorded', 'Recorded'), ('described', 'Described'), ('activated', 'Activated'), ('extended', 'Extended'), ('repayment_started', 'Repayment started'), ('repaid', 'Repaid'), ('verified', 'Verified'), ('written_off', 'Written off'), ('rejected', 'Rejected'), ('rolled_back', 'Rolled back'), ('reopened', 'Reopened'), ('escalated', 'Escalated'), ('door_reviewed', 'Door reviewed'), ('annotation_changed', 'Annotation changed'), ('annotation_left', 'Annotation left'), ('annotation_returned', 'Annotation returned')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='debtevent',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['recorded', 'described', 'activated', 'extended', 'repayment_started', 'repaid', 'verified', 'written_off', 'rejected', 'rolled_back', 'reopened', 'escalated', 'door_reviewed', 'annotation_changed', 'annotation_left', 'annotation_returned'])), name='event_type_known'),
        ),
    ]

"""Finding the few debts that cannot be undone among all."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0012_statement_bindings'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='debtitem',
            index=models.Index(condition=models.Q(('reversibility', 'one_way')), fields=['recorded_at', 'id'], name='debt_one_way'),
        ),
    ]

"""What commit messages ask for, what of it could not be done, and debt that came that way."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("analysis", "0003_drop_redundant_indexes"),
        ("ledger", "0009_known_costs"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExtensionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("commit", models.CharField(max_length=64)),
                ("author", models.CharField(blank=True, max_length=200)),
                ("due_on", models.DateField()),
                ("reason", models.TextField()),
                ("requested_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["item", "requested_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TrailerNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("commit", models.CharField(max_length=64)),
                ("author", models.CharField(blank=True, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("Debt", "Debt"),
                            ("Debt-Paid", "Debt-paid"),
                            ("Debt-Extend", "Debt-extend"),
                        ],
                        max_length=11,
                    ),
                ),
                ("line", models.CharField(max_length=300)),
                ("reason", models.CharField(max_length=500)),
                ("found_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["repository", "-found_at", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="debtitem",
            name="debt_origin_known",
        ),
        migrations.AlterField(
            model_name="debtitem",
            name="origin",
            field=models.CharField(
                choices=[
                    ("annotation", "Annotation"),
                    ("manual", "Manual"),
                    ("import", "Import"),
                    ("trailer", "Trailer"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="debtitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["annotation", "manual", "import", "trailer"])),
                name="debt_origin_known",
            ),
        ),
        migrations.AddField(
            model_name="extensionrequest",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="extensionrequest",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="extension_requests",
                to="ledger.debtitem",
            ),
        ),
        migrations.AddField(
            model_name="trailernotice",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="analysis.repository",
            ),
        ),
        migrations.AddField(
            model_name="trailernotice",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="extensionrequest",
            constraint=models.UniqueConstraint(
                fields=("item", "commit", "due_on"), name="extension_requested_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="extensionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "accepted", "refused"])),
                name="extension_request_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="extensionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by__isnull", True), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="extension_request_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="trailernotice",
            constraint=models.UniqueConstraint(
                fields=("repository", "commit", "line"), name="trailer_noticed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="trailernotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["Debt", "Debt-Paid", "Debt-Extend"])),
                name="trailer_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="trailernotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_at__isnull", True), ("settled_by__isnull", False), _connector="OR"
                ),
                name="trailer_settled_by_somebody",
            ),
        ),
    ]

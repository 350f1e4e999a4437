"""Comments that might be debt."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("analysis", "0003_drop_redundant_indexes"),
        ("ledger", "0010_trailers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Candidate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("DEBT", "Debt"),
                            ("FIXME", "Fixme"),
                            ("HACK", "Hack"),
                            ("TODO", "Todo"),
                            ("XXX", "Xxx"),
                        ],
                        max_length=5,
                    ),
                ),
                ("path", models.TextField()),
                ("line", models.PositiveIntegerField()),
                ("text", models.CharField(max_length=300)),
                ("text_hash", models.CharField(max_length=64)),
                ("context_hash", models.CharField(max_length=64)),
                ("ordinal", models.PositiveIntegerField()),
                ("is_present", models.BooleanField(default=True)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("author", models.CharField(blank=True, max_length=200)),
                ("written_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("promoted", "Promoted"),
                            ("dismissed", "Dismissed"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ["repository", "path", "line", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CandidateFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.TextField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["repository", "path"],
            },
        ),
        migrations.AddField(
            model_name="registration",
            name="candidates_head",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="candidate",
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
            model_name="candidate",
            name="item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.debtitem",
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="analysis.repository",
            ),
        ),
        migrations.AddField(
            model_name="candidatefile",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="analysis.repository",
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["repository", "path"], name="candidate_by_path"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["repository", "text_hash"], name="candidate_by_text"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(
                fields=["state", "is_present", "repository"], name="candidate_by_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["DEBT", "FIXME", "HACK", "TODO", "XXX"])),
                name="candidate_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "promoted", "dismissed"])),
                name="candidate_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "open"),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="candidate_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "dismissed"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="candidate_dismissed_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "promoted"), _negated=True),
                    ("item__isnull", False),
                    _connector="OR",
                ),
                name="candidate_promoted_to_debt",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidatefile",
            constraint=models.UniqueConstraint(
                fields=("repository", "path"), name="candidate_file_once"
            ),
        ),
    ]

"""Indexes for the log: what is rare in it, and words inside its texts."""

from django.apps.registry import Apps
from django.db import DatabaseError, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

# UPPER, as a search that tells no upper from lower case compares.
WORDS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE INDEX alerts_delivery_words ON alerts_delivery
    USING gin (UPPER(search_text) gin_trgm_ops)
    """,
)


def create(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in WORDS:
                cursor.execute(statement)
    except DatabaseError:
        # The extension is not installed or not allowed: a search reads the whole table instead.
        return


def drop(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS alerts_delivery_words")


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_turns")]
    operations = [
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["state", "-id"], condition=~Q(state="sent"), name="alerts_delivery_unsent"
            ),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["kind", "-id"], condition=~Q(kind="digest"), name="alerts_delivery_rare"
            ),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="alerts_delivery_sent"
            ),
        ),
        migrations.RunPython(create, drop),
    ]

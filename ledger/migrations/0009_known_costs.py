"""Give every item its place in the code and the figure to go by, as the program does from now on."""

from hashlib import blake2b

from django.db import migrations
from django.db.models import F

BATCH = 2000


def fill(apps, schema_editor):
    items = apps.get_model("ledger", "DebtItem").objects.using(schema_editor.connection.alias)
    items.filter(interest_p50__isnull=False).update(
        known_p10=F("interest_p10"),
        known_p50=F("interest_p50"),
        known_p90=F("interest_p90"),
        known_cd3=F("cd3"),
        known_basis="expert",
    )
    batch = []
    for item in items.only("path", "repository_id", "key").iterator(chunk_size=BATCH):
        has_code = item.path and item.repository_id
        text = f"{item.repository_id}:{item.path.strip('/')}" if has_code else item.key.hex
        digest = blake2b(text.encode(), digest_size=8).digest()
        item.place = int.from_bytes(digest, "big", signed=True)
        batch.append(item)
        if len(batch) == BATCH:
            items.bulk_update(batch, ["place"], batch_size=500)
            batch = []
    items.bulk_update(batch, ["place"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_prices")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""Passwords and tokens leave the addresses of repositories for a sealed column."""

from django.db import migrations

import common.encryption
from analysis.domain.locations import parse_location, with_userinfo
from common.encryption import seal, unseal


def seal_credentials(apps, schema_editor):
    repositories = apps.get_model("analysis", "Repository").objects.using(schema_editor.connection.alias)
    for repository in repositories.filter(location__contains="@").order_by("pk"):
        place = parse_location(repository.location)
        if not place.userinfo:
            continue
        repository.credentials = seal(place.userinfo)
        repository.location = place.bare_url
        if repositories.filter(location=place.bare_url).exists():
            # The same place with another token: it stays a repository of its own.
            scheme, _, rest = place.bare_url.partition("://")
            repository.location = f"{scheme}://repository-{repository.pk}@{rest.rpartition('@')[2]}"
        repository.save(update_fields=["credentials", "location"])


def open_credentials(apps, schema_editor):
    repositories = apps.get_model("analysis", "Repository").objects.using(
        schema_editor.connection.alias
    )
    for repository in repositories.exclude(credentials="").order_by("pk"):
        repository.location = with_userinfo(repository.location, unseal(repository.credentials))
        repository.save(update_fields=["location"])


class Migration(migrations.Migration):
    dependencies = [("analysis", "0003_drop_redundant_indexes")]

    operations = [
        migrations.AddField(
            model_name="repository",
            name="credentials",
            field=common.encryption.SealedField(blank=True, db_default="", default=""),
        ),
        migrations.RunPython(seal_credentials, open_credentials),
    ]

"""Migrations have names that say what they do, and none is missing."""

import re

import pytest
from django.core.management import call_command

from tests.architecture.sources import APPS, ROOT

GOOD_NAME = re.compile(r"[0-9]{4}_[a-z][a-z0-9_]*")


def test_migrations_are_named() -> None:
    stems = [path.stem for app in APPS for path in (ROOT / app).glob("migrations/[0-9]*.py")]
    assert stems
    assert [stem for stem in stems if not GOOD_NAME.fullmatch(stem) or "_auto_" in stem] == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from ledger.adapters import append_only


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = "Debt, promises and their history"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(protect_history, sender=self)
        # The receivers need models, which exist only now.
        autodiscover_modules("receivers")


def protect_history(using: str, **_signal: Any) -> None:
    """Put the append-only triggers (back) after a migration or a flush."""
    append_only.install(connections[using])

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from orchestration.adapters import kept


class OrchestrationConfig(AppConfig):
    name = "orchestration"
    verbose_name = "Environments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(keep_what_happened, sender=self)
        # These need models, which exist only now. The last two are asked by the ledger.
        autodiscover_modules("receivers", "selectors.obligations", "web.panels")


def keep_what_happened(using: str, **_signal: Any) -> None:
    """Put the triggers (back) after a migration or a flush."""
    kept.install(connections[using])

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts and chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The receivers need models, which exist only now.
        autodiscover_modules("receivers")

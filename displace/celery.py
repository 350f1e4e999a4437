"""The Celery app: `celery -A displace.celery worker`, `celery -A displace.celery beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_ready

from common.wakeup import wake
from displace import secret_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "displace.settings")

app = Celery("displace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def _require_secrets(**kwargs: Any) -> None:
    secret_files.require()


@worker_ready.connect
def _sweep(**kwargs: Any) -> None:
    """Take up at once what a killed worker left behind; beat's next sweep may be far."""
    wake(app.tasks["analysis.sweep"])
    wake(app.tasks["alerts.deliveries_sweep"])
    wake(app.tasks["orchestration.sweep"])

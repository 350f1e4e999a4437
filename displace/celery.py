"""The Celery app: `celery -A displace.celery worker`, `celery -A displace.celery beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init

from displace import secret_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "displace.settings")

app = Celery("displace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def _require_secrets(**kwargs: Any) -> None:
    secret_files.require()
